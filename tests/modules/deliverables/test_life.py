"""From draft to review: who is told, what clients see of it, what is refused."""

from datetime import timedelta
from unittest.mock import patch

import pytest

from modules.deliverables import lives, operations
from modules.deliverables.models import Deliverable, Reviewer, State, Version
from modules.projects.models import Project
from portal.mail.models import Message
from portal.people.models import Bundle, Client, Staff
from portal.uploads.models import Upload
from tests.modules.deliverables.scene import a_draft, a_project, colleague, in_review, png


def test_the_transition_table_knows_every_state_and_no_other() -> None:
    assert set(lives.STEPS) == set(State.values)
    assert {after for steps in lives.STEPS.values() for after in steps} <= set(State.values)


def test_by_default_all_who_may_approve_decide(project: Project, maria: Client, alice_staff: Staff) -> None:
    liam = colleague(maria.companies.get(), "Liam Chen")
    colleague(maria.companies.get(), "Vera Viewer", Bundle.VIEWER)
    deliverable = a_draft(project, alice_staff)
    assert set(deliverable.reviewers.values_list("client", flat=True)) == {maria.pk, liam.pk}


def test_a_lone_client_decides_about_its_own(tom: Client, in_northwind: object, alice_staff: Staff) -> None:
    deliverable = a_draft(a_project(tom), alice_staff)
    assert list(deliverable.reviewers.values_list("client", flat=True)) == [tom.pk]


def test_charlie_cannot_be_made_a_reviewer_of_anothers_project(
    project: Project, charlie: Client, alice_staff: Staff
) -> None:
    with pytest.raises(operations.NotValid) as refused:
        a_draft(project, alice_staff, reviewers=[charlie])
    assert refused.value.field == "reviewers"
    with pytest.raises(operations.NotValid) as refused:
        a_draft(project, alice_staff, reviewers=[], commenters=[charlie])
    assert refused.value.field == "commenters"


def test_who_may_not_approve_may_comment_but_not_decide(
    project: Project, maria: Client, alice_staff: Staff
) -> None:
    vera = colleague(maria.companies.get(), "Vera Viewer", Bundle.VIEWER)
    with pytest.raises(operations.NotValid):
        a_draft(project, alice_staff, reviewers=[vera])
    deliverable = a_draft(project, alice_staff, commenters=[vera])
    assert Reviewer.objects.get(deliverable=deliverable, client=vera).decides is False


@pytest.mark.parametrize(
    "fields",
    [{"name": "  "}, {"name": "x" * 161}, {"brief": "a\x00b"}, {"rule": "most"}, {"rounds_included": -1}],
)
def test_what_does_not_fit_is_refused_with_its_field(
    project: Project, alice_staff: Staff, fields: dict[str, object]
) -> None:
    with pytest.raises(operations.NotValid) as refused:
        a_draft(project, alice_staff, **fields)
    assert refused.value.field == next(iter(fields))


def test_a_due_date_that_is_over_is_refused(
    project: Project, alice_staff: Staff, in_northwind: object
) -> None:
    yesterday = in_northwind.today() - timedelta(days=1)  # type: ignore[attr-defined]
    with pytest.raises(operations.NotValid):
        a_draft(project, alice_staff, due_on=yesterday)


def test_ready_for_review_mails_every_reviewer_once(
    project: Project, maria: Client, alice_staff: Staff
) -> None:
    vera = colleague(maria.companies.get(), "Vera Viewer", Bundle.VIEWER)
    version = in_review(project, alice_staff, commenters=[vera])
    again = operations.mark_ready(version.deliverable, by=alice_staff)
    assert again == version
    told = Message.objects.filter(email="deliverables.ready").values_list("client__name", flat=True)
    assert sorted(told) == ["Maria Silva", "Vera Viewer"]


def test_nothing_can_be_shown_without_a_version(project: Project, alice_staff: Staff) -> None:
    with pytest.raises(operations.WrongState):
        operations.mark_ready(a_draft(project, alice_staff), by=alice_staff)


