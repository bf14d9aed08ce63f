"""Mails › Sending: who may, what is refused, what the next mail says."""

import base64
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from portal.mail.operations import queue_mail
from portal.people.models import Client, Staff
from portal.sender.models import SenderDomain, SenderSettings
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser, portal_browser
from tests.portal.delivery.mail_server import Post, post_office
from tests.portal.sender.sending_domain import ZONE, Names, name_servers
from tests.running_jobs import run_jobs

AT = "/northwind/mails/sending/"
WORDS = {"client_name": "Maria", "days": 7, "last_day": "1 May", "button_url": "https://x.example/"}


def words(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    with post_office(settings) as running:
        yield running


@pytest.fixture
def names(settings: Any) -> Iterator[Names]:
    settings.CERTIFICATE_KEYS = ["k1:" + base64.b64encode(b"0" * 32).decode()]
    settings.SIGNS_MAILS = True
    with name_servers(settings) as running:
        yield running


def test_the_next_mail_carries_name_and_address(
    northwind: CurrentAgency, alice: Account, maria: Client, post: Post
) -> None:
    browser = console_browser(alice)
    sent = {"name": "Ana, from Nórthwind", "reply_to": "ana@northwind.example"}
    assert browser.post(AT, sent)["Location"] == AT
    with inside(northwind):
        queue_mail("people.access_ends", maria, words=WORDS)
    run_jobs()
    mail = message_from_bytes(post.taken[0].original_content or b"", policy=default)
    (sender,) = mail["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Ana, from Nórthwind", "no-reply@localhost")
    assert str(mail["Reply-To"]) == "ana@northwind.example"
    assert "ana@northwind.example" in words(browser.get(AT))
    browser.post(AT, {"name": "", "reply_to": ""})
    assert "Northwind Studio" in words(browser.get(AT))


@pytest.mark.parametrize(
    ("name", "reply_to"),
    [
        ("Ana\r\nBcc: everybody@example.com", ""),
        ("Ana\x00", ""),
        ("Ana\u2028Bcc: x@example.com", ""),
        ("ceo@bank.example", ""),
        ('"<ceo@bank.example>"', ""),
        ("x" * 81, ""),
        ("Ana", "nonsense"),
        ("Ana", "a@b.example\r\nBcc: x@example.com"),
        ("Ana", "a@b.example, c@d.example"),
    ],
)
def test_what_would_make_a_header_of_its_own_is_refused(
    northwind: CurrentAgency, alice: Account, name: str, reply_to: str
) -> None:
    assert console_browser(alice).post(AT, {"name": name, "reply_to": reply_to}).status_code == 422
    with inside(northwind):
        assert not SenderSettings.objects.exists()


def test_a_domain_is_named_verified_and_removed(
    northwind: CurrentAgency, alice: Account, names: Names
) -> None:
    browser = console_browser(alice)
    browser.post(f"{AT}domain/", {"local_part": "Hello", "domain": f"https://mail.{ZONE}/"})
    with inside(northwind):
        domain = SenderDomain.objects.get()
        assert str(domain) == f"hello@mail.{ZONE}"
    page = words(browser.get(AT))
    assert domain.public_key in page and f"bounce.mail.{ZONE}" in page and "PRIVATE" not in page
    assert "Not all records are there yet" in words(browser.post(f"{AT}domain/look/", follow=True))
    names.publish_all(domain)
    assert "Mails go out from" in words(browser.post(f"{AT}domain/look/", follow=True))
    second = browser.post(f"{AT}domain/", {"local_part": "a", "domain": "b.agency.test"}, follow=True)
    assert "already have a sending domain" in words(second)
    browser.post(f"{AT}domain/removal/")
    with inside(northwind):
        assert not SenderDomain.objects.exists()


@pytest.mark.parametrize(
    ("local_part", "domain"),
    [
        ("hello", "localhost"), ("hello", "127.0.0.1"), ("hello", "co.uk"), ("hello", "x..y"), ("hello", ""),
        ("hello", "in.localhost"), ("a b", f"mail.{ZONE}"), ("a@b", f"mail.{ZONE}"), ("a\r\nb", f"mail.{ZONE}"),
        ("hello", f"mail.{ZONE}\r\nX: y"),
    ],
)  # fmt: skip
def test_nobody_can_send_from_such_a_domain(
    northwind: CurrentAgency, alice: Account, names: Names, local_part: str, domain: str
) -> None:
    answer = console_browser(alice).post(f"{AT}domain/", {"local_part": local_part, "domain": domain})
    assert answer.status_code == 422, domain
    with inside(northwind):
        assert not SenderDomain.objects.exists()


def test_it_comes_with_growth(harbour: CurrentAgency, hugo: Account, names: Names) -> None:
    browser = console_browser(hugo)
    assert "From Growth on" in words(browser.get("/harbour/mails/sending/"))
    browser.post("/harbour/mails/sending/domain/", {"local_part": "hello", "domain": f"mail.{ZONE}"})
    with inside(harbour):
        assert not SenderDomain.objects.exists()


def test_without_keys_to_seal_it_is_not_offered(
    northwind: CurrentAgency, alice: Account, settings: Any
) -> None:
    settings.CERTIFICATE_KEYS = []
    browser = console_browser(alice)
    assert "cannot sign mails yet" in words(browser.get(AT))
    browser.post(f"{AT}domain/", {"local_part": "hello", "domain": f"mail.{ZONE}"})
    with inside(northwind):
        assert not SenderDomain.objects.exists()


def test_owners_and_admins_only(
    northwind: CurrentAgency, alice: Account, hugo: Account, maria: Client, names: Names
) -> None:
    with inside(northwind):
        Staff.objects.filter(account_id=alice.pk).update(role=Staff.Role.MEMBER)
    member = console_browser(alice)
    asked = {"local_part": "hello", "domain": f"mail.{ZONE}", "name": "Ana", "reply_to": ""}
    for path in (AT, f"{AT}domain/", f"{AT}domain/look/", f"{AT}domain/removal/"):
        assert member.post(path, asked).status_code == 403, path
        assert console_browser(hugo).post(path, asked).status_code == 404, path
        assert portal_browser(northwind, maria).post(path, asked).status_code in (403, 404), path
    assert member.get(AT).status_code == 403
    assert "Sending" not in words(member.get("/northwind/mails/")).partition("tabs")[2].partition("</nav>")[0]
    with inside(northwind):
        assert not SenderDomain.objects.exists() and not SenderSettings.objects.exists()
