"""The visitor's address, from the connection or from our own proxy, never from the visitor."""

from typing import cast

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from config.middleware import ClientAddressMiddleware
from portal.http import Request


def seen(noted: str, *, behind_proxy: bool, settings: object) -> str:
    settings.BEHIND_PROXY = behind_proxy  # type: ignore[attr-defined]
    found: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        found.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    headers = {"x-forwarded-for": noted} if noted else {}
    asked = RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.9")
    ClientAddressMiddleware(view)(cast(Request, asked))
    return found[0]


@pytest.mark.parametrize(
    ("noted", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("", "10.0.0.9"),
        ("nonsense", "10.0.0.9"),
        ("203.0.113.7, ", "10.0.0.9"),
    ],
)
def test_behind_our_proxy_its_last_note_counts(noted: str, address: str, settings: object) -> None:
    assert seen(noted, behind_proxy=True, settings=settings) == address


def test_without_a_proxy_the_header_is_not_believed(settings: object) -> None:
    assert seen("6.6.6.6", behind_proxy=False, settings=settings) == "10.0.0.9"
