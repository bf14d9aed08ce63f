"""A body that is too large is refused before it is read."""

import io
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

from portal.people.models import Client
from portal.uploads.receiving import BodyLimitMiddleware
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tenants.routing.resolve import Console
from tests.cast import console_browser, portal_browser

FORM = "multipart/form-data; boundary=x"


class Unread(io.BytesIO):
    """A body that must not be touched."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def send(browser: object, path: str, announced: int) -> int:
    response = browser.generic(  # type: ignore[attr-defined]
        "POST", path, b"", FORM, CONTENT_LENGTH=str(announced), **{"wsgi.input": Unread()}
    )
    return int(response.status_code)


def test_more_than_the_largest_file_is_413_for_everyone(
    northwind: CurrentAgency, maria: Client, alice: Account, settings: object
) -> None:
    settings.UPLOAD_LIMIT_BYTES = 5 * 1024**2  # type: ignore[attr-defined]
    too_much = 6 * 1024**2 + 1
    assert send(portal_browser(northwind, maria), "/", too_much) == 413
    assert send(console_browser(alice), "/northwind/", too_much) == 413
    request: Any = RequestFactory().post("/api/v1/x/", b"", FORM, CONTENT_LENGTH=str(too_much))
    request.place, request.client, request.staff = Console(), None, None
    answer = BodyLimitMiddleware(lambda _: HttpResponse())(request)
    assert answer.status_code == 413 and b'"errors"' in answer.content
    assert send(console_browser(), "/api/v1/", too_much) == 401  # without a key nobody comes so far


def test_who_is_not_signed_in_may_not_fill_our_disk(northwind: CurrentAgency) -> None:
    too_much = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
    assert send(portal_browser(northwind), "/sign-in/", too_much) == 413
    assert send(console_browser(), "/accounts/login/", too_much) == 413


def test_a_signed_in_client_may_send_a_file(northwind: CurrentAgency, maria: Client) -> None:
    request: Any = RequestFactory().post("/", b"", FORM, CONTENT_LENGTH=str(100 * 1024**2))
    request.place, request.client, request.staff = None, maria, None
    assert BodyLimitMiddleware(lambda _: HttpResponse("in"))(request).content == b"in"


@pytest.mark.parametrize("announced", ["", "many", "-5"])
def test_a_length_that_is_no_number_is_an_empty_body(northwind: CurrentAgency, announced: str) -> None:
    response = portal_browser(northwind).generic("POST", "/nowhere/", b"", FORM, CONTENT_LENGTH=announced)
    assert response.status_code in (302, 403, 404)


def test_the_refusal_says_what_to_do(northwind: CurrentAgency) -> None:
    response = portal_browser(northwind).generic("POST", "/", b"", FORM, CONTENT_LENGTH=str(10**12))
    assert response.status_code == 413 and "choose a smaller one" in response.content.decode()
    assert "Portico" not in response.content.decode()
