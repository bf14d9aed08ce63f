"""What a certificate authority answers, taken with a grain of salt."""

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

import requests

from kit import clock

PREFIX = "urn:ietf:params:acme:error:"
LONGEST_DETAIL = 1000
LONGEST_CODE = 60


class Problem(Exception):
    """The CA said no, or nothing at all.

    `code` is the ACME error type without its prefix (RFC 8555 §6.7); ours are "timeout", "unreachable" and
    "nonsense", and "http…" for a status without a type. `status` is that of HTTP, 0 without an answer.
    `retry_after` is in seconds, None when the CA did not say.
    """

    def __init__(self, code: str, detail: str, *, status: int = 0, retry_after: float | None = None) -> None:
        self.code, self.detail = code[:LONGEST_CODE], plain(detail)
        self.status, self.retry_after = status, retry_after
        super().__init__(f"{self.code}: {self.detail}")


class Answer:
    """One answer of a CA whose directory is at `base`."""

    def __init__(self, response: requests.Response, base: str) -> None:
        self.status, self.headers, self.base = response.status_code, response.headers, base
        self.content: bytes = response.content
        self._response = response

    @property
    def json(self) -> Mapping[str, Any]:
        """Its object; raises Problem when it is none."""
        try:
            said = self._response.json()
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise Problem("nonsense", "its answer is no JSON object", status=self.status)
        return said

    @property
    def location(self) -> str:
        """Where what was made is; raises Problem when it does not say."""
        if not (place := self.headers.get("Location", "")):
            raise Problem("nonsense", "its answer says no Location", status=self.status)
        return urljoin(self.base, place)

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait before asking again; None when it does not say."""
        return seconds_of(self.headers.get("Retry-After", ""))

    @property
    def next_page(self) -> str:
        """The next part of a list (RFC 8555 §7.1.2.1); "" at its end."""
        links = requests.utils.parse_header_links(self.headers.get("Link", ""))
        return next(
            (urljoin(self.base, link["url"]) for link in links if link.get("rel") == "next"),
            "",
        )


def problem_of(response: requests.Response) -> Problem:
    """What a refusal says (RFC 7807)."""
    try:
        said = response.json()
    except ValueError:
        said = None
    retry_after = seconds_of(response.headers.get("Retry-After", ""))
    problem = problem_in(said if isinstance(said, dict) else {}, response.status_code)
    problem.retry_after = retry_after
    return problem


def problem_in(said: Mapping[str, Any], status: int = 0) -> Problem:
    """A problem document that is a part of another answer, such as a challenge's `error`."""
    kind, detail = str(said.get("type") or ""), str(said.get("detail") or said.get("title") or "")
    parts = [part for part in said.get("subproblems") or () if isinstance(part, dict)]
    # We order one name at a time: of a compound, its first part is the one that concerns it.
    if kind.endswith(":compound") and parts:
        kind = str(parts[0].get("type") or "")
    details = [detail, *(str(part.get("detail") or "") for part in parts)]
    code = kind.removeprefix(PREFIX) if kind.startswith(PREFIX) else f"http{status}" if status else "unknown"
    return Problem(code, "; ".join(dict.fromkeys(filter(None, details))), status=status)


def seconds_of(retry_after: str) -> float | None:
    """The header's seconds from now, whether it counts them or names a date (RFC 9110 §10.2.3)."""
    text = retry_after.strip()
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max((when - clock.now()).total_seconds(), 0.0)


def plain(text: str) -> str:
    """A stranger's words as they may stand in a page, a mail and a log: one line, not endless."""
    return re.sub(r"[\x00-\x20\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+", " ", text).strip()[
        :LONGEST_DETAIL
    ]
