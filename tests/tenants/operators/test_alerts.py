"""Operators are told of what is wrong once a day, and see it whenever they look."""

import base64
from datetime import timedelta

import pytest
import time_machine
from django.test import Client as Browser

from kit import clock
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tenants.certificates import health
from tenants.certificates.models import AcmeAccount
from tenants.domains.models import DomainState
from tenants.mail.models import Message
from tenants.operators import alerts
from tests.portal.addresses.claims import make_bundle, make_claim

S = DomainState


@pytest.fixture(autouse=True)
def _configured(settings: object) -> None:
    settings.ACME_DIRECTORY = "https://ca.example/directory"  # type: ignore[attr-defined]
    settings.CERTIFICATE_KEYS = ["k1:" + base64.b64encode(b"k" * 32).decode()]  # type: ignore[attr-defined]


def wrong(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    monkeypatch.setattr(health, "alerts", lambda: list(words))


def test_every_operator_is_written_to_once_a_day_for_each_thing(
    otto: Account, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong(monkeypatch, "3 certificates expire within a day.")
    with time_machine.travel("2026-11-21 10:00Z", tick=False) as time:
        assert alerts.tell() == 1
        time.shift(timedelta(minutes=1))
        wrong(monkeypatch, "4 certificates expire within a day.", "The authority has failed 7 times.")
        assert alerts.tell() == 1 and alerts.tell() == 0
        time.shift(timedelta(days=1))
        assert alerts.tell() == 2
    mails = Message.objects.order_by("created_at")
    assert {mail.address for mail in mails} == {otto.email}
    assert [mail.subject for mail in mails] == [
        "3 certificates expire within a day.", "The authority has failed 7 times.", "2 things need a look",
    ]  # fmt: skip
    assert "Known since earlier today" in mails[1].text and "4 certificates" in mails[1].text


def test_the_address_in_the_settings_gets_it_instead(
    otto: Account, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OPERATORS_ALERT_EMAIL = "night@portico.example"  # type: ignore[attr-defined]
    wrong(monkeypatch, "The authority has failed 7 times.")
    alerts.tell()
    assert [mail.address for mail in Message.objects.all()] == ["night@portico.example"]


def test_while_all_is_well_nobody_is_written_to(otto: Account, northwind: CurrentAgency) -> None:
    make_claim(northwind.id, "portal.northwind.com", S.ACTIVE)
    assert alerts.current() == [] and alerts.tell() == 0
    assert not Message.objects.exists()


def test_many_domains_that_change_at_once_point_at_our_own_dns(northwind: CurrentAgency) -> None:
    for number in range(4):
        make_claim(northwind.id, f"p{number}.northwind.com", S.DEGRADED)
    assert alerts.current() == []
    make_claim(northwind.id, "p5.northwind.com", S.DEGRADED)
    [words] = alerts.current()
    assert words.startswith("5 live domains stopped leading here") and "our own DNS" in words


def test_steps_that_nobody_takes_are_an_alert(northwind: CurrentAgency) -> None:
    make_claim(northwind.id, "portal.northwind.com", next_try_at=clock.now() - timedelta(hours=1))
    assert alerts.current() == ["1 domain waits for a worker: its next step was due long ago."]


def test_the_page_shows_authorities_budgets_and_what_ends(otto_browser: Browser) -> None:
    AcmeAccount.objects.create(
        directory="https://ca.example/directory", sealed_key=b"x", key_name="k1", failures_in_row=7,
        failed_at=clock.now(), problem="serverInternal", problem_detail="down for maintenance",
    )  # fmt: skip
    make_bundle("soon.northwind.com", days=0.5)
    page = otto_browser.get("/operators/certificates/").content.decode()
    for said in ("ca.example", "down for maintenance", "7 failures", "0 of 300 spent", "soon.", "Failing"):
        assert said in page, said
    assert "has failed 7 times" in page and "expire within a day" in page


def test_an_installation_without_authority_says_so(otto_browser: Browser, settings: object) -> None:
    settings.ACME_DIRECTORY = ""  # type: ignore[attr-defined]
    settings.CERTIFICATE_KEYS = []  # type: ignore[attr-defined]
    page = otto_browser.get("/operators/certificates/").content.decode()
    assert "has no certificate authority" in page and "Nothing needs a look" not in page
