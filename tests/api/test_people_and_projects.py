"""The operations of the pages, by API: the same rules, the same refusals."""

import pytest

from modules.projects.models import Project
from portal.people.models import Client, Company, Invitation
from tenants.agencies.current import CurrentAgency, inside
from tests.api.conftest import Call, caller, key_for
from tests.running_jobs import queued


def test_a_client_is_added_and_invited(call: Call, northwind: CurrentAgency) -> None:
    answer = call("POST", "clients/", {"email": "new@client.example", "name": "New", "invite": True})
    assert answer.status_code == 201
    with inside(northwind):
        assert Invitation.objects.get(client=answer.json()["id"]).state == "queued"
    assert "mail.deliver" in queued()


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"email": "no address", "name": "X"}, "email"),
        ({"email": "x@y.example"}, "name"),
        ({"email": "x@y.example", "name": ""}, "name"),
        ({"email": "x@y.example", "name": "x" * 500}, "name"),
        ({"email": "x@y.example", "name": "X", "company_id": 99999}, "company_id"),
        ({"email": "x@y.example", "name": "X", "access_until": "soon"}, "access_until"),
        ({"email": "x@y.example", "name": "X", "bundle": "boss"}, "bundle"),
    ],
)
def test_bad_input_is_named_by_field(call: Call, payload: dict[str, object], field: str) -> None:
    answer = call("POST", "clients/", payload)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]


def test_what_is_no_json_is_refused(call: Call) -> None:
    assert call("POST", "clients/").status_code in (400, 422)
    assert call("POST", "clients/", ["x"]).status_code == 422
    assert call("GET", "clients/?cursor=%00").status_code == 422
    assert call("GET", "clients/?limit=0").status_code == 422
    assert call("TRACE", "clients/").status_code in (403, 405)


def test_lists_are_paged_by_cursor(call: Call, northwind: CurrentAgency) -> None:
    with inside(northwind):
        Client.objects.bulk_create([Client(email=f"c{i}@client.example", name=f"C{i}") for i in range(30)])
        everybody = Client.objects.count()
    seen: list[int] = []
    cursor = ""
    while True:
        page = call("GET", f"clients/?limit=7&cursor={cursor}").json()
        seen += [client["id"] for client in page["items"]]
        if not (cursor := page["next_cursor"] or ""):
            break
    assert len(seen) == len(set(seen)) == everybody
    assert seen == sorted(seen, reverse=True)


def test_access_ends_and_comes_back(call: Call, northwind: CurrentAgency, maria: Client) -> None:
    assert call("POST", f"clients/{maria.pk}/removal/").json()["has_access"] is False
    assert call("POST", f"clients/{maria.pk}/restoration/").json()["has_access"] is True


def test_foreign_and_unknown_ids_answer_the_same(
    call: Call, harbour: CurrentAgency, northwind: CurrentAgency
) -> None:
    with inside(harbour):
        project = Project.objects.create(name="Theirs", company=Company.objects.create(name="X"))
    for path in ("clients/{}/", "projects/{}/", "invitations/{}/"):
        foreign, unknown = (call("GET", path.format(i)) for i in (project.pk + 500, 987654))
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.content == unknown.content


def test_a_project_lives(call: Call, northwind: CurrentAgency, maria: Client) -> None:
    with inside(northwind):
        company = maria.companies.get()
    made = call("POST", "projects/", {"name": "Website", "company_id": company.pk})
    assert made.status_code == 201 and made.json()["progress"] is None
    number = made.json()["id"]
    first = call("POST", f"projects/{number}/milestones/", {"name": "Design", "weight": 3}).json()
    call("POST", f"projects/{number}/milestones/", {"name": "Build", "weight": 1})
    done = call("PATCH", f"projects/{number}/milestones/{first['id']}/", {"state": "done"})
    assert done.status_code == 200
    assert call("GET", f"projects/{number}/").json()["progress"] == 75
    assert call(
        "PATCH", f"projects/{number}/", {"ends_on": "2026-01-01", "starts_on": "2026-02-01"}
    ).json() == {"errors": {"ends_on": ["The end lies before the start."]}}
    assert call("POST", f"projects/{number}/updates/", {"text": "Hello"}).status_code == 201
    assert call("PUT", f"projects/{number}/archival/").json()["archived_at"]
    assert call("POST", f"projects/{number}/updates/", {"text": "Late"}).status_code == 422
    assert call("DELETE", f"projects/{number}/archival/").json()["archived_at"] is None


def test_a_project_has_exactly_one_owner(call: Call, northwind: CurrentAgency, maria: Client) -> None:
    for owner in ({}, {"company_id": 1, "client_id": maria.pk}, {"client_id": 98765}):
        assert call("POST", "projects/", {"name": "Website", **owner}).status_code == 422


def test_internal_work_is_in_no_answer(call: Call, northwind: CurrentAgency, tom: Client) -> None:
    with inside(northwind):
        project = Project.objects.create(name="P", client=tom)
        project.tasks.create(title="CANARY-TASK")
        project.internal_comments.create(text="CANARY-COMMENT")
    assert b"CANARY" not in call("GET", f"projects/{project.pk}/").content + call("GET", "projects/").content


def test_charlie_with_harbours_key_finds_nothing_of_northwind(
    harbour: CurrentAgency, northwind: CurrentAgency, tom: Client
) -> None:
    with inside(northwind):
        project = Project.objects.create(name="P", client=tom)
    theirs = caller(key_for(harbour))
    assert theirs("GET", "projects/").json()["items"] == []
    assert theirs("PATCH", f"projects/{project.pk}/", {"name": "Mine"}).status_code == 404
