"""Every mail of people can be rendered, in the agency's name only."""

import pytest

from portal import registry
from portal.mail.rendering import render_mail
from tenants.agencies.current import CurrentAgency, inside

KEYS = [key for key in registry.emails() if key.startswith("people.")]


@pytest.mark.parametrize("key", KEYS)
def test_it_renders(northwind: CurrentAgency, key: str) -> None:
    email = registry.emails()[key]
    with inside(northwind):
        mail = render_mail(email, email.sample)
    assert mail.subject and "\n" not in mail.subject
    for body in (mail.text, mail.html):
        assert "Northwind Studio" in body and "Portico" not in body and "{{" not in body and "{%" not in body
    if "button_url" in email.sample:
        assert email.sample["button_url"] in mail.text and email.sample["button_url"] in mail.html


def test_a_name_with_signs_is_escaped_in_html_only(northwind: CurrentAgency) -> None:
    email = registry.emails()["people.access_ends"]
    with inside(northwind):
        mail = render_mail(email, {**email.sample, "client_name": "Ben & <b>Jerry</b>"})
    assert "Ben & <b>Jerry</b>" in mail.subject and "Ben & <b>Jerry</b>" in mail.text
    assert "<b>Jerry</b>" not in mail.html.partition("<body>")[2]
