"""The ends that somebody decides."""

import pytest

from kit import clock
from kit.refused import Refused
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency, AgencyState
from tenants.certificates.models import Bundle
from tenants.domains import operations, removing
from tenants.domains.models import Domain, PastOwner
from tenants.provisioning import operations as provisioning
from tests.tenants.domains.life.world import HOST, World, claim, fresh, live, put


def test_a_removed_name_is_not_served_any_more(world: World, northwind: CurrentAgency) -> None:
    domain = live(world, northwind)
    with inside(northwind):
        removing.remove(domain.pk, by="alice@northwind.example", agency_id=northwind.id)
    assert fresh(domain).state == "removed" and not Bundle.objects.exists()
    assert Agency.objects.get(pk=northwind.id).primary_host() == "northwind.localhost"
    assert domain.events.first().actor == "alice@northwind.example"  # type: ignore[union-attr]


def test_nobody_removes_another_agencys_name(
    world: World, northwind: CurrentAgency, rival: CurrentAgency
) -> None:
    domain = live(world, northwind)
    with pytest.raises(Domain.DoesNotExist):
        removing.remove(domain.pk, by="hugo@harbour.example", agency_id=rival.id)
    assert fresh(domain).state == "active"


def test_it_is_removed_once(world: World, northwind: CurrentAgency) -> None:
    domain = claim(northwind)
    removing.remove(domain.pk, by="alice@northwind.example")
    with pytest.raises(Refused):
        removing.remove(domain.pk, by="alice@northwind.example")


def test_a_block_is_not_undone_by_removing_and_claiming_again(world: World, northwind: CurrentAgency) -> None:
    domain = live(world, northwind)
    operations.block(domain.pk, by="olga@portico.example", reason="phishing")
    with pytest.raises(Refused, match="blocked"):
        removing.remove(domain.pk, by="alice@northwind.example")
    with pytest.raises(Refused, match="already"):
        claim(northwind)
    assert Domain.objects.count() == 1


def test_when_the_main_address_goes_another_active_one_takes_its_place(
    world: World, northwind: CurrentAgency
) -> None:
    first, second = live(world, northwind), live(world, northwind, "two.agency.test")
    row = Agency.objects.get(pk=northwind.id)
    assert row.primary_host() == HOST and not fresh(second).is_primary
    removing.remove(first.pk, by="alice@northwind.example")
    assert row.primary_host() == "two.agency.test"


def test_removing_an_agency_releases_its_names_at_once(world: World, northwind: CurrentAgency) -> None:
    domain = live(world, northwind)
    provisioning.remove(northwind.id)
    assert fresh(domain).state == "released" and not Bundle.objects.exists()


def test_an_agency_that_went_another_way_is_noticed(world: World, northwind: CurrentAgency) -> None:
    domain = live(world, northwind)
    put(northwind, state=AgencyState.GONE)
    assert removing.release_gone() == 1 and fresh(domain).state == "released"


def test_a_blocked_claim_ends_with_its_agency(world: World, northwind: CurrentAgency) -> None:
    domain = live(world, northwind)
    operations.block(domain.pk, by="olga@portico.example", reason="phishing")
    put(northwind, state=AgencyState.GONE)
    assert removing.release_gone() == 1 and fresh(domain).state == "removed"


def test_a_certificate_that_nobody_needs_is_forgotten_and_others_stay(
    world: World, northwind: CurrentAgency
) -> None:
    live(world, northwind)
    over = claim(northwind, "old.agency.test")
    removing.remove(over.pk, by="alice@northwind.example")
    moment = clock.now()
    for host in ("old.agency.test", "northwind.portico.test"):
        Bundle.objects.create(
            host=host,
            sealed=b"x",
            key_name="k",
            serial="1",
            not_before=moment,
            not_after=moment,
            renew_at=moment,
        )
    PastOwner.objects.create(host="x.test", agency_id=northwind.id, until=moment)
    assert removing.forget_orphans() == 1 and not PastOwner.objects.filter(host="x.test").exists()
    assert set(Bundle.objects.values_list("host", flat=True)) == {HOST, "northwind.portico.test"}
