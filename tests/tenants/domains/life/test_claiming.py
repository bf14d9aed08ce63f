"""Claiming a name: who may, and how often."""

import threading

import pytest
from django.conf import settings

from kit.refused import Refused
from tenants.agencies.current import CurrentAgency, connection, inside
from tenants.agencies.models import Agency, AgencyState
from tenants.domains import claiming, removing
from tenants.domains.models import Domain
from tenants.ratelimits.models import Bucket
from tests.running_jobs import queued, run_jobs
from tests.tenants.domains.life.world import HOST, World, claim, fresh, put, running_world


def refused(agency: CurrentAgency, host: str = HOST) -> Refused:
    with pytest.raises(Refused) as caught:
        claim(agency, host)
    return caught.value


def test_a_claim_is_written_down_with_who_and_when(world: World, northwind: CurrentAgency) -> None:
    domain = claim(northwind, "https://Portal.Agency.test/")
    assert (domain.host, domain.state, domain.claimed_by) == (HOST, "pending_dns", "owner@northwind.example")
    assert domain.report and domain.checked_at and domain.next_try_at and domain.proof.startswith("pv1-")
    assert domain.events.get().actor == "owner@northwind.example"


def test_the_plan_must_have_domains(world: World, harbour: CurrentAgency) -> None:
    error = refused(harbour)
    assert error.field == "host" and "part of Growth" in error.words and not Domain.objects.exists()


@pytest.mark.parametrize("state", [AgencyState.READ_ONLY, AgencyState.SUSPENDED, AgencyState.GONE])
def test_an_agency_that_may_change_nothing_claims_nothing(
    world: World, northwind: CurrentAgency, state: AgencyState
) -> None:
    assert "read-only" in refused(put(northwind, state=state)).words


def test_without_a_certificate_authority_nothing_is_claimed(
    world: World, northwind: CurrentAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ACME_DIRECTORY", "")
    assert "no domain can be connected" in refused(northwind).words


@pytest.mark.parametrize("typed", ["", "   ", "*.agency.test", "127.0.0.1", "portal", "com", "a..b"])
def test_what_is_no_name_is_refused_beside_the_field(
    world: World, northwind: CurrentAgency, typed: str
) -> None:
    assert refused(northwind, typed).field == "host" and not Domain.objects.exists()


def test_the_same_name_twice_is_refused_until_the_first_is_over(
    world: World, northwind: CurrentAgency
) -> None:
    first = claim(northwind)
    assert "already" in refused(northwind, HOST.upper()).words
    removing.remove(first.pk, by="alice@northwind.example")
    assert claim(northwind).proof != first.proof


def test_an_agency_has_five_claims_at_most(world: World, northwind: CurrentAgency) -> None:
    claims = [claim(northwind, f"p{number}.agency.test") for number in range(5)]
    assert "Remove one" in refused(northwind, "p6.agency.test").words
    removing.remove(claims[0].pk, by="alice@northwind.example")
    assert claim(northwind, "p6.agency.test").state == "pending_dns"


def test_the_first_claim_is_the_main_address_and_the_second_is_not(
    world: World, northwind: CurrentAgency
) -> None:
    assert claim(northwind).is_primary and not claim(northwind, "two.agency.test").is_primary


def test_names_are_not_tried_out_by_the_dozen(world: World, northwind: CurrentAgency) -> None:
    for number in range(claiming.CLAIMS_AN_HOUR):
        removing.remove(claim(northwind, f"p{number}.agency.test").pk, by="alice@northwind.example")
    assert "Try again in" in refused(northwind).words


def test_a_name_whose_dns_is_right_already_needs_no_press_on_a_button(
    world: World, northwind: CurrentAgency
) -> None:
    world.cname(HOST, northwind)
    domain = claim(northwind)
    assert "domains.step" in queued()
    run_jobs()
    assert fresh(domain).state == "active"


def test_a_name_that_is_not_ready_waits_for_its_turn(world: World, northwind: CurrentAgency) -> None:
    claim(northwind)
    assert "domains.step" not in queued()


def test_claims_are_made_from_inside_an_agency_too(world: World, northwind: CurrentAgency) -> None:
    """Pages of the console are inside the agency's schema, where the claims are not."""
    with inside(northwind):
        domain = claim(northwind)
        assert connection.schema_name == northwind.schema_name
    assert fresh(domain).state == "pending_dns"


def test_eight_presses_at_once_make_one_claim_and_eight_names_at_once_make_five(committed_db: None) -> None:
    agency = Agency.objects.get(slug="northwind").current()
    with running_world():
        assert together(agency, [HOST] * 8) == 7
        assert Domain.objects.count() == 1
        Bucket.objects.all().delete()
        assert together(agency, [f"p{number}.agency.test" for number in range(8)]) == 4
        assert Domain.objects.open().count() == claiming.MOST_OPEN


def together(agency: CurrentAgency, hosts: list[str]) -> int:
    """Claim them from threads that start at the same moment; how many were refused."""
    errors: list[BaseException] = []
    start = threading.Barrier(len(hosts))

    def press(host: str) -> None:
        try:
            start.wait()
            claim(agency, host)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(host,)) for host in hosts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(isinstance(error, Refused) for error in errors), errors
    return len(errors)
