"""The console's pages of mails: who may open them, what they change, and that the preview can do nothing."""

import re

import pytest
from django.core import mail
from django.test import Client as Browser

from portal import registry
from portal.mail.defaults import default_words
from portal.mail.models import Gathering, Message, Wording
from portal.mail.operations import queue_mail
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser
from tests.running_jobs import run_jobs

LIST, EDIT = "/northwind/mail-words/", "/northwind/mail-words/invoices.issued/en/"
ISSUED = registry.emails()["invoices.issued"]
WORDS = default_words(ISSUED)


@pytest.fixture
def browser(northwind: CurrentAgency, alice: Account) -> Browser:
    return console_browser(alice)


def filled(**words: str) -> dict[str, str]:
    return {**WORDS.__dict__, "seen": "0", **words}


def test_the_list_shows_every_mail_and_who_gets_it(browser: Browser) -> None:
    page = browser.get(LIST).content.decode()
    for email in registry.emails().values():
        assert (f"/mail-words/{email.key}/en/" in page) == (email.key != "mail.test"), email.key
    assert "Everybody who may see the invoice, when it is sent." in page


def test_a_member_and_strangers_see_none_of_it(
    northwind: CurrentAgency, browser: Browser, hugo: Account, alice_staff: Staff
) -> None:
    paths = [LIST, EDIT, EDIT + "preview/", EDIT + "reset/", EDIT + "versions/0/"]
    for path in paths:
        assert console_browser(hugo).get(path).status_code == 404
        assert console_browser().get(path).status_code == 302
    with inside(northwind):
        Staff.objects.filter(pk=alice_staff.pk).update(role=Staff.Role.MEMBER)
    for path in paths:
        assert browser.get(path).status_code == 403
        assert browser.post(path, filled(subject="Mine")).status_code == 403
    with inside(northwind):
        assert not Wording.objects.exists()


def test_what_is_saved_is_what_the_next_mail_says(
    northwind: CurrentAgency, browser: Browser, maria: Client
) -> None:
    assert browser.get(EDIT).status_code == 200
    assert browser.post(EDIT, filled(subject="Please pay {{ number }}")).status_code == 302
    page = browser.get(EDIT).content.decode()
    assert (
        "Please pay {{ number }}" in page
        and "Your words" in page
        and "Your words" in browser.get(LIST).content.decode()
    )
    assert browser.post(EDIT + "reset/").status_code == 302
    assert "As it came" in browser.get(EDIT).content.decode()
    with inside(northwind):
        kept = Wording.objects.order_by("pk").first()
    assert kept and browser.post(f"{EDIT}versions/{kept.pk}/").status_code == 302
    assert "Please pay {{ number }}" in browser.get(EDIT).content.decode()
    assert browser.post(f"{EDIT}versions/987654/").status_code == 404


def test_unsaved_words_come_back_with_what_is_wrong(northwind: CurrentAgency, browser: Browser) -> None:
    response = browser.post(EDIT, filled(body="Dear {{ frist_name }} [Pay]({{ button_url }})"))
    assert response.status_code == 422
    page = response.content.decode()
    assert "Did you mean first_name?" in page and "Dear {{ frist_name }}" in page
    assert browser.post(EDIT, filled(body="")).status_code == 422
    assert browser.post(EDIT, {}).status_code == 422
    assert browser.post(EDIT, filled(seen="-1")).status_code == 422
    assert browser.post(EDIT, filled(subject="Else", seen="77")).status_code == 422
    with inside(northwind):
        assert not Wording.objects.exists()


def test_unknown_mails_and_languages_are_not_there(browser: Browser) -> None:
    for key, code in (("invoices.nothing", "en"), ("invoices.issued", "xx"), ("mail.test", "en")):
        assert browser.get(f"/northwind/mail-words/{key}/{code}/").status_code == 404


def test_a_clients_language_has_words_of_its_own(
    northwind: CurrentAgency, browser: Browser, maria: Client
) -> None:
    assert browser.get(EDIT.replace("/en/", "/de/")).status_code == 404
    with inside(northwind):
        Client.objects.filter(pk=maria.pk).update(language="de")
    page = browser.get(EDIT.replace("/en/", "/de/")).content.decode()
    assert "Deutsch" in page and "For clients who chose Deutsch" in page