def test_drafts_and_internal_reviews_are_not_there_for_clients(
    project: Project, maria: Client, alice_staff: Staff
) -> None:
    deliverable = a_draft(project, alice_staff)
    operations.add_version(deliverable, files=[png()], by=alice_staff)
    operations.start_internal_review(deliverable, by=alice_staff)
    assert not Deliverable.objects.visible_to(maria).shown_to_clients().exists()
    operations.mark_ready(deliverable, by=alice_staff)
    assert Deliverable.objects.visible_to(maria).shown_to_clients().exists()


def test_a_newer_version_takes_the_place_of_the_one_under_review(
    version: Version, maria: Client, alice_staff: Staff
) -> None:
    newer = operations.add_version(version.deliverable, files=[png()], by=alice_staff)
    operations.decide(version, client=maria, verdict="changes_requested", reason="Warmer")
    operations.mark_ready(version.deliverable, by=alice_staff)
    with pytest.raises(operations.WrongState):
        operations.decide(version, client=maria, verdict="approved")
    operations.decide(newer, client=maria, verdict="approved")


def test_withdrawn_is_not_decided_and_comes_back_where_it_was(
    version: Version, maria: Client, alice_staff: Staff
) -> None:
    operations.withdraw(version.deliverable, by=alice_staff)
    with pytest.raises(operations.WrongState):
        operations.decide(version, client=maria, verdict="approved")
    with pytest.raises(operations.WrongState):
        operations.comment_as_client(version, client=maria, text="Hello?")
    with pytest.raises(operations.WrongState):
        operations.add_version(version.deliverable, files=[png()], by=alice_staff)
    assert operations.restore(version.deliverable, by=alice_staff).state == State.READY


def test_a_version_that_nobody_saw_can_be_thrown_away_and_one_that_was_seen_cannot(
    version: Version, alice_staff: Staff
) -> None:
    newer = operations.add_version(version.deliverable, files=[png(colour=(1, 2, 3))], by=alice_staff)
    operations.discard_version(newer, by=alice_staff)
    assert list(version.deliverable.versions.values_list("number", flat=True)) == [1]
    with pytest.raises(operations.WrongState):
        operations.discard_version(version, by=alice_staff)


def test_a_refused_file_leaves_none_of_its_siblings_behind(project: Project, alice_staff: Staff) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    deliverable = a_draft(project, alice_staff)
    with pytest.raises(operations.NotValid) as refused:
        operations.add_version(
            deliverable, files=[png(), SimpleUploadedFile("empty.txt", b"")], by=alice_staff
        )
    assert refused.value.field == "files" and "empty.txt" in refused.value.words
    assert Upload.objects.count() == 0 and deliverable.versions.count() == 0


def test_a_version_that_cannot_be_written_leaves_no_files_behind(
    project: Project, alice_staff: Staff
) -> None:
    deliverable = a_draft(project, alice_staff)
    with (
        patch("modules.deliverables.operations.versions.record", side_effect=RuntimeError),
        pytest.raises(RuntimeError),
    ):
        operations.add_version(deliverable, files=[png()], by=alice_staff)
    assert Upload.objects.count() == 0


def test_who_becomes_a_reviewer_during_a_review_is_mailed(
    version: Version, maria: Client, alice_staff: Staff
) -> None:
    liam = colleague(maria.companies.get(), "Liam Chen")
    operations.edit_deliverable(version.deliverable, by=alice_staff, reviewers=[maria, liam])
    told = Message.objects.filter(email="deliverables.ready").values_list("client__name", flat=True)
    assert sorted(told) == ["Liam Chen", "Maria Silva"]


def test_nothing_changes_in_an_archived_project(version: Version, maria: Client, alice_staff: Staff) -> None:
    from kit import clock

    Project.objects.update(archived_at=clock.now())
    with pytest.raises(operations.Archived):
        operations.decide(version, client=maria, verdict="approved")
    with pytest.raises(operations.Archived):
        operations.withdraw(version.deliverable, by=alice_staff)
