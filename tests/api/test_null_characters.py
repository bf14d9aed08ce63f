"""The character U+0000, which Postgres keeps in no text, is refused wherever a program may send it."""

import json
from typing import Any

import pytest
from django.test import Client as Browser

from portal.people.models import Client
from portal.records.models import Note, Tag
from tenants.agencies.current import CurrentAgency, inside
from tests.api.conftest import Call, key_for

CLIENT = "{client}"


@pytest.mark.parametrize(
    ("method", "path", "payload"),
    [
        ("POST", f"clients/{CLIENT}/notes/", {"text": "a\x00b"}),
        ("POST", f"clients/{CLIENT}/tags/", {"name": "a\x00b"}),
        ("DELETE", f"clients/{CLIENT}/tags/a%00b/", None),
        ("PUT", f"clients/{CLIENT}/fields/", {"fields": {"1": "\x00"}}),
        ("POST", "clients/", {"email": "a\x00@x.example", "name": "\x00"}),
        ("POST", "companies/", {"name": "a\x00b"}),
        ("GET", "clients/?email=a%00b", None),
        ("GET", "files/?q=a%00b", None),
        ("GET", "feedback/?q=a%00b", None),
    ],
)
def test_it_is_refused_with_words(
    method: str, path: str, payload: Any, call: Call, northwind: CurrentAgency, tom: Client
) -> None:
    answer = call(method, path.replace(CLIENT, str(tom.pk)), payload)
    assert answer.status_code == 422
    field = next(iter(payload), "") if payload else ""
    assert "U+0000" in answer.json()["errors"][field][0]
    with inside(northwind):
        assert not Note.objects.exists() and not Tag.objects.exists()


def test_a_backslash_before_u0000_is_only_letters(call: Call, northwind: CurrentAgency, tom: Client) -> None:
    answer = call("POST", f"clients/{tom.pk}/notes/", {"text": "Write \\u0000 in Java"})
    assert answer.status_code == 201 and answer.json()["text"] == "Write \\u0000 in Java"


def test_an_odd_backslash_hides_nothing(northwind: CurrentAgency, tom: Client) -> None:
    browser = Browser(headers={"host": "app.localhost", "authorization": f"Bearer {key_for(northwind)}"})
    body = json.dumps({"text": "\\\x00"})
    answer = browser.post(f"/api/v1/clients/{tom.pk}/notes/", body, content_type="application/json")
    assert answer.status_code == 422
