"""The CA's question is answered on any host, by plain http, and to nobody else's use."""

import pytest
from django.test import Client
from pytest_django import Settings

from tenants.agencies.current import CurrentAgency, connection
from tenants.certificates.models import Challenge

TOKEN = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"
PATH = f"/.well-known/acme-challenge/{TOKEN}"


@pytest.fixture
def challenge(db: None) -> Challenge:
    return Challenge.objects.create(
        token=TOKEN, host="portal.northwind.example", key_authorization=f"{TOKEN}.x"
    )


@pytest.mark.parametrize(
    "host", ["portal.northwind.example", "anything.else.example", "app.localhost", "127.0.0.1"]
)
def test_on_any_host(host: str, challenge: Challenge) -> None:
    answer = Client().get(PATH, headers={"host": host})
    assert (answer.status_code, answer.content) == (200, f"{TOKEN}.x".encode())
    assert answer["Cache-Control"] == "no-store" and not answer.cookies


def test_before_the_way_to_https(challenge: Challenge, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/", headers={"host": "localhost"}).status_code == 301
    assert Client().get(PATH, headers={"host": "portal.northwind.example"}).status_code == 200


def test_also_in_a_thread_that_was_left_in_an_agency(challenge: Challenge, northwind: CurrentAgency) -> None:
    connection.set_tenant(northwind, include_public=False)
    assert Client().get(PATH).status_code == 200


@pytest.mark.parametrize(
    "token",
    ["", "x", "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX1", "../../etc/passwd", "%00" * 20, "a" * 5000],
)
def test_what_is_not_known_is_not_found(token: str, challenge: Challenge) -> None:
    answer = Client().get(f"/.well-known/acme-challenge/{token}", headers={"host": "x.example"})
    assert (answer.status_code, answer.content) == (404, b"")


def test_it_cannot_be_written_to(challenge: Challenge) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(PATH).status_code == 405 and client.delete(PATH).status_code == 405
    assert client.head(PATH).status_code == 200
