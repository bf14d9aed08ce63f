"""What parts declare: every trigger reads its own past, every recipe can be switched on, actions do what they say."""

from datetime import timedelta

import pytest
import time_machine

from kit import clock
from modules.projects.models import Project
from modules.projects.operations import add_milestone, create_project
from portal import registry
from portal.entitlements import things
from portal.entitlements.models import Entitlement
from portal.entitlements.operations import grant, revoke
from portal.module import Fact, Module, Trigger
from portal.people.models import Client, Invitation, Staff
from portal.people.workflows import read_client
from portal.tasks.models import Task
from portal.workflows import checking, editing, recipes, starting
from portal.workflows.jobs import start_due
from portal.workflows.models import Run
from tests.portal.workflows.scene import INVITE, TASK, a_workflow, set_off
from tests.running_jobs import run_jobs

pytestmark = pytest.mark.usefixtures("in_northwind")


@pytest.fixture
def courses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that sells one course."""
    monkeypatch.setattr(things, "_openable", dict(things._openable))
    things.openable("courses.course", label="Course", titles=lambda: {"12": "Brand basics"})


@pytest.mark.parametrize("fact", sorted(registry.triggers()))
def test_every_trigger_survives_what_is_gone(fact: str) -> None:
    trigger = registry.triggers()[fact]
    since = clock.now() - timedelta(days=30)
    if trigger.past is not None:
        found = trigger.past(since) if trigger.due is None else trigger.past(since, trigger.days)
        assert list(found) is not None
    if trigger.due is not None:
        assert list(trigger.due(trigger.days)) is not None and "{days}" in trigger.label


@pytest.mark.usefixtures("courses")
def test_every_recipe_that_is_offered_can_be_switched_on(alice_staff: Staff) -> None:
    assert {"invoice-invite", "course-invite", "invoice-late", "welcome"} <= {
        r.key for r in recipes.offered()
    }
    for recipe in recipes.offered():
        assert checking.problems(recipe.content()) == [], recipe.key
        made = editing.create_workflow(recipe.name, by=alice_staff, content=recipe.content())
        editing.switch(made, is_on=True, by=alice_staff)


def test_the_course_recipe_waits_for_courses() -> None:
    assert "course-invite" not in {recipe.key for recipe in recipes.offered()}


@pytest.mark.usefixtures("courses")
def test_a_course_that_is_bought_invites_once(tom: Client, alice_staff: Staff) -> None:
    recipe = recipes.find("course-invite")
    assert recipe is not None
    made = editing.create_workflow("Course", by=alice_staff, content=recipe.content())
    editing.switch(made, is_on=True, by=alice_staff)
    for source, reason, invited in (
        ("hand", "hand", 0),
        ("order:7", "purchase", 1),
        ("order:8", "purchase", 1),
    ):
        grant(owner=tom, key="courses.course:12", source=source, reason=Entitlement.Reason(reason))
        run_jobs()
        assert Invitation.objects.filter(client=tom).count() == invited
        revoke(source=source)
        run_jobs()


def test_a_contract_that_is_sent_invites_once_documents_declare_it(
    tom: Client, alice_staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert recipes.find("contract-invite") is None
    documents = Module(
        key="documents",
        name="Documents",
        icon="documents",
        order=0,
        facts=[Fact("documents.sent", "A document is sent")],
        triggers=[Trigger("documents.sent", "a document is sent", read_client, None)],
    )
    monkeypatch.setattr(registry, "_shell", [*registry.shell_parts(), documents])
    recipe = recipes.find("contract-invite")
    assert recipe is not None
    made = editing.create_workflow("Contract", by=alice_staff, content=recipe.content())
    editing.switch(made, is_on=True, by=alice_staff)
    from portal.events import publish

    for _ in range(2):
        publish("documents.sent", client_id=tom.pk)
        run_jobs()
    assert Run.objects.count() == 2 and Invitation.objects.filter(client=tom).count() == 1


@pytest.mark.usefixtures("courses")
def test_access_is_given_once_and_taken_again(tom: Client, alice_staff: Staff) -> None:
    give = ("entitlements.give", {"key": "courses.course:12", "days": "30"})
    a_workflow(give, by=alice_staff, name="Give")
    set_off(tom, alice_staff)
    found = Entitlement.objects.get()
    assert found.client == tom and found.reason == "workflow" and found.until is not None
    take = ("entitlements.take", {"key": "courses.course:12"})
    a_workflow(take, by=alice_staff, fact="people.accepted", name="Take")
    from portal.events import publish

    publish("people.accepted", client_id=tom.pk, invitation_id=1)
    run_jobs()
    found.refresh_from_db()
    assert found.ended_at is not None


def test_a_project_is_made_like_another_with_its_days_moved(tom: Client, alice_staff: Staff) -> None:
    from portal.agency import current_agency

    today = current_agency().today()
    like = create_project(owner=tom, by=alice_staff, name="Template", starts_on=today - timedelta(days=100))
    add_milestone(like, by=alice_staff, name="Draft", due_on=today - timedelta(days=90), weight=3)
    add_milestone(like, by=alice_staff, name="No day")
    run_jobs()
    settings = {"template": str(like.pk), "name": "Site for {{ client }}"}
    a_workflow(("projects.from_template", settings), by=alice_staff)
    set_off(tom, alice_staff)
    made = Project.objects.exclude(pk=like.pk).get()
    assert made.name == "Site for Tom Becker" and made.client == tom
    rows = [(m.name, m.weight, m.due_on) for m in made.milestones.all()]
    assert rows == [("Draft", 3, today + timedelta(days=10)), ("No day", 1, None)]


def test_time_sets_it_off_once_for_each_day_that_counts(tom: Client, alice_staff: Staff) -> None:
    a_workflow(TASK, by=alice_staff, fact="people.access_ends", days=7)
    from portal.agency import current_agency

    last = current_agency().today() + timedelta(days=7)
    Client.objects.filter(pk=tom.pk).update(access_until=last)
    for _ in range(3):
        start_due.send()
        run_jobs()
    assert Run.objects.count() == 1 and Task.objects.open().count() == 1
    Client.objects.filter(pk=tom.pk).update(access_until=last + timedelta(days=1))
    with time_machine.travel(clock.now() + timedelta(days=1)):
        starting.start_due()
    assert Run.objects.count() == 2


def test_who_does_not_come_is_noticed_once(tom: Client, maria: Client, alice_staff: Staff) -> None:
    a_workflow(TASK, by=alice_staff, fact="people.inactive", days=30)
    Client.objects.filter(pk=tom.pk).update(last_seen_at=clock.now() - timedelta(days=30, hours=2))
    Client.objects.filter(pk=maria.pk).update(last_seen_at=clock.now() - timedelta(days=3))
    for _ in range(2):
        start_due.send()
        run_jobs()
    assert [run.client for run in Run.objects.all()] == [tom]


def test_an_invitation_leads_to_what_happened(tom: Client, alice_staff: Staff) -> None:
    from portal.events import publish

    project = create_project(owner=tom, by=alice_staff, name="New")
    run_jobs()
    a_workflow(INVITE, by=alice_staff, fact="projects.created")
    publish("projects.created", project_id=project.pk)
    run_jobs()
    assert Invitation.objects.get(client=tom).next_path == f"/projects/{project.pk}/"
