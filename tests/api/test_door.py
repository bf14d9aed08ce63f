"""Who may use the API: keys, scopes, agencies, limits, once per idempotency key."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser

from kit.tokens import digest
from portal.apikeys.keys import agency_id_in, known_scopes, revoke_key
from portal.apikeys.models import ApiKey
from portal.audit.models import AuditEntry
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency, AgencyState
from tenants.routing import hosts
from tests.api.conftest import Call, caller, key_for
from tests.cast import console_browser

BAD_KEYS = [
    "",
    "x",
    "pk_",
    "pk_1_",
    "pk_1_wrong",
    "pk__x",
    "pk_zzzzzzzzzzzzzzzz_x",
    "pk_-1_x",
    "pk_é_x",
    "Pk_1_x",
]


@pytest.mark.parametrize("text", BAD_KEYS)
def test_without_a_good_key_nothing_is_said(text: str, northwind: CurrentAgency) -> None:
    answer = caller(text)("GET", "clients/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert "errors" in answer.json()


def test_a_key_of_one_agency_reads_that_agency_only(northwind: CurrentAgency, harbour: CurrentAgency) -> None:
    theirs = caller(key_for(harbour))("GET", "clients/").json()["items"]
    assert {client["email"] for client in theirs} == {"ines@client.example", "hugo+client@harbour.example"}


def test_a_key_with_another_agencys_number_is_no_key(
    northwind: CurrentAgency, harbour: CurrentAgency
) -> None:
    mark, number, secret = key_for(northwind).split("_", 2)
    assert agency_id_in(f"{mark}_{number}_{secret}") == northwind.id
    assert caller(f"{mark}_{harbour.id}_{secret}")("GET", "clients/").status_code == 401


def test_only_the_hash_of_a_key_is_stored(northwind: CurrentAgency) -> None:
    text = key_for(northwind)
    with inside(northwind):
        row = ApiKey.objects.get()
    assert row.key_hash == digest(text)
    assert text not in str(vars(row)) and len(row.prefix) < 20


def test_a_revoked_key_stops_with_the_next_request(northwind: CurrentAgency, alice_staff: Staff) -> None:
    call = caller(key_for(northwind))
    assert call("GET", "clients/").status_code == 200
    with inside(northwind):
        revoke_key(ApiKey.objects.get(), by=alice_staff)
    assert call("GET", "clients/").status_code == 401


def test_a_key_whose_maker_left_stops(northwind: CurrentAgency, alice_staff: Staff) -> None:
    call = caller(key_for(northwind))
    with inside(northwind):
        Staff.objects.filter(pk=alice_staff.pk).update(is_active=False)
    assert call("GET", "clients/").status_code == 401


def test_last_use_is_noted(northwind: CurrentAgency) -> None:
    caller(key_for(northwind))("GET", "clients/")
    with inside(northwind):
        assert ApiKey.objects.get().last_used_at is not None


def test_a_scope_opens_its_part_and_nothing_else(northwind: CurrentAgency) -> None:
    call = caller(key_for(northwind, "clients:read"))
    assert call("GET", "clients/").status_code == 200
    assert call("POST", "clients/", {"email": "x@y.example", "name": "X"}).status_code == 403
    assert call("GET", "invitations/").status_code == 403
    assert call("GET", "projects/").status_code == 403
    assert call("DELETE", "clients/1/").status_code == 403


def test_every_part_of_the_api_has_scopes(call: Call) -> None:
    paths = Browser(headers={"host": "app.localhost"}).get("/api/v1/openapi.json").json()["paths"]
    parts = {path.removeprefix("/api/v1/").split("/")[0] for path in paths}
    assert parts == {scope.partition(":")[0] for scope in known_scopes()}


def test_the_documentation_opens_without_a_key(db: None) -> None:
    browser = Browser(headers={"host": "app.localhost"})
    assert browser.get("/api/v1/docs").status_code == 200
    assert browser.get("/api/v1/openapi.json").json()["info"]["title"]


def test_a_read_only_agency_is_only_read(northwind: CurrentAgency) -> None:
    call = caller(key_for(northwind))
    Agency.objects.filter(pk=northwind.id).update(state=AgencyState.READ_ONLY)
    hosts.forget_all()
    assert call("GET", "clients/").status_code == 200
    assert call("POST", "clients/", {"email": "x@y.example", "name": "X"}).status_code == 403


def test_a_post_with_an_idempotency_key_happens_once(call: Call, northwind: CurrentAgency) -> None:
    new = {"email": "new@client.example", "name": "New"}
    first = call("POST", "clients/", new, idempotency_key="a")
    again = call("POST", "clients/", new, idempotency_key="a")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json() and again["Idempotent-Replay"] == "true"
    other = call("POST", "clients/", {**new, "name": "Other"}, idempotency_key="a")
    assert other.status_code == 422
    with inside(northwind):
        assert Client.objects.filter(email="new@client.example").count() == 1


def test_two_equal_posts_at_the_same_time_happen_once(committed_db: None) -> None:
    agency = Agency.objects.get(slug="northwind").current()
    call = caller(key_for(agency))
    answers: list[Any] = []

    def post() -> None:
        answers.append(
            call("POST", "clients/", {"email": "r@client.example", "name": "R"}, idempotency_key="k")
        )
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1


def test_too_many_requests_are_told_when_to_come_back(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.apikeys.door.REQUESTS_PER_MINUTE", 3)
    codes = [call("GET", "clients/").status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    assert int(call("GET", "clients/")["Retry-After"]) >= 1


def test_what_a_program_did_is_recorded_as_the_apis(call: Call, northwind: CurrentAgency) -> None:
    call("POST", "clients/", {"email": "new@client.example", "name": "New"})
    with inside(northwind):
        entry = AuditEntry.objects.filter(verb="people.client_added").latest("pk")
    assert (entry.actor, entry.actor_name) == ("api", "Alice Moreno")


def test_a_clients_session_is_no_key(northwind: CurrentAgency, maria: Client) -> None:
    from tests.cast import portal_browser

    browser = portal_browser(northwind, maria)
    assert browser.get("/api/v1/clients/").status_code == 404
    assert browser.get("/api/v1/clients/", headers={"host": "app.localhost"}).status_code == 401


def test_owners_make_keys_that_are_shown_once(northwind: CurrentAgency, alice: Account) -> None:
    browser = console_browser(alice)
    made = browser.post("/northwind/api-keys/new/", {"name": "Sync", "scopes": ["clients:read"]})
    with inside(northwind):
        key = ApiKey.objects.get()
    text = made.content.decode()
    assert key.prefix in text
    shown = text.split('id="key">')[1].split("<")[0]
    assert caller(shown)("GET", "clients/").status_code == 200
    assert shown not in browser.get("/northwind/api-keys/").content.decode()


def test_members_and_other_agencies_make_no_keys(
    northwind: CurrentAgency, alice: Account, alice_staff: Staff, hugo: Account
) -> None:
    with inside(northwind):
        Staff.objects.filter(pk=alice_staff.pk).update(role=Staff.Role.MEMBER)
    assert console_browser(alice).post("/northwind/api-keys/new/", {"name": "x"}).status_code == 403
    assert console_browser(hugo).get("/northwind/api-keys/").status_code == 404
    with inside(northwind):
        assert not ApiKey.objects.exists()
