"""Workflows act for those who may see what happened, and for nobody else."""

from datetime import timedelta
from typing import Any

import pytest

from kit import clock
from modules.feedback import operations as feedback
from modules.files import operations as files
from modules.projects.models import Project
from modules.subscriptions.models import Kind, Subscription
from portal import registry
from portal.entitlements import things
from portal.entitlements.models import Entitlement
from portal.entitlements.operations import grant
from portal.module import Happening
from portal.people import private
from portal.people.models import Bundle, Client, Company, CompanyMembership, Staff
from portal.records import tags
from portal.records.models import Tag
from portal.workflows.models import Run
from tests.modules.deliverables.scene import in_review
from tests.modules.feedback.scene import wrote
from tests.modules.files.scene import asked, pdf, shared
from tests.modules.invoices.scene import issued, northwind_bills, sent_quote
from tests.modules.subscriptions.scene import make_offer
from tests.portal.workflows.scene import a_workflow, set_off, steps_of
from tests.running_jobs import run_jobs

pytestmark = pytest.mark.usefixtures("in_northwind")


def read(fact: str, **ids: Any) -> Happening | None:
    return registry.triggers()[fact].read(**ids)


def meant(fact: str, **ids: Any) -> set[str]:
    """First names of those for whom workflows would act."""
    found = read(fact, **ids)
    return {client.first_name for client in found.clients} if found else set()


@pytest.fixture
def brightside(maria: Client, tom: Client) -> Company:
    """Maria has every right; Tom is a plain member, and Nora came today: she sees what comes from now on."""
    company = Company.objects.get(name="Brightside")
    for client, bundle in ((maria, Bundle.OWNER), (tom, Bundle.MEMBER)):
        CompanyMembership.objects.update_or_create(
            client=client, company=company, defaults={"bundle": bundle, "sees_from": None}
        )
    nora = Client.objects.create(email="nora@client.example", name="Nora New")
    CompanyMembership.objects.create(
        client=nora, company=company, bundle=Bundle.OWNER, sees_from=clock.now() - timedelta(hours=1)
    )
    return company


EARLIER = timedelta(days=2)


def test_money_is_for_those_who_see_it(brightside: Company, maria: Client, alice_staff: Staff) -> None:
    northwind_bills()
    invoice, quote = issued(brightside, alice_staff), sent_quote(brightside, alice_staff)
    bought = Subscription.objects.create(
        company=brightside,
        offer=make_offer(grants=[]),
        buyer=maria,
        kind=Kind.RECURRING,
        minor=4900,
        currency="EUR",
        started_at=clock.now(),
    )
    facts = [
        ("invoices.issued", {"invoice_id": invoice.pk}),
        ("invoices.quote_sent", {"quote_id": quote.pk}),
        ("subscriptions.started", {"subscription_id": bought.pk}),
    ]
    for fact, ids in facts:
        assert meant(fact, **ids) == {"Maria", "Nora"}, fact  # Tom sees no money
    nora = CompanyMembership.objects.filter(client__name="Nora New")
    nora.update(sees_from=clock.now() + timedelta(minutes=1))
    for fact, ids in facts:
        assert meant(fact, **ids) == {"Maria"}, fact
    nora.update(sees_from=None)
    for row in (invoice, quote, bought):
        private.keep_private(row, [maria], by=alice_staff)
    for fact, ids in facts:
        assert meant(fact, **ids) == {"Maria"}, fact


def test_work_is_for_those_who_see_the_project(brightside: Company, tom: Client, alice_staff: Staff) -> None:
    project = Project.objects.create(company=brightside, name="Website")
    version = in_review(project, alice_staff)
    facts = [
        ("projects.created", {"project_id": project.pk}),
        ("deliverables.ready", {"deliverable_id": version.deliverable_id, "version_id": version.pk}),
    ]
    for fact, ids in facts:
        assert meant(fact, **ids) == {"Maria", "Tom", "Nora"}
    Project.objects.filter(pk=project.pk).update(created_at=clock.now() - EARLIER)
    for fact, ids in facts:
        assert meant(fact, **ids) == {"Maria", "Tom"}
    Project.objects.filter(pk=project.pk).update(private_to=[tom.pk])
    for fact, ids in facts:
        assert meant(fact, **ids) == {"Tom"}


