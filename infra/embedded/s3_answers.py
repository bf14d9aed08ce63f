"""The XML that S3 answers with and asks with, and the ranges it understands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from infra.embedded.s3_store import Stored
from infra.embedded.sigv4 import Refused

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def error(refusal: Refused) -> bytes:
    """The body of a refusal."""
    return _xml(_with("Error", Code=refusal.code, Message=str(refusal)))


def copied(stored: Stored) -> bytes:
    """The answer to a copy."""
    return _xml(_with("CopyObjectResult", ETag=f'"{stored.etag}"', LastModified=_moment(stored)))


def removed(keys: list[str]) -> bytes:
    """The answer to the removal of several objects."""
    root = Element("DeleteResult")
    for key in keys:
        root.append(_with("Deleted", Key=key))
    return _xml(root)


def upload_begun(bucket: str, key: str, identifier: str) -> bytes:
    """The answer to the beginning of an upload in parts."""
    return _xml(_with("InitiateMultipartUploadResult", Bucket=bucket, Key=key, UploadId=identifier))


def upload_finished(bucket: str, stored: Stored) -> bytes:
    """The answer to the end of an upload in parts."""
    return _xml(
        _with("CompleteMultipartUploadResult", Bucket=bucket, Key=stored.key, ETag=f'"{stored.etag}"')
    )


def parts_there(bucket: str, key: str, parts: list[tuple[int, str, int]]) -> bytes:
    """The parts of an upload that is not finished, all on one page."""
    root = _with("ListPartsResult", Bucket=bucket, Key=key, IsTruncated="false")
    for number, etag, size in parts:
        root.append(_with("Part", PartNumber=str(number), ETag=f'"{etag}"', Size=str(size)))
    return _xml(root)


def named_parts(body: bytes) -> list[tuple[int, str]]:
    """Number and ETag of each part that an upload is to be made of."""
    try:
        root = ElementTree.fromstring(body)
        parts = []
        for part in root:
            words = {child.tag.rpartition("}")[2]: child.text or "" for child in part}
            parts.append((int(words["PartNumber"]), words["ETag"].strip('"')))
    except (ElementTree.ParseError, KeyError, ValueError) as bad:
        raise Refused("MalformedXML", 400) from bad
    return parts


def listing(bucket: str, objects: list[Stored], asked: Mapping[str, str]) -> bytes:
    """One page of a bucket: prefix, delimiter, max-keys, start-after and continuation-token as asked."""
    prefix, delimiter = asked.get("prefix", ""), asked.get("delimiter", "")
    after = asked.get("continuation-token") or asked.get("start-after", "")
    most = int(asked.get("max-keys", "1000"))
    rows: dict[str, Stored | None] = {}
    for stored in objects:
        if not stored.key.startswith(prefix):
            continue
        folder, found, _ = stored.key[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
        name = prefix + folder + delimiter if found else stored.key
        if name > after:
            rows.setdefault(name, None if found else stored)
    page = list(rows.items())[:most]
    more = len(rows) > len(page)
    root = _with(
        "ListBucketResult", Name=bucket, Prefix=prefix, KeyCount=str(len(page)), IsTruncated=str(more).lower()
    )
    if more and page:
        SubElement(root, "NextContinuationToken").text = page[-1][0]
    for name, row in page:
        root.append(_with("CommonPrefixes", Prefix=name) if row is None else _row(row))
    return _xml(root)


def wanted_range(header: str, size: int) -> tuple[int, int]:
    """First and last byte to send; all of them when there is no range. Raises Refused for one outside."""
    found = RANGE.fullmatch(header)
    if not found or not (found[1] or found[2]):
        return 0, size - 1
    first = int(found[1]) if found[1] else max(0, size - int(found[2]))
    last = min(int(found[2]), size - 1) if found[1] and found[2] else size - 1
    if first > last:
        raise Refused("InvalidRange", 416)
    return first, last


def _row(stored: Stored) -> Element:
    return _with(
        "Contents",
        Key=stored.key,
        Size=str(stored.size),
        ETag=f'"{stored.etag}"',
        LastModified=_moment(stored),
    )


def _moment(stored: Stored) -> str:
    return f"{datetime.fromtimestamp(stored.modified, UTC):%Y-%m-%dT%H:%M:%S.000Z}"


def _with(name: str, **children: str) -> Element:
    root = Element(name)
    for child, text in children.items():
        SubElement(root, child).text = text
    return root


def _xml(root: Element) -> bytes:
    written: bytes = ElementTree.tostring(root, encoding="utf-8")
    return DECLARATION + written
