"""Deliverables by API: handed in and made ready by programs, decided by clients only."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from modules.deliverables.models import Deliverable
from modules.projects.models import Project
from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside
from tests.api.conftest import Call, caller, key_for
from tests.running_jobs import run_jobs

PDF = b"%PDF-1.4\n%%EOF\n"


def hand_in(key: str, number: int, content: bytes = PDF, **headers: str) -> Any:
    browser = Browser(headers={"host": "app.localhost", "authorization": f"Bearer {key}", **headers})
    files = {"files": SimpleUploadedFile("plan.pdf", content), "note": "First draft"}
    return browser.post(f"/api/v1/deliverables/{number}/versions/", files)


def project_of(agency: CurrentAgency, client: Client) -> int:
    with inside(agency):
        return int(Project.objects.create(name="Website", client=client).pk)


def test_a_deliverable_is_handed_in_and_made_ready(
    northwind: CurrentAgency, tom: Client, mailoutbox: list[Any]
) -> None:
    key = key_for(northwind)
    call = caller(key)
    made = call("POST", "deliverables/", {"project_id": project_of(northwind, tom), "name": "Plan"})
    assert made.status_code == 201 and made.json()["reviewers"] == [tom.pk]
    number = made.json()["id"]
    handed = hand_in(key, number)
    assert handed.status_code == 201
    assert handed.json()["versions"][0]["files"][0]["content_type"] == "application/pdf"
    ready = call("POST", f"deliverables/{number}/readiness/")
    assert ready.status_code == 200 and ready.json()["state"] == "ready_for_review"
    run_jobs()
    assert [mail.to for mail in mailoutbox] == [[tom.email]]


def test_an_upload_with_an_idempotency_key_is_one_version(northwind: CurrentAgency, tom: Client) -> None:
    key = key_for(northwind)
    made = caller(key)("POST", "deliverables/", {"project_id": project_of(northwind, tom), "name": "Plan"})
    number = made.json()["id"]
    answers = [hand_in(key, number, idempotency_key="once") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len(answers[1].json()["versions"]) == 1


def test_bad_input_is_named_by_field(call: Call, northwind: CurrentAgency, tom: Client) -> None:
    project = project_of(northwind, tom)
    assert list(call("POST", "deliverables/", {"project_id": 98765, "name": "X"}).json()["errors"]) == [
        "project_id"
    ]
    answer = call("POST", "deliverables/", {"project_id": project, "name": "X", "reviewers": [98765]})
    assert list(answer.json()["errors"]) == ["reviewers"]
    made = call("POST", "deliverables/", {"project_id": project, "name": "X"}).json()["id"]
    assert call("POST", f"deliverables/{made}/readiness/").status_code == 422
    assert hand_in(key_for(northwind), made, b"").status_code == 422


def test_nobody_decides_by_api(northwind: CurrentAgency, tom: Client) -> None:
    paths = Browser(headers={"host": "app.localhost"}).get("/api/v1/openapi.json").json()["paths"]
    assert not [path for path in paths if "decision" in path or "approval" in path]


def test_charlie_with_harbours_key_finds_nothing(
    northwind: CurrentAgency, harbour: CurrentAgency, tom: Client
) -> None:
    made = caller(key_for(northwind))(
        "POST", "deliverables/", {"project_id": project_of(northwind, tom), "name": "Plan"}
    ).json()["id"]
    theirs = key_for(harbour)
    assert caller(theirs)("GET", f"deliverables/{made}/").status_code == 404
    assert hand_in(theirs, made).status_code == 404
    with inside(harbour):
        assert not Deliverable.objects.exists()
