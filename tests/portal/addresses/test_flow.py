"""From the name to the green lock and back, as staff do it: real DNS, the claims' own rules, an obedient authority."""

from collections.abc import Iterator

import pytest

from portal.people.models import Client
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import Agency
from tenants.domains.models import Domain, DomainState
from tenants.routing import hosts
from tests.cast import console_browser
from tests.portal.branding.pictures import recorded
from tests.running_jobs import run_jobs
from tests.tenants.domains.life.world import HOST, World, running_world

LIST = "/northwind/branding/domain/"
S = DomainState


@pytest.fixture
def world() -> Iterator[World]:
    with running_world() as found:
        yield found


def enter(account: Account, host: str = HOST) -> Domain:
    """Enter a name in the form; the claim it made."""
    response = console_browser(account).post(LIST, {"host": host})
    assert response.status_code == 302, response.context["form"].errors
    return Domain.objects.latest("pk")


def press(account: Account, domain: Domain, what: str) -> str:
    """Press a button of its page; what is said then."""
    browser = console_browser(account)
    response = browser.post(f"{LIST}{domain.pk}/{what}/", follow=True)
    return " ".join(str(message) for message in response.context["messages"])


def test_from_the_name_to_the_green_lock(
    northwind: CurrentAgency, alice: Account, world: World, maria: Client
) -> None:
    domain = enter(alice, f" https://{HOST.upper()}/ ")
    page = console_browser(alice).get(f"{LIST}{domain.pk}/").content.decode()
    assert domain.host == HOST and "There is no record for this name yet" in page
    world.cname(HOST, northwind)
    assert f"Looking at the DNS of {HOST} now" in press(alice, domain, "verify")
    run_jobs()
    status = console_browser(alice).get(f"{LIST}{domain.pk}/status/?seen=x").content.decode()
    assert f"Your portal is live on {HOST}" in status and "hx-get" not in status
    listed = console_browser(alice).get(LIST).content.decode()
    assert f"https://{HOST}" in listed and "so does your default address" in listed
    [entry] = recorded(northwind, "branding.domain_claimed")
    assert HOST in entry.summary


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("", "required"),
        ("*.northwind.com", "One name at a time"),
        ("192.0.2.7", "IP address"),
        ("portal", "whole name"),
        ("app.localhost", "ours"),
        ("co.uk", "ending that many share"),
        ("a\x00b.com", "Null characters"),
        ("x" * 400 + ".com", "at most 300"),
    ],
)
def test_what_cannot_be_an_address_is_a_field_error(
    northwind: CurrentAgency, alice: Account, world: World, host: str, said: str
) -> None:
    response = console_browser(alice).post(LIST, {"host": host})
    assert response.status_code == 422 and not Domain.objects.exists()
    assert said in str(response.context["form"].errors["host"])
    assert 'id="id_host_error"' in response.content.decode()


def test_the_same_name_twice_is_a_field_error(northwind: CurrentAgency, alice: Account, world: World) -> None:
    enter(alice)
    response = console_browser(alice).post(LIST, {"host": HOST})
    assert response.status_code == 422 and "already" in str(response.context["form"].errors)


def test_a_second_press_within_ten_seconds_says_how_long_to_wait(
    northwind: CurrentAgency, alice: Account, world: World
) -> None:
    domain = enter(alice)
    press(alice, domain, "verify")
    assert "Look again in" in press(alice, domain, "verify")


def test_a_name_is_made_the_main_one_and_removed_and_both_are_recorded(
    northwind: CurrentAgency, alice: Account, world: World
) -> None:
    first, second = enter(alice), enter(alice, f"second-{HOST}")
    for domain in (first, second):
        world.cname(domain.host, northwind)
        press(alice, domain, "verify")
    run_jobs()
    assert f"lead to {second.host} from now on" in press(alice, second, "main")
    assert Agency.objects.get(pk=northwind.id).primary_host() == second.host
    asked = console_browser(alice).get(f"{LIST}{second.pk}/removal/").content.decode()
    assert "stops answering on it at once" in asked and Domain.objects.get(pk=second.pk).state == S.ACTIVE
    assert "is removed" in press(alice, second, "removal")
    assert Domain.objects.get(pk=second.pk).state == S.REMOVED
    kept = [recorded(northwind, f"branding.domain_{verb}") for verb in ("primary", "removed")]
    assert [len(entries) for entries in kept] == [1, 1]
    assert "not connected any more" in press(alice, second, "main")


def test_a_read_only_agency_changes_nothing(northwind: CurrentAgency, alice: Account, world: World) -> None:
    domain = enter(alice)
    Agency.objects.filter(pk=northwind.id).update(state="read_only")
    hosts.forget_all()
    page = console_browser(alice).get(LIST).content.decode()
    assert "read-only" in page and 'name="host"' not in page
    for path in ("", f"{domain.pk}/verify/", f"{domain.pk}/removal/"):
        assert console_browser(alice).post(LIST + path, {"host": "b.agency.com"}).status_code == 302
    assert Domain.objects.get().state == S.PENDING_DNS
