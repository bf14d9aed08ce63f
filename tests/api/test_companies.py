"""Companies and their people through the API: the rules of the console's pages."""

import pytest

from portal.people.models import Client, Company, Staff
from portal.records.fields import define_field
from tenants.agencies.current import CurrentAgency, inside
from tests.api.conftest import Call, caller, key_for


@pytest.fixture
def brightside(northwind: CurrentAgency) -> Company:
    with inside(northwind):
        return Company.objects.get(name="Brightside")


def test_a_company_lives(call: Call, northwind: CurrentAgency, tom: Client) -> None:
    made = call("POST", "companies/", {"name": "Faro"})
    assert made.status_code == 201
    path = f"companies/{made.json()['id']}/"
    assert call("PUT", path, {"name": "Faro Yachts"}).json()["name"] == "Faro Yachts"
    contact = {"email": tom.email, "name": "Tom", "rights": ["pay"], "sees_from": "2026-01-01T00:00:00Z"}
    joined = call("POST", f"{path}contacts/", contact).json()
    assert joined["client_id"] == tom.pk and joined["rights"] == ["view_money", "pay"]
    assert joined["bundle"] == "finance" and joined["sees_from"].startswith("2026-01-01")
    assert call("POST", f"{path}contacts/", contact).status_code == 422
    one = f"{path}contacts/{joined['id']}/"
    changed = call("PUT", one, {"bundle": "viewer", "sees_from": None}).json()
    assert changed["rights"] == [] and changed["sees_from"] is None
    assert [row["id"] for row in call("GET", f"{path}contacts/").json()["items"]] == [joined["id"]]
    assert call("POST", f"{one}removal/").status_code == 200
    with inside(northwind):
        assert not tom.memberships.exists()


@pytest.mark.parametrize("payload", [{}, {"name": ""}, {"name": "Brightside"}, {"name": "x" * 161}])
def test_a_name_that_is_none_is_refused(call: Call, northwind: CurrentAgency, payload: object) -> None:
    assert call("POST", "companies/", payload).status_code == 422


def test_what_is_not_there_or_not_allowed_is_refused(
    call: Call, northwind: CurrentAgency, maria: Client, ines: Client
) -> None:
    with inside(northwind):
        brightside, oakley = (Company.objects.get(name=name) for name in ("Brightside", "Oakley"))
        membership = maria.memberships.get()
    rights = {"bundle": "viewer", "sees_from": None}
    assert call("PUT", f"companies/{oakley.pk}/contacts/{membership.pk}/", rights).status_code == 404
    assert call("GET", "companies/999999/").status_code == 404
    own = f"companies/{brightside.pk}/contacts/{membership.pk}/"
    assert call("PUT", own, {"rights": ["rule"], "sees_from": None}).status_code == 422
    reader = caller(key_for(northwind, "clients:read", "clients:write"))
    assert reader("GET", f"companies/{brightside.pk}/").status_code == 403
    with inside(northwind):
        assert maria.memberships.get().rights == membership.rights


def test_own_fields_of_a_company_are_filled_in_by_the_rules_of_the_console(
    call: Call, northwind: CurrentAgency, alice_staff: Staff, brightside: Company
) -> None:
    with inside(northwind):
        day = define_field(name="Founded", kind="date", about="company", choices=[], by=alice_staff)
        pet = define_field(name="Pet", kind="text", about="client", choices=[], by=alice_staff)
    path = f"companies/{brightside.pk}/"
    assert [one["name"] for one in call("GET", "companies/fields/").json()["items"]] == ["Founded"]
    kept = {str(day.pk): "2001-02-03"}
    assert call("PUT", f"{path}fields/", {"fields": kept}).json() == {"fields": kept}
    for wrong in (
        {day.pk: "2026-13-45"},
        {day.pk: "\x00"},
        {pet.pk: "Cat"},
        {9999: "x"},
        {day.pk: "9" * 10_000},
    ):
        answer = call("PUT", f"{path}fields/", {"fields": {day.pk: "2020-01-01", **wrong}})
        assert answer.status_code == 422, wrong
    assert call("GET", path).json()["fields"] == kept
    assert call("GET", "companies/?name=Brightside").json()["items"][0]["fields"] == kept
    assert call("PUT", f"{path}fields/", {"fields": {day.pk: ""}}).json() == {"fields": {}}


def test_own_fields_of_a_company_are_closed_to_other_keys(
    northwind: CurrentAgency, harbour: CurrentAgency, alice_staff: Staff, brightside: Company
) -> None:
    with inside(northwind):
        field = define_field(name="Rate", kind="number", about="company", choices=[], by=alice_staff)
        only = Company.objects.create(pk=brightside.pk + 7000, name="Only in Northwind")
    path, payload = f"companies/{only.pk}/fields/", {"fields": {field.pk: "1"}}
    assert caller(key_for(northwind, "companies:read"))("PUT", path, payload).status_code == 403
    assert caller(key_for(northwind, "clients:write"))("PUT", path, payload).status_code == 403
    other = caller(key_for(harbour))
    assert other("PUT", path, payload).status_code == 404
    assert other("GET", "companies/fields/").json()["items"] == []
    with inside(northwind):
        only.refresh_from_db()
        assert only.custom == {}
