"""What staff do in the console, with real forms and files."""

import pytest

from modules.deliverables import operations
from modules.deliverables.models import Deliverable, State, Version
from modules.projects.models import Project
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tests.modules.deliverables.scene import Visitor, a_draft, body, png, visit_console
from tests.modules.deliverables.test_client_pages import file_of, path_of


@pytest.fixture
def console(in_northwind: CurrentAgency, alice: Account) -> Visitor:
    return visit_console(in_northwind, alice)


def test_from_nothing_to_ready_for_review(console: Visitor, project: Project, maria: Client) -> None:
    assert "Make the first one" in console.get("/deliverables/").content.decode()
    assert f"?project={project.pk}" in console.get("/deliverables/new/").content.decode()
    form = f"/deliverables/new/?project={project.pk}"
    assert b"Maria Silva" in console.get(form).content
    sent = {"name": "Logo", "rule": "any", "reviewers": [maria.pk], "files": [png(), png("second.png")]}
    response = console.post(form, sent, follow=True)
    assert response.status_code == 200 and b"Look it over" in response.content
    deliverable = Deliverable.objects.get()
    assert deliverable.versions.get().files.count() == 2
    response = console.post(f"/deliverables/{deliverable.pk}/internal-review/", follow=True)
    assert b"The client sees nothing of it" in response.content
    response = console.post(f"/deliverables/{deliverable.pk}/ready/", follow=True)
    assert b"The reviewers get a mail now" in response.content
    assert Deliverable.objects.get().state == State.READY


def test_a_refused_file_keeps_the_rest_of_the_form(
    console: Visitor, project: Project, maria: Client, settings: object
) -> None:
    settings.UPLOAD_LIMIT_BYTES = 10  # type: ignore[attr-defined]
    sent = {"name": "Kept name", "rule": "all", "reviewers": [maria.pk], "note": "Kept note", "files": png()}
    response = console.post(f"/deliverables/new/?project={project.pk}", sent)
    page = response.content.decode()
    assert response.status_code == 422 and "homepage.png is larger" in page
    assert "Kept name" in page and "Kept note" in page and not Deliverable.objects.exists()


def test_a_new_version_without_a_file_is_a_field_error(console: Visitor, version: Version) -> None:
    response = console.post(f"/deliverables/{version.deliverable_id}/versions/new/", {"note": "Kept note"})
    assert response.status_code == 422 and b"Kept note" in response.content
    response = console.post(
        f"/deliverables/{version.deliverable_id}/versions/new/", {"files": png()}, follow=True
    )
    assert b"Version 2 is here" in response.content


def test_uploading_to_an_approved_one_is_refused_beside_the_field(
    console: Visitor, version: Version, maria: Client
) -> None:
    operations.decide(version, client=maria, verdict="approved")
    response = console.post(f"/deliverables/{version.deliverable_id}/versions/new/", {"files": png()})
    assert response.status_code == 422 and b"needs a new deliverable" in response.content
    assert version.deliverable.versions.count() == 1


def test_editing_keeps_what_is_wrong_on_the_page(console: Visitor, version: Version, charlie: Client) -> None:
    path = f"/deliverables/{version.deliverable_id}/edit/"
    assert b"Homepage design" in console.get(path).content
    wrong = {"name": "", "rule": "any", "due_on": "1999-01-01", "reviewers": [charlie.pk]}
    assert console.post(path, wrong).status_code == 422
    assert console.post(path, {"name": "Other", "rule": "any", "due_on": "1999-01-01"}).status_code == 422
    assert console.post(path, {"name": "Other", "rule": "all"}).status_code == 302
    assert Deliverable.objects.get().name == "Other" and not Deliverable.objects.get().reviewers.exists()


def test_lock_withdraw_restore_discard(console: Visitor, version: Version, maria: Client) -> None:
    at = f"/deliverables/{version.deliverable_id}/"
    console.post(at + "withdrawal/")
    assert console.get(at).status_code == 200 and Deliverable.objects.get().state == State.WITHDRAWN
    console.post(at + "restoration/")
    console.post(at + "versions/new/", {"files": png()})
    console.post(at + "versions/2/discard/")
    assert version.deliverable.versions.count() == 1
    operations.decide(version, client=maria, verdict="approved")
    assert b"Lock now" in console.get(at).content
    console.post(at + "lock/")
    page = console.get(at).content.decode()
    assert "Approved and locked" in page and "Maria Silva" in page and "New version" not in page


def test_staff_see_every_file_of_their_agency(console: Visitor, version: Version, alice_staff: Staff) -> None:
    hidden = operations.add_version(version.deliverable, files=[png()], by=alice_staff)
    assert body(console.get(file_of(hidden))) == png().read()
    assert console.get(path_of(version, f"files/{hidden.files.get().pk}/")).status_code == 404


def test_staff_of_another_agency_find_nothing(
    version: Version, northwind: CurrentAgency, hugo: Account
) -> None:
    browser = visit_console(northwind, hugo)
    for path in (path_of(version), file_of(version), "/deliverables/new/"):
        assert browser.get(path).status_code == 404
    assert browser.post(f"/deliverables/{version.deliverable_id}/lock/").status_code == 404


@pytest.mark.parametrize(
    "query", ["?state=nonsense", "?q=%00", "?q=home&state=ready_for_review", "?q=nothing"]
)
def test_the_list_answers_whatever_is_asked(console: Visitor, version: Version, query: str) -> None:
    assert console.get(f"/deliverables/{query}").status_code == 200


@pytest.mark.parametrize("project", ["0", "abc", "99999999999999999999999", "²", ""])
def test_a_project_that_is_not_there_is_no_error(console: Visitor, project: str) -> None:
    assert console.get(f"/deliverables/new/?project={project}").status_code in (200, 404)


def test_a_draft_without_a_version_shows_what_comes_next(
    console: Visitor, project: Project, alice_staff: Staff
) -> None:
    draft = a_draft(project, alice_staff)
    page = console.get(f"/deliverables/{draft.pk}/").content.decode()
    assert "Upload version 1" in page and "Maria Silva" in page
    assert f"/deliverables/{draft.pk}/" in console.get(f"/projects/{project.pk}/").content.decode()
