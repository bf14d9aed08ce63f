"""Signed addresses: what we did not sign is nobody's."""

import pytest
from django.test import override_settings

from portal.intake.addresses import address_for, read_address
from tenants.agencies.current import CurrentAgency, inside


def test_an_address_says_what_it_is_for_whatever_the_case_on_the_way(northwind: CurrentAgency) -> None:
    with inside(northwind):
        address = address_for("feedback", "12-34")
    for written in (address, address.upper(), f" {address} "):
        found = read_address(written)
        assert found is not None
        assert (found.kind, found.agency_id, found.key) == ("feedback", northwind.id, "12-34")


def test_nothing_in_it_can_be_changed(northwind: CurrentAgency) -> None:
    with inside(northwind):
        address = address_for("feedback", "12")
    agency = f".{northwind.id}."
    for other in (
        address.replace(".12.", ".13."),
        address.replace("feedback", "bounce"),
        address.replace(agency, f".{northwind.id + 1}."),
        address.replace("@", "a@"),
        address.partition("@")[0][:-1] + "@in.localhost",
        "reply+feedback@in.localhost",
        "postmaster@in.localhost",
        "",
    ):
        assert read_address(other) is None, other


def test_it_outlives_a_new_key_as_long_as_the_old_one_is_kept(northwind: CurrentAgency) -> None:
    with inside(northwind), override_settings(SECRET_KEY="old"):
        address = address_for("feedback", "12")
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"]):
        assert read_address(address)
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[]):
        assert read_address(address) is None


@pytest.mark.parametrize(
    ("kind", "key"),
    [("Feedback", "1"), ("feedback", "a b"), ("feedback", ""), ("a" * 13, "1"), ("f", "x" * 27)],
)
def test_what_cannot_stand_in_an_address_is_refused_when_it_is_made(
    northwind: CurrentAgency, kind: str, key: str
) -> None:
    with inside(northwind), pytest.raises(ValueError, match="cannot stand"):
        address_for(kind, key)


def test_the_longest_address_has_a_local_part_that_servers_must_take(northwind: CurrentAgency) -> None:
    with inside(northwind):
        assert len(address_for("bounce", "x" * 26).partition("@")[0]) <= 64