def test_access_that_is_one_persons_concerns_nobody_else(
    brightside: Company, maria: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(things, "_openable", dict(things._openable))
    things.openable("courses.course", label="Course", titles=lambda: {"12": "Brand basics"})
    grant(owner=brightside, key="courses.course:12", source="a.b:1", reason=Entitlement.Reason.HAND)
    ids = {"key": "courses.course:12", "company_id": brightside.pk, "client_id": None}
    assert meant("entitlements.granted", **ids) == {"Maria", "Tom", "Nora"}
    Entitlement.objects.update(private_to=[maria.pk])
    assert meant("entitlements.granted", **ids) == {"Maria"}
    assert read("entitlements.granted", **ids | {"company_id": brightside.pk + 900}) is None


def test_files_are_for_those_with_whom_they_are_shared(
    brightside: Company, maria: Client, tom: Client, alice_staff: Staff
) -> None:
    file = shared(brightside, alice_staff)
    assert meant("files.shared", file_id=file.pk) == {"Maria", "Tom", "Nora"}
    type(file).objects.filter(pk=file.pk).update(shared_at=clock.now() - EARLIER)
    assert meant("files.shared", file_id=file.pk) == {"Maria", "Tom"}
    files.share([file], by=alice_staff, audience="contacts", contacts=[tom])
    assert meant("files.shared", file_id=file.pk) == {"Tom"}
    files.unshare(file, by=alice_staff)
    assert read("files.shared", file_id=file.pk) is None


def test_a_request_is_for_those_whom_it_asks_and_what_comes_for_who_sent_it(
    brightside: Company, maria: Client, tom: Client, alice_staff: Staff
) -> None:
    request = asked(brightside, alice_staff, files.Wanted("Scan", ["pdf"]), contacts=[maria, tom])
    assert meant("files.requested", request_id=request.pk) == {"Maria", "Tom"}
    assert read("files.request_met", request_id=request.pk) is None
    sent = files.hand_in(request.items.get(), files=[pdf()], client=tom)[0]
    assert meant("files.uploaded", file_id=sent.file_id) == {"Tom"}
    files.accept(sent, by=alice_staff)
    assert meant("files.request_met", request_id=request.pk) == {"Maria", "Tom"}
    trigger = registry.triggers()["files.request_met"]
    assert trigger.past is not None
    assert [past.ids for past in trigger.past(clock.now() - EARLIER)] == [{"request_id": request.pk}]
    files.close_request(request, by=alice_staff)
    assert meant("files.request_met", request_id=request.pk) and not meant(
        "files.requested", request_id=request.pk
    )


def test_a_conversation_is_for_who_wrote_and_still_reads_it(
    brightside: Company, maria: Client, tom: Client, alice_staff: Staff
) -> None:
    thread = wrote(maria, company=brightside)
    assert meant("feedback.submitted", thread_id=thread.pk, client_id=maria.pk) == {"Maria"}
    assert meant("feedback.submitted", thread_id=thread.pk, client_id=tom.pk) == set()
    feedback.reply_as_client(thread, client=tom, text="Here, too.")
    feedback.reply_as_staff(thread, by=alice_staff, text="We look.", then="open")
    feedback.add_note(thread, by=alice_staff, text="Again!")
    trigger = registry.triggers()["feedback.replied"]
    assert trigger.past is not None
    past = [one.ids for one in trigger.past(clock.now() - EARLIER)]
    assert [(one["client_id"], one["by"]) for one in past] == [(maria.pk, "staff"), (tom.pk, "client")]
    assert [meant("feedback.replied", **ids) for ids in past] == [{"Maria"}, {"Tom"}]
    type(thread).objects.filter(pk=thread.pk).update(private_to=[maria.pk])
    assert [meant("feedback.replied", **ids) for ids in past] == [{"Maria"}, set()]


def test_a_problem_that_is_written_tags_who_wrote_it(
    brightside: Company, maria: Client, alice_staff: Staff
) -> None:
    asked_for = [{"offer": "kind", "is": "is", "value": "problem"}]
    made = a_workflow(
        ("records.tag", {"tag": "Needs care"}),
        by=alice_staff,
        fact="feedback.submitted",
        conditions=asked_for,
    )
    wrote(maria, company=brightside, kind="idea")
    run_jobs()
    assert not Run.objects.exists()
    for _ in range(2):
        wrote(maria, company=brightside)
        run_jobs()
    assert [str(tag) for tag in maria.tags.all()] == ["Needs care"] and not Tag.objects.get().clients.exclude(
        pk=maria.pk
    )
    states = [steps_of(run) for run in Run.objects.filter(workflow=made).order_by("pk")]
    assert [state for [(_, state)] in states] == ["done", "skipped"]


def test_a_tag_sets_a_workflow_off_for_that_tag_alone_and_never_in_a_circle(
    tom: Client, charlie: Client, alice_staff: Staff
) -> None:
    wanted = tags.tag_named("VIP")
    asked_for = [{"offer": "tag", "is": "is", "value": str(wanted.pk)}]
    a_workflow(("records.tag", {"tag": "vip"}), by=alice_staff, fact="tasks.done", name="Puts it on")
    a_workflow(
        ("records.tag", {"tag": "Looked after"}), by=alice_staff, fact="records.tagged", conditions=asked_for
    )
    tags.put_tag([charlie], "Other", by=alice_staff)
    run_jobs()
    assert not Run.objects.exists()
    set_off(tom, alice_staff)
    assert {str(tag) for tag in tom.tags.all()} == {"VIP", "Looked after"}
    assert {str(tag) for tag in charlie.tags.all()} == {"Other"}
    tags.rename_tag(wanted, "Best", by=alice_staff)
    tags.put_tag([charlie], "Best", by=alice_staff)
    run_jobs()
    assert {str(tag) for tag in charlie.tags.all()} == {"Best", "Looked after", "Other"}
    found = read("records.tagged", client_id=tom.pk, tag_id=wanted.pk)
    assert found is not None and found.values == {"tag": str(wanted.pk)}
    tags.take_tag([tom], wanted, by=alice_staff)
    assert read("records.tagged", client_id=tom.pk, tag_id=wanted.pk) is None
