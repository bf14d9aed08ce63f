"""Who is known here is nobody's business: same words, status and work for everybody; limits tell nothing either."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from kit import clock
from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside
from tenants.routing import hosts
from tests.cast import portal_browser
from tests.running_jobs import queued, run_jobs

PASSWORD = "a long enough secret"
VALUES = r"""s\d+_x\d+|'[^']*'|\b\d+\b|[{].*"""


@pytest.fixture
def four(northwind: CurrentAgency, maria: Client) -> list[str]:
    """A client, a stranger, a removed client, one whose access has ended."""
    with inside(northwind):
        removed = Client.objects.create(email="rita@client.example", name="Rita", removed_at=clock.now())
        ended = northwind.today() - timedelta(days=1)
        past = Client.objects.create(email="past@client.example", name="Past", access_until=ended)
        for client in (maria, removed, past):
            client.set_password(PASSWORD)
            client.save(update_fields=["password"])
    return [maria.email, "nobody@client.example", removed.email, past.email]


def _shape(browser: Browser, path: str, fields: dict[str, str]) -> tuple[Any, ...]:
    hosts.forget_all()  # so that each request finds its agency anew
    with CaptureQueriesContext(connection) as queries:
        answer = browser.post(path, fields)
    statements = [re.sub(VALUES, "?", query["sql"]) for query in queries]
    shown = (
        browser.get("/sign-in/sent/").content.decode()
        if answer.status_code == 302
        else answer.content.decode()
    )
    neutral = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", shown).replace(
        fields.get("email", "@@"), "E"
    )
    cookies = sorted(name for name in answer.cookies)
    return answer.status_code, answer.headers.get("Location"), cookies, neutral, statements


def test_asking_answers_all_alike(northwind: CurrentAgency, four: list[str]) -> None:
    shapes = [_shape(portal_browser(northwind), "/sign-in/", {"email": email}) for email in four]
    assert shapes[0][0] == 302 and len(shapes[0][4]) > 3
    assert shapes[1:] == [shapes[0]] * 3
    assert queued() == ["people.send_sign_in_link"] * 4
    run_jobs()
    assert [message.to for message in mail.outbox] == [[four[0]]]


def test_the_request_looks_nobody_up(northwind: CurrentAgency, four: list[str]) -> None:
    with CaptureQueriesContext(connection) as queries:
        portal_browser(northwind).post("/sign-in/", {"email": four[0]})
    assert not [q["sql"] for q in queries if "people_client" in q["sql"]]


def test_a_wrong_code_answers_all_alike(northwind: CurrentAgency, four: list[str]) -> None:
    shapes = []
    for email in four:
        browser = portal_browser(northwind)
        browser.post("/sign-in/", {"email": email})
        run_jobs()
        code = re.findall(r"^(\d{6})$", str(mail.outbox[0].body), re.MULTILINE)[0]
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        tries = []
        for _ in range(6):
            status, place, cookies, words, statements = _shape(browser, "/sign-in/sent/", {"code": wrong})
            tries.append(
                (status, place, cookies, str(words).replace(email, "E").replace(wrong, "C"), len(statements))
            )
        shapes.append(tries)
    assert shapes[0][0][0] == 422
    assert shapes[1:] == [shapes[0]] * 3


def test_a_wrong_password_answers_all_alike(
    northwind: CurrentAgency, four: list[str], tom: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def noted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", noted)
    shapes = []
    for email in (*four, tom.email):  # Tom has no password
        hashed.clear()
        right_if_known = PASSWORD if email != four[0] else "wrong " + PASSWORD
        shape = _shape(
            portal_browser(northwind), "/sign-in/password/", {"email": email, "password": right_if_known}
        )
        shapes.append((*shape, len(hashed)))
    assert shapes[0][0] == 422 and shapes[0][-1] == 1
    assert shapes[1:] == [shapes[0]] * 4


def test_the_21st_mail_waits_for_a_stranger_as_for_a_client(
    northwind: CurrentAgency, four: list[str]
) -> None:
    with time_machine.travel("2026-03-02 09:00Z", tick=False) as now:
        for email in four:
            answers = [portal_browser(northwind).post("/sign-in/", {"email": email}) for _ in range(21)]
            assert [a.status_code for a in answers] == [302] * 20 + [429]
            assert answers[-1]["Retry-After"] == "30"
            assert b"try again in 30 seconds" in answers[-1].content
            other_case = portal_browser(northwind).post("/sign-in/", {"email": f" {email.upper()}"})
            assert other_case.status_code == 429
        now.shift(61)
        assert portal_browser(northwind).post("/sign-in/", {"email": four[0]}).status_code == 302


def test_one_address_of_the_network_is_limited(northwind: CurrentAgency, harbour: CurrentAgency) -> None:
    with time_machine.travel("2026-03-02 09:00Z", tick=False):
        browser = portal_browser(northwind)
        statuses = [browser.post("/sign-in/", {"email": f"s{n}@x.example"}).status_code for n in range(102)]
        assert statuses == [302] * 100 + [429] * 2
        elsewhere = portal_browser(northwind).post(
            "/sign-in/", {"email": "s1@x.example"}, REMOTE_ADDR="192.0.2.7"
        )
        assert elsewhere.status_code == 302
        assert portal_browser(harbour).post("/sign-in/", {"email": "s@x.example"}).status_code == 302


def test_codes_are_limited_across_links(northwind: CurrentAgency, maria: Client) -> None:
    with time_machine.travel("2026-03-02 09:00Z", tick=False):
        browser = portal_browser(northwind)
        browser.post("/sign-in/", {"email": maria.email})
        statuses = [browser.post("/sign-in/sent/", {"code": "000000"}).status_code for _ in range(61)]
    assert statuses == [422] * 60 + [429]


def test_passwords_are_limited(northwind: CurrentAgency, maria: Client) -> None:
    with time_machine.travel("2026-03-02 09:00Z", tick=False):
        fields = {"email": maria.email, "password": "x"}
        browser = portal_browser(northwind)
        statuses = [browser.post("/sign-in/password/", fields).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_a_form_that_is_too_old_is_told_kindly(northwind: CurrentAgency) -> None:
    browser = Browser(headers={"host": northwind.host}, enforce_csrf_checks=True)
    answer = browser.post("/sign-in/", {"email": "maria@client.example"})
    assert answer.status_code == 403
    assert b"open for too long" in answer.content and b"Northwind Studio" in answer.content
