"""AWS Signature Version 4 as S3 checks it: in a header, in a link, and over a browser form's policy.

Stand-ins that accept any signature let a wrong one reach production unnoticed; this refuses what S3 refuses.
Source: AWS, "Authenticating Requests (AWS Signature Version 4)" in the S3 API reference.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
LONGEST_LINK = timedelta(days=7)
CLOCK_SKEW = timedelta(minutes=15)
HEADER = re.compile(
    rf"{ALGORITHM} Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{{64}})"
)


class Refused(Exception):
    """A request S3 would answer with an error; `code` is S3's own."""

    def __init__(self, code: str, status: int = 403, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code
        self.status = status


@dataclass(frozen=True)
class Keys:
    """The one pair of keys that the server knows."""

    access: str
    secret: str

    def sign(self, scope: Scope, text: str) -> str:
        """The signature of a text under a scope's derived key."""
        key = f"AWS4{self.secret}".encode()
        for word in (scope.date, scope.region, "s3", "aws4_request"):
            key = hmac.new(key, word.encode(), hashlib.sha256).digest()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Scope:
    """What a signature is good for: one day, one region."""

    date: str
    region: str

    @classmethod
    def of(cls, credential: str, keys: Keys) -> Scope:
        """Reads ACCESSKEY/DATE/REGION/s3/aws4_request. Raises Refused for another key or another form."""
        words = credential.split("/")
        if len(words) != 5 or words[3:] != ["s3", "aws4_request"]:
            raise Refused("AuthorizationHeaderMalformed", 400)
        if not hmac.compare_digest(words[0], keys.access):
            raise Refused("InvalidAccessKeyId")
        return cls(words[1], words[2])

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/s3/aws4_request"


def check_request(method: str, target: str, headers: Mapping[str, str], keys: Keys, now: datetime) -> str:
    """Raises Refused unless the request is signed; returns the x-amz-content-sha256 its body must have.

    `target` is the path and query exactly as sent; header names are in lower case.
    """
    parts = urlsplit(target)
    query = parse_qsl(parts.query, keep_blank_values=True)
    given = dict(query)
    if "X-Amz-Signature" in given:
        credential, names, signature = (
            given.get(f"X-Amz-{name}", "") for name in ("Credential", "SignedHeaders", "Signature")
        )
        stamp, payload = given.get("X-Amz-Date", ""), UNSIGNED
        _check_lifetime(stamp, given.get("X-Amz-Expires", ""), now)
        query = [(name, value) for name, value in query if name != "X-Amz-Signature"]
    elif found := HEADER.fullmatch(headers.get("authorization", "")):
        credential, names, signature = found.groups()
        stamp, payload = headers.get("x-amz-date", ""), headers.get("x-amz-content-sha256", "")
        if not payload:
            raise Refused("MissingSecurityHeader", 400)
        if abs(now - _moment(stamp)) > CLOCK_SKEW:
            raise Refused("RequestTimeTooSkewed")
    else:
        raise Refused("AccessDenied")
    scope = Scope.of(credential, keys)
    if scope.date != stamp[:8]:
        raise Refused("SignatureDoesNotMatch")
    _check_signed_headers(names.split(";"), headers)
    canonical = _canonical(method, parts.path, query, names, headers, payload)
    text = "\n".join([ALGORITHM, stamp, str(scope), hashlib.sha256(canonical.encode()).hexdigest()])
    if not hmac.compare_digest(keys.sign(scope, text), signature):
        raise Refused("SignatureDoesNotMatch")
    return payload


@dataclass(frozen=True)
class Policy:
    """What a signed browser form allows."""

    smallest: int
    largest: int | None


def check_form(bucket: str, fields: Mapping[str, str], keys: Keys, now: datetime) -> Policy:
    """Raises Refused unless the form's policy is signed, in time, and met by all fields (lower case)."""
    scope = Scope.of(fields.get("x-amz-credential", ""), keys)
    if not hmac.compare_digest(keys.sign(scope, fields.get("policy", "")), fields.get("x-amz-signature", "")):
        raise Refused("SignatureDoesNotMatch")
    try:
        policy: dict[str, Any] = json.loads(base64.b64decode(fields["policy"], validate=True))
        until = datetime.fromisoformat(policy["expiration"])
        conditions = [_condition(condition) for condition in policy["conditions"]]
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise Refused("InvalidPolicyDocument", 400) from error
    if now > until:
        raise Refused("AccessDenied", message="Policy expired")
    values = {**fields, "bucket": bucket}
    smallest, largest = 0, None
    for how, name, value in conditions:
        if how == "content-length-range":
            smallest, largest = int(name), int(value)
        elif how not in ("eq", "starts-with") or not _met(how, values.get(name, ""), value):
            raise Refused("AccessDenied", message=f"Policy condition failed: {name}")
    # A field that no condition speaks of would be the visitor's own addition.
    spoken_of = {name for _, name, _ in conditions} | {"policy", "x-amz-signature", "file"}
    if extra := [name for name in fields if name not in spoken_of and not name.startswith("x-ignore-")]:
        raise Refused("AccessDenied", message=f"Extra input fields: {', '.join(extra)}")
    return Policy(smallest, largest)


def _condition(condition: Any) -> tuple[str, str, str]:
    if isinstance(condition, dict):
        ((name, value),) = condition.items()
        return "eq", str(name).lower(), str(value)
    how, name, value = condition
    return str(how).lower(), str(name).lower().removeprefix("$"), str(value)


def _met(how: str, given: str, wanted: str) -> bool:
    return given == wanted if how == "eq" else given.startswith(wanted)


def _check_lifetime(stamp: str, seconds: str, now: datetime) -> None:
    if not seconds.isdecimal() or not timedelta(0) < timedelta(seconds=int(seconds)) <= LONGEST_LINK:
        raise Refused("AuthorizationQueryParametersError", 400)
    made = _moment(stamp)
    if now > made + timedelta(seconds=int(seconds)) or now < made - CLOCK_SKEW:
        raise Refused("AccessDenied", message="Request has expired")


def _moment(stamp: str) -> datetime:
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise Refused("AccessDenied", message="No date") from error


def _check_signed_headers(names: list[str], headers: Mapping[str, str]) -> None:
    unsigned = [name for name in headers if name.startswith("x-amz-") and name not in names]
    if "host" not in names or unsigned:
        raise Refused("AccessDenied", message=f"There were headers present which were not signed: {unsigned}")


def _canonical(
    method: str, path: str, query: list[tuple[str, str]], names: str, headers: Mapping[str, str], payload: str
) -> str:
    pairs = sorted((_quoted(name), _quoted(value)) for name, value in query)
    lines = [f"{name}:{' '.join((headers.get(name) or '').split())}\n" for name in names.split(";")]
    encoded = quote(unquote(path), safe="/-_.~")
    return "\n".join(
        [
            method,
            encoded,
            "&".join(f"{name}={value}" for name, value in pairs),
            "".join(lines),
            names,
            payload,
        ]
    )


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")
