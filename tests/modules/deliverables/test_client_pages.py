"""What clients see and do; Charlie, removed clients and other agencies find nothing."""

import pytest

from kit import clock
from modules.deliverables import operations
from modules.deliverables.models import Comment, Decision, Deliverable, State, Version
from modules.projects.models import Project
from portal.people.models import Bundle, Client, Staff
from tenants.agencies.current import CurrentAgency, inside
from tests.modules.deliverables.scene import (
    PDF,
    VIDEO,
    a_draft,
    a_project,
    body,
    colleague,
    in_review,
    png,
    visit_portal,
)


def path_of(version: Version, more: str = "") -> str:
    return f"/deliverables/{version.deliverable_id}/versions/{version.number}/{more}"


def file_of(version: Version) -> str:
    return path_of(version, f"files/{version.files.get().pk}/")


def every_path(version: Version) -> list[tuple[str, str]]:
    return [
        ("get", f"/deliverables/{version.deliverable_id}/"),
        ("get", path_of(version)),
        ("get", path_of(version, "changes/")),
        ("get", file_of(version)),
        ("post", path_of(version, "decisions/")),
        ("post", path_of(version, "comments/")),
        ("post", f"/deliverables/{version.deliverable_id}/undo/"),
    ]


def test_the_client_sees_the_version_and_is_asked(
    version: Version, northwind: CurrentAgency, maria: Client
) -> None:
    browser = visit_portal(northwind, maria)
    page = browser.get(path_of(version)).content.decode()
    assert "Homepage design" in page and "The first idea." in page and "round 1 of 2 included" in page
    assert 'value="approved"' in page and "Request changes" in page and file_of(version) in page
    assert "Homepage design" in browser.get("/deliverables/").content.decode()


def test_charlie_finds_nothing_at_any_address(
    version: Version, northwind: CurrentAgency, charlie: Client
) -> None:
    browser = visit_portal(northwind, charlie)
    unknown = browser.get("/deliverables/987654/").content
    for method, path in every_path(version):
        response = getattr(browser, method)(path)
        assert response.status_code == 404, path
        assert response.content == unknown, path
    assert b"Homepage" not in browser.get("/deliverables/").content
    assert not Decision.objects.exists() and not Comment.objects.exists()


def test_a_removed_client_gets_no_file_at_the_next_request(
    version: Version, northwind: CurrentAgency, maria: Client
) -> None:
    browser = visit_portal(northwind, maria)
    assert browser.get(file_of(version)).status_code == 200
    Client.objects.filter(pk=maria.pk).update(removed_at=clock.now())
    for method, path in every_path(version):
        response = getattr(browser, method)(path)
        assert response.status_code == 302 and response["Location"].startswith("/sign-in/"), path


def test_a_client_of_another_agency_finds_nothing(
    version: Version, northwind: CurrentAgency, harbour: CurrentAgency, maria: Client
) -> None:
    with inside(harbour):
        twin = Client.objects.create(email=maria.email, name="Maria's twin", pk=maria.pk + 1000)
    for method, path in every_path(version):
        assert getattr(visit_portal(harbour, twin), method)(path).status_code == 404, path


def test_a_viewer_sees_it_and_may_not_decide(
    version: Version, northwind: CurrentAgency, maria: Client
) -> None:
    vera = colleague(maria.companies.get(), "Vera Viewer", Bundle.VIEWER)
    browser = visit_portal(northwind, vera)
    page = browser.get(path_of(version))
    assert page.status_code == 200 and b'value="approved"' not in page.content
    assert browser.get(path_of(version, "changes/")).status_code == 302
    response = browser.post(path_of(version, "decisions/"), {"verdict": "approved"})
    assert response.status_code == 403 and b"the decision is with others" in response.content
    assert not Decision.objects.exists()


def test_approving_says_until_when_it_can_be_taken_back(
    version: Version, northwind: CurrentAgency, maria: Client
) -> None:
    browser = visit_portal(northwind, maria)
    response = browser.post(path_of(version, "decisions/"), {"verdict": "approved"}, follow=True)
    page = response.content.decode()
    assert "You can take it back until" in page and "Take it back" in page
    assert f'version 1, sha256 <code class="deliverable-hash">{Decision.objects.get().version_sha256}' in page
    assert browser.post(path_of(version, "decisions/"), {"verdict": "approved"}).status_code == 302
    assert Decision.objects.count() == 1
    browser.post(f"/deliverables/{version.deliverable_id}/undo/")
    assert Deliverable.objects.get().state == State.READY


def test_the_evidence_names_who_when_and_what(
    version: Version, northwind: CurrentAgency, maria: Client
) -> None:
    operations.decide(version, client=maria, verdict="approved")
    operations.lock_now(version.deliverable, by=None)
    page = " ".join(visit_portal(northwind, maria).get(path_of(version)).content.decode().split())
    assert "Approved and locked" in page and "Approved by <b>Maria Silva</b> on" in page
    assert "Take it back" not in page and 'id="comment-form"' not in page


