"""Decisions: who may, when, the rule of one or all, rounds, undo, lock and hash."""

import hashlib
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.db.models import RestrictedError

from kit import clock
from modules.deliverables import operations
from modules.deliverables.models import UNDO_WINDOW, Deliverable, State, Version
from modules.deliverables.queries.page import rounds_of
from modules.projects.models import Project
from portal.audit.models import AuditEntry
from portal.mail.models import Message
from portal.people.models import Bundle, Client, CompanyMembership, Staff
from portal.uploads.models import Upload
from tests.modules.deliverables.scene import colleague, in_review, png


def approve(version: Version, client: Client) -> None:
    operations.decide(version, client=client, verdict="approved")


def fresh(version: Version) -> Deliverable:
    found: Deliverable = Deliverable.objects.select_related("project").get(pk=version.deliverable_id)
    return found


def later(by: timedelta = UNDO_WINDOW) -> datetime:
    return clock.now() + by


def test_an_approval_ends_the_review_and_mails_the_staff_in_charge(
    version: Version, maria: Client, alice_staff: Staff
) -> None:
    approve(version, maria)
    assert fresh(version).state == State.APPROVED
    message = Message.objects.get(email="deliverables.decided")
    assert message.staff == alice_staff and message.words["did"] == "approved"


def test_the_lead_hears_of_it_before_the_one_who_made_the_version(version: Version, maria: Client) -> None:
    lead = Staff.objects.create(account_id=999, name="Jonas", email="jonas@northwind.example")
    Project.objects.update(lead=lead)
    approve(version, maria)
    assert Message.objects.get(email="deliverables.decided").staff == lead


def test_requesting_changes_needs_a_reason(version: Version, maria: Client) -> None:
    with pytest.raises(operations.NotValid) as refused:
        operations.decide(version, client=maria, verdict="changes_requested", reason="  ")
    assert refused.value.field == "reason"


def test_the_same_decision_twice_is_one_decision(version: Version, maria: Client) -> None:
    first = operations.decide(version, client=maria, verdict="approved")
    assert operations.decide(version, client=maria, verdict="approved") == first
    assert Message.objects.filter(email="deliverables.decided").count() == 1


@pytest.mark.parametrize("verdict", ["", "maybe", "Approved"])
def test_any_other_verdict_is_refused(version: Version, maria: Client, verdict: str) -> None:
    with pytest.raises(operations.NotValid):
        operations.decide(version, client=maria, verdict=verdict)


def test_charlie_may_not_decide(version: Version, charlie: Client) -> None:
    with pytest.raises(operations.NotAllowed):
        approve(version, charlie)


def test_a_viewer_and_a_colleague_who_was_not_asked_may_not_decide(version: Version, maria: Client) -> None:
    company = maria.companies.get()
    for person in (colleague(company, "Vera Viewer", Bundle.VIEWER), colleague(company, "Liam Chen")):
        with pytest.raises(operations.NotAllowed):
            approve(version, person)


def test_who_lost_access_or_the_right_may_not_decide(version: Version, maria: Client) -> None:
    CompanyMembership.objects.filter(client=maria).update(rights=[])
    with pytest.raises(operations.NotAllowed):
        approve(version, maria)
    CompanyMembership.objects.filter(client=maria).update(rights=["approve"])
    Client.objects.filter(pk=maria.pk).update(removed_at=clock.now())
    with pytest.raises(operations.NotAllowed):
        approve(version, maria)


def test_all_means_all(project: Project, maria: Client, alice_staff: Staff) -> None:
    liam = colleague(maria.companies.get(), "Liam Chen")
    version = in_review(project, alice_staff, rule="all")
    approve(version, maria)
    assert fresh(version).state == State.READY
    approve(version, liam)
    assert fresh(version).state == State.APPROVED


def test_all_counts_only_those_who_still_have_access(
    project: Project, maria: Client, alice_staff: Staff
) -> None:
    liam = colleague(maria.companies.get(), "Liam Chen")
    version = in_review(project, alice_staff, rule="all")
    Client.objects.filter(pk=liam.pk).update(removed_at=clock.now())
    approve(version, maria)
    assert fresh(version).state == State.APPROVED


def test_taking_the_last_undecided_reviewer_out_completes_the_approval(
    project: Project, maria: Client, alice_staff: Staff
) -> None:
    colleague(maria.companies.get(), "Liam Chen")
    version = in_review(project, alice_staff, rule="all")
    approve(version, maria)
    operations.edit_deliverable(version.deliverable, by=alice_staff, reviewers=[maria])
    assert fresh(version).state == State.APPROVED


def test_one_request_for_changes_ends_the_round_for_all(
    project: Project, maria: Client, alice_staff: Staff
) -> None:
    liam = colleague(maria.companies.get(), "Liam Chen")
    version = in_review(project, alice_staff, rule="all")
    operations.decide(version, client=maria, verdict="changes_requested", reason="Warmer")
    assert fresh(version).state == State.CHANGES
    with pytest.raises(operations.WrongState):
        approve(version, liam)