def test_the_preview_is_filled_in_and_can_do_nothing(
    northwind: CurrentAgency, browser: Browser, maria: Client
) -> None:
    with inside(northwind):
        sent = queue_mail(
            "invoices.issued",
            maria,
            words={"number": "2026-0099", "title": "<script>x</script>", "amount": "€5.00"},
        )
    page = browser.get(EDIT).content.decode()
    assert f'value="message-{sent.pk}" selected' in page and 'sandbox="allow-same-origin"' in page
    response = browser.post(EDIT + "preview/", filled(subject="x", **{"with": f"message-{sent.pk}"}))
    shown, policy = response.content.decode(), response["Content-Security-Policy"]
    assert "2026-0099" in shown and "<script" not in shown
    assert "sandbox" in policy and "default-src 'none'" in policy and "script-src" not in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    text = browser.post(
        EDIT + "preview/", filled(text="1", **{"with": f"message-{sent.pk}"})
    ).content.decode()
    assert "Your invoice 2026-0099" in text and "&lt;script&gt;" in text
    wrong = browser.post(EDIT + "preview/", filled(body="{{ nothing }}")).content.decode()
    assert "There is no placeholder {{ nothing }}" in wrong


def test_the_preview_of_a_real_mail_shows_no_real_link_or_code(
    northwind: CurrentAgency, browser: Browser, maria: Client
) -> None:
    with inside(northwind):
        stored = {"link_id": 1, "code": "999999", "button_url": "https://real.example/"}
        sent = queue_mail("people.sign_in", maria, words=stored)
    shown = browser.get(
        f"/northwind/mail-words/people.sign_in/en/preview/?with=message-{sent.pk}"
    ).content.decode()
    assert (
        "Hello Maria" in shown and "012345" in shown and "999999" not in shown and "real.example" not in shown
    )


@pytest.mark.parametrize(
    "chosen", ["", "message-1", "message-'", "client-0", "client-" + "9" * 40, "client-²", "me"]
)
def test_an_unknown_choice_shows_the_example(browser: Browser, chosen: str) -> None:
    response = browser.get(EDIT + "preview/", {"with": chosen})
    assert response.status_code == 200 and "2026-0017" in response.content.decode()


def test_a_test_goes_to_who_asks_with_the_words_on_the_page(
    northwind: CurrentAgency, browser: Browser, alice_staff: Staff
) -> None:
    response = browser.post(EDIT, filled(subject="Draft {{ number }}", test="1"))
    assert "A test is on its way to alice@northwind.example" in response.content.decode()
    assert "Draft {{ number }}" in response.content.decode()
    run_jobs()
    [sent] = mail.outbox
    assert sent.to == ["alice@northwind.example"] and sent.subject == "[Test] Draft 2026-0017"
    assert "Your invoice 2026-0017" in sent.body
    with inside(northwind):
        assert not Wording.objects.exists() and Message.objects.get().email == "mail.test"


def test_the_time_that_items_wait_is_the_agencys_choice(northwind: CurrentAgency, browser: Browser) -> None:
    assert "10 minutes" in browser.get(LIST).content.decode()
    assert browser.post(LIST, {"minutes": "30"}).status_code == 302
    assert browser.post(LIST, {"minutes": "31"}).status_code == 422
    with inside(northwind):
        assert Gathering.objects.get().minutes == 30


def test_staff_are_told_of_words_that_an_update_broke(northwind: CurrentAgency, browser: Browser) -> None:
    with inside(northwind):
        Wording.objects.create(
            email="invoices.issued", language="en", **{**WORDS.__dict__, "subject": "{{ gone }}"}
        )
    page = browser.get(LIST).content.decode()
    assert "no longer know" in page and re.search(r"New invoice \(English\)", page)
    assert "There is no placeholder {{ gone }}" in browser.get(EDIT).content.decode()
