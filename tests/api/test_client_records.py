"""Tags, notes and own fields by API: the same rules as in the console."""

from portal.people.models import Client, Staff
from portal.records.fields import define_field
from tenants.agencies.current import CurrentAgency, inside
from tests.api.conftest import Call, caller, key_for


def test_a_program_tags_notes_and_fills_in(
    call: Call, northwind: CurrentAgency, alice_staff: Staff, maria: Client
) -> None:
    with inside(northwind):
        field = define_field(name="Pet", kind="yes_no", about="client", choices=[], by=alice_staff)
    base = f"clients/{maria.pk}/"
    for _ in range(2):
        assert call("POST", base + "tags/", {"name": "VIP"}).json() == {"tags": ["VIP"]}
    assert call("GET", "clients/?tag=vip").json()["items"][0]["id"] == maria.pk
    assert call("PUT", base + "fields/", {"fields": {field.pk: "yes"}}).json() == {
        "fields": {str(field.pk): True}
    }
    assert call("POST", base + "notes/", {"text": "Likes tea"}).status_code == 201
    assert call("GET", base + "notes/").json()["items"][0]["text"] == "Likes tea"
    assert call("GET", base).json()["fields"] == {str(field.pk): True}
    assert [one["name"] for one in call("GET", "clients/fields/").json()["items"]] == ["Pet"]
    assert call("DELETE", base + "tags/vip/").json() == {"tags": []}


def test_what_cannot_be_is_refused_by_field(
    call: Call, northwind: CurrentAgency, alice_staff: Staff, maria: Client
) -> None:
    with inside(northwind):
        field = define_field(name="Pet", kind="date", about="client", choices=[], by=alice_staff)
    base = f"clients/{maria.pk}/"
    answer = call("PUT", base + "fields/", {"fields": {field.pk: "soon"}})
    assert answer.status_code == 422 and list(answer.json()["errors"]) == [f"field_{field.pk}"]
    assert call("PUT", base + "fields/", {"fields": {"999": "x"}}).status_code == 422
    assert call("POST", base + "tags/", {"name": "a,b"}).status_code == 422
    assert call("POST", base + "notes/", {"text": "  "}).status_code == 422


def test_a_key_without_the_scope_or_of_another_agency_does_nothing(
    northwind: CurrentAgency, harbour: CurrentAgency, maria: Client
) -> None:
    path = f"clients/{maria.pk}/tags/"
    assert caller(key_for(northwind, "clients:read"))("POST", path, {"name": "VIP"}).status_code == 403
    other = caller(key_for(harbour))
    assert other("POST", f"clients/{maria.pk + 1000}/tags/", {"name": "VIP"}).status_code == 404
    assert other("GET", f"clients/{maria.pk + 1000}/notes/").status_code == 404
    with inside(northwind):
        assert not maria.taggings.exists()