def test_rounds_are_counted_and_an_undone_request_gives_its_round_back(
    version: Version, maria: Client, alice_staff: Staff
) -> None:
    assert rounds_of(fresh(version)).words == "Round 1 of 2 included"
    for number in (1, 2):
        operations.decide(version, client=maria, verdict="changes_requested", reason="Again")
        assert fresh(version).rounds_used == number
        version = operations.add_version(version.deliverable, files=[png()], by=alice_staff)
        operations.mark_ready(version.deliverable, by=alice_staff)
    rounds = rounds_of(fresh(version))
    assert rounds.words == "Round 3 of 2 included" and rounds.are_used_up
    operations.decide(version, client=maria, verdict="changes_requested", reason="Again")
    operations.undo_decision(version.deliverable, client=maria)
    assert fresh(version).rounds_used == 2


def test_an_approval_can_be_taken_back_until_it_is_locked(version: Version, maria: Client) -> None:
    approve(version, maria)
    operations.undo_decision(version.deliverable, client=maria)
    assert fresh(version).state == State.READY and fresh(version).locks_at is None
    approve(version, maria)
    with time_machine.travel(later()), pytest.raises(operations.Locked):
        operations.undo_decision(version.deliverable, client=maria)


def test_nobody_takes_back_anothers_decision(version: Version, maria: Client, charlie: Client) -> None:
    approve(version, maria)
    with pytest.raises(operations.WrongState):
        operations.undo_decision(version.deliverable, client=charlie)
    assert fresh(version).state == State.APPROVED


def test_it_is_locked_by_time_even_before_the_job_ran(
    version: Version, maria: Client, alice_staff: Staff
) -> None:
    approve(version, maria)
    with time_machine.travel(later()):
        assert fresh(version).is_locked and fresh(version).locked_version is None
        for act in (operations.withdraw, operations.mark_ready):
            with pytest.raises(operations.Locked):
                act(version.deliverable, by=alice_staff)
        with pytest.raises(operations.Locked):
            operations.comment_as_client(version, client=maria, text="One more thing")
        with pytest.raises(operations.Locked):
            operations.comment_as_staff(version, by=alice_staff, text="One more thing")
        with pytest.raises(operations.Locked):
            operations.edit_deliverable(version.deliverable, by=alice_staff, name="Other")
        with pytest.raises(operations.Locked):
            operations.add_version(fresh(version), files=[png()], by=alice_staff)


def test_the_job_seals_once_with_the_hash_over_the_files(version: Version, maria: Client) -> None:
    approve(version, maria)
    assert operations.lock_due() == 0
    with time_machine.travel(later()):
        assert (operations.lock_due(), operations.lock_due()) == (1, 0)
    version.refresh_from_db()
    digests = "".join(file.upload.sha256 for file in version.files.all())
    assert version.locked_sha256 == hashlib.sha256(digests.encode()).hexdigest()
    assert version.locked_sha256 == version.decisions.get().version_sha256
    assert version.locked_at == fresh(version).locks_at
    assert AuditEntry.objects.filter(verb="deliverables.locked").count() == 1


def test_the_hash_is_over_the_bytes_that_are_served(version: Version) -> None:
    from django.core.files.storage import default_storage

    upload = Upload.objects.get()
    with default_storage.open(upload.storage_key) as stored:
        assert hashlib.sha256(stored.read()).hexdigest() == upload.sha256


def test_staff_may_lock_an_approval_now_and_nothing_else(
    version: Version, maria: Client, alice_staff: Staff
) -> None:
    with pytest.raises(operations.WrongState):
        operations.lock_now(version.deliverable, by=alice_staff)
    approve(version, maria)
    operations.lock_now(version.deliverable, by=alice_staff)
    operations.lock_now(version.deliverable, by=alice_staff)
    assert fresh(version).locked_version == version
    with pytest.raises(operations.Locked):
        operations.undo_decision(version.deliverable, client=maria)


def test_a_new_version_of_an_approved_one_is_refused_in_words(
    version: Version, maria: Client, alice_staff: Staff
) -> None:
    approve(version, maria)
    with pytest.raises(operations.Locked, match="needs a new deliverable"):
        operations.add_version(version.deliverable, files=[png()], by=alice_staff)


def test_the_database_keeps_a_locked_deliverable_as_it_is(
    version: Version, maria: Client, alice_staff: Staff
) -> None:
    approve(version, maria)
    operations.lock_now(version.deliverable, by=alice_staff)
    rows = Deliverable.objects.filter(pk=version.deliverable_id)
    for change in ({"state": "draft"}, {"state": "draft", "locks_at": None}, {"locks_at": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.filter(pk=version.pk).update(locked_sha256="")
    with pytest.raises(RestrictedError):
        version.delete()


def test_the_whole_project_can_still_be_deleted_with_what_is_locked(
    version: Version, maria: Client, alice_staff: Staff
) -> None:
    approve(version, maria)
    operations.lock_now(version.deliverable, by=alice_staff)
    Project.objects.get().delete()
    assert not Deliverable.objects.exists()