def test_changes_without_a_reason_come_back_with_the_field(
    version: Version, northwind: CurrentAgency, maria: Client
) -> None:
    browser = visit_portal(northwind, maria)
    response = browser.post(path_of(version, "decisions/"), {"verdict": "changes_requested", "reason": " "})
    assert response.status_code == 422 and b"Say what should change." in response.content
    response = browser.post(path_of(version, "decisions/"), {"verdict": "perhaps"})
    assert response.status_code == 422
    response = browser.post(
        path_of(version, "decisions/"), {"verdict": "changes_requested", "reason": "a\x00b"}
    )
    assert response.status_code == 422 and not Decision.objects.exists()


def test_a_late_decision_is_refused_in_words(
    version: Version, northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    operations.withdraw(version.deliverable, by=alice_staff)
    response = visit_portal(northwind, maria).post(path_of(version, "decisions/"), {"verdict": "approved"})
    assert response.status_code == 409 and b"This was withdrawn" in response.content


def test_versions_that_were_not_shown_are_not_there(
    version: Version, northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    hidden = operations.add_version(
        version.deliverable, files=[png("secret-v2.png")], by=alice_staff, note="canary-of-the-note"
    )
    browser = visit_portal(northwind, maria)
    assert browser.get(path_of(hidden)).status_code == 404
    assert browser.get(file_of(hidden)).status_code == 404
    assert b"canary-of-the-note" not in browser.get(path_of(version)).content
    draft = a_draft(Project.objects.get(), alice_staff, name="Not yet")
    assert browser.get(f"/deliverables/{draft.pk}/").status_code == 404


def test_a_file_belongs_to_its_version_and_deliverable(
    version: Version, northwind: CurrentAgency, maria: Client, alice_staff: Staff, tom: Client
) -> None:
    toms = in_review(a_project(tom), alice_staff)
    browser = visit_portal(northwind, maria)
    assert browser.get(path_of(version, f"files/{toms.files.get().pk}/")).status_code == 404
    assert browser.get(file_of(toms)).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [("a.pdf", PDF, "<iframe"), ("a.mp4", VIDEO, "<video"), ("a.svg", b"<svg onload='x()'/>", "Download")],
)
def test_files_are_shown_by_what_they_are(
    project: Project,
    northwind: CurrentAgency,
    maria: Client,
    alice_staff: Staff,
    name: str,
    content: bytes,
    kind: str,
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    deliverable = a_draft(project, alice_staff)
    operations.add_version(deliverable, files=[SimpleUploadedFile(name, content)], by=alice_staff)
    version = operations.mark_ready(deliverable, by=alice_staff)
    browser = visit_portal(northwind, maria)
    assert kind in browser.get(path_of(version)).content.decode()
    response = browser.get(file_of(version))
    assert body(response) == content and response["X-Content-Type-Options"] == "nosniff"
    shown = response["Content-Disposition"].startswith("inline")
    assert shown == (name != "a.svg") and response["X-Frame-Options"] == "SAMEORIGIN"
    response = browser.get(file_of(version) + "?download")
    assert response["Content-Disposition"].startswith("attachment")


def test_a_video_can_be_wound(
    project: Project, northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    deliverable = a_draft(project, alice_staff)
    operations.add_version(deliverable, files=[SimpleUploadedFile("a.mp4", VIDEO)], by=alice_staff)
    version = operations.mark_ready(deliverable, by=alice_staff)
    response = visit_portal(northwind, maria).get(file_of(version), headers={"Range": "bytes=10-19"})
    assert response.status_code == 206 and body(response) == VIDEO[10:20]


def test_the_dashboard_asks_once_and_stops_when_decided(
    version: Version, northwind: CurrentAgency, maria: Client
) -> None:
    browser = visit_portal(northwind, maria)
    home = browser.get("/").content.decode()
    assert "Review Homepage design" in home and "1 waits for your decision" in home
    operations.decide(version, client=maria, verdict="approved")
    home = browser.get("/").content.decode()
    assert "Review Homepage design" not in home and "Homepage design" in home


def test_the_dashboard_of_charlie_says_nothing_of_it(
    version: Version, northwind: CurrentAgency, charlie: Client
) -> None:
    home = visit_portal(northwind, charlie).get("/").content
    assert b"Homepage" not in home and b'href="/deliverables/"' not in home


def test_the_project_shows_its_deliverables(
    version: Version, northwind: CurrentAgency, maria: Client, project: Project
) -> None:
    page = visit_portal(northwind, maria).get(f"/projects/{project.pk}/").content.decode()
    assert f'href="/deliverables/{version.deliverable_id}/"' in page
