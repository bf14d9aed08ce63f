"""Promises that every mail keeps. A new mail is tested the moment it is declared."""

import html
import re
from dataclasses import replace

import pytest

from portal import registry
from portal.mail.checking import problems_of
from portal.mail.defaults import default_words
from portal.mail.models import Wording
from portal.mail.placeholders import EVERYWHERE, needed_by
from portal.mail.rendering import render_mail
from portal.mail.wordings import change_words, reset_words, shown_words
from portal.module import Email, Kind
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency, inside

BUTTON = {"button_url"}  # only if the workflow says so
CAN_BE_EMPTY = {"workflows.mail": BUTTON, "workflows.news": BUTTON}
every_email = pytest.mark.parametrize("email", registry.emails().values(), ids=lambda e: e.key)


@every_email
def test_it_says_who_gets_it_and_each_placeholder_is_explained(email: Email) -> None:
    assert email.told.endswith("."), "who gets it, and when"
    assert not set(email.placeholders) & set(EVERYWHERE)
    for name, placeholder in email.placeholders.items():
        assert placeholder.label and name == name.lower()
        assert name in email.sample or (email.derive and name in email.derive(email.sample)), name


@every_email
def test_the_words_it_comes_with_keep_the_rules_that_agencies_words_keep(email: Email) -> None:
    assert problems_of(email, default_words(email)) == {}


@every_email
def test_a_mail_with_a_link_cannot_lose_it(email: Email) -> None:
    links = {name for name, one in email.placeholders.items() if one.kind in (Kind.LINK, Kind.CODE)}
    assert links - CAN_BE_EMPTY.get(email.key, set()) == set(needed_by(email)) - {"items"}
    for name in needed_by(email):
        standing = rf"\[[^\[\]]*\]\(\{{\{{ {name} \}}\}}\)|\{{\{{ {name} \}}\}}"
        body = re.sub(standing, "here", default_words(email).body)
        assert name in str(problems_of(email, replace(default_words(email), body=body))["body"])


def test_a_link_that_can_be_empty_leads_nowhere_in_no_mail() -> None:
    email = registry.emails()["workflows.mail"]
    assert {name for name, one in email.placeholders.items() if one.kind is Kind.LINK} == BUTTON
    body = "{{ text_words }}\n\n[Open it]({{ button_url }})"
    said = problems_of(email, replace(default_words(email), body=body))
    assert "button_url can be empty" in str(said["body"])


@every_email
def test_edited_to_the_same_words_it_is_sent_as_before(
    email: Email, northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    with inside(northwind):
        before = render_mail(email, {"person": maria, **email.sample})
        default = shown_words(email, "en")
        assert not change_words(email, "en", default, by=alice_staff, seen=0)
        row = Wording.objects.create(email=email.key, language="en", by=alice_staff, **default.__dict__)
        assert shown_words(email, "en") == default
        assert render_mail(email, {"person": maria, **email.sample}) == before
        assert reset_words(email, "en", by=alice_staff) and Wording.objects.get(pk=row.pk)


@every_email
def test_changed_it_says_the_new_words_in_both_parts_and_reset_the_old(
    email: Email, northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    with inside(northwind):
        before = render_mail(email, {"person": maria, **email.sample})
        default = default_words(email)
        words = replace(default, subject="Ahoy {{ portal_name }}", body=default.body + "\n\nYours, **Alice**")
        assert change_words(email, "en", words, by=alice_staff, seen=0)
        mail = render_mail(email, {"person": maria, **email.sample})
        assert mail.subject == "Ahoy Northwind Studio"
        assert "Yours, Alice" in mail.text and "Yours, <strong>Alice</strong>" in mail.html
        assert reset_words(email, "en", by=alice_staff)
        assert render_mail(email, {"person": maria, **email.sample}) == before


@every_email
def test_what_clients_wrote_stays_words(email: Email, northwind: CurrentAgency, maria: Client) -> None:
    """Every value but links is hostile at once: HTML, CSS, Markdown, header lines, other placeholders."""
    evil = '<b style="x">[a](https://evil.example) {{ code }} {% x %} **y**\r\nBcc: a@b.example</style>'
    sample = {
        name: evil if isinstance(value, str) and not str(value).startswith("http") else value
        for name, value in email.sample.items()
    }
    with inside(northwind):
        mail = render_mail(email, {**sample, "person": {"first_name": evil, "name": evil, "email": evil}})
    body = mail.html.partition("<body")[2]
    assert "\n" not in mail.subject and "\r" not in mail.subject
    assert "<b style" not in body and "</style" not in body and 'href="https://evil.example"' not in body
    shown = html.unescape(re.sub(r"<[^>]+>", "", body))
    for value in re.findall(r"\[a\]\S+ .{10}", shown):
        assert value.startswith("[a](https://evil.example) {{ code }}"), value
