"""The mail to whoever runs the DNS."""

import pytest

from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tenants.domains import targets
from tenants.domains.models import Domain, DomainState, TxtReason
from tenants.mail.models import Message
from tests.cast import console_browser
from tests.portal.addresses.claims import make_claim
from tests.portal.branding.pictures import recorded

HOST = "portal.northwind.com"


@pytest.fixture
def domain(northwind: CurrentAgency) -> Domain:
    return make_claim(northwind.id, HOST, txt_reason=TxtReason.PAST_OWNER)


def send(account: Account, domain: Domain, email: str = "it@northwind.com") -> int:
    path = f"/northwind/branding/domain/{domain.pk}/instructions/"
    return console_browser(account).post(path, {"email": email}).status_code


def test_the_preview_is_what_is_sent(northwind: CurrentAgency, alice: Account, domain: Domain) -> None:
    path = f"/northwind/branding/domain/{domain.pk}/instructions/"
    page = console_browser(alice).get(path)
    assert send(alice, domain) == 302
    mail = Message.objects.get()
    assert page.context["preview"] in mail.text
    for said in (targets.of(northwind.id), domain.proof, "_portal-verify.portal", "Alice Moreno", HOST):
        assert said in mail.text and said in mail.html
    assert (mail.address, mail.subject) == ("it@northwind.com", f"DNS record for {HOST}")
    [entry] = recorded(northwind, "branding.domain_instructions")
    assert "it@northwind.com" in entry.summary


def test_it_is_not_a_way_to_write_to_strangers(alice: Account, domain: Domain) -> None:
    assert [send(alice, domain, "one@x.example") for _ in range(4)] == [302, 302, 302, 422]
    assert [send(alice, domain, f"p{n}@x.example") for n in range(13)].count(302) == 12
    assert Message.objects.count() == 15


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b\n.example", "a@b.example\x00", "x" * 300 + "@y.example"]
)
def test_what_is_no_address_is_a_field_error(alice: Account, domain: Domain, email: str) -> None:
    assert send(alice, domain, email) == 422
    assert not Message.objects.exists()


def test_a_name_with_markup_stays_text(northwind: CurrentAgency, alice: Account, domain: Domain) -> None:
    from tenants.agencies.models import Agency

    Agency.objects.filter(pk=northwind.id).update(name="<b>North & wind</b>")
    send(alice, domain)
    mail = Message.objects.get()
    assert "<b>North" not in mail.html and "<b>North & wind</b>" in mail.text


def test_a_live_name_needs_no_instructions(northwind: CurrentAgency, alice: Account) -> None:
    live = make_claim(northwind.id, "live.northwind.com", DomainState.ACTIVE)
    assert send(alice, live) == 302
    assert not Message.objects.exists()
