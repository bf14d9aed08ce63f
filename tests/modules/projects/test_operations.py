"""What is done, what is refused, and what is written down about it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core import mail

from modules.projects import operations
from modules.projects.models import Milestone, Progress, Project, Task, Update, UpdateComment
from portal.audit.models import AuditEntry
from portal.mail.models import Message
from portal.people.models import Client, CompanyMembership, Staff
from tenants.agencies.current import CurrentAgency, inside
from tests.running_jobs import run_jobs


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """The facts that are published."""
    facts: list[tuple[str, dict[str, Any]]] = []
    for part in ("projects", "milestones", "updates"):
        monkeypatch.setattr(
            f"modules.projects.operations.{part}.publish", lambda fact, **ids: facts.append((fact, ids))
        )
    return facts


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


def test_a_new_project_is_told_and_written_down(
    northwind: CurrentAgency, maria: Client, alice_staff: Staff, told: list[Any]
) -> None:
    with inside(northwind):
        company = maria.companies.get()
        project = operations.create_project(owner=company, by=alice_staff, name="  Logo ")
        assert (project.name, project.company, project.client) == ("Logo", company, None)
        assert told == [("projects.created", {"project_id": project.pk})]
        entry = AuditEntry.objects.latest("pk")
        assert (entry.verb, entry.actor_id, entry.subject) == (
            "projects.created", alice_staff.pk, f"project:{project.pk}",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 161}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"status": "sleeping"}, "status"),
        ({"health": "ill"}, "health"),
        ({"starts_on": date(2026, 2, 2), "ends_on": date(2026, 2, 1)}, "ends_on"),
        ({"progress_override": 50}, "progress_reason"),
        ({"progress_override": 101, "progress_reason": "x"}, "progress_override"),
        ({"progress_override": -1, "progress_reason": "x"}, "progress_override"),
        ({"rounds_included": -1}, "rounds_included"),
    ],
)
def test_a_project_refuses_with_words_at_the_field(
    northwind: CurrentAgency, website: Project, alice_staff: Staff, fields: dict[str, Any], field: str
) -> None:
    with inside(northwind):
        before = Project.objects.filter(pk=website.pk).values().get()
        with pytest.raises(operations.NotValid) as refused:
            operations.edit_project(website, by=alice_staff, **fields)
        assert refused.value.field == field and refused.value.words
        assert Project.objects.filter(pk=website.pk).values().get() == before


def test_an_edit_keeps_what_was_before_in_the_log(
    northwind: CurrentAgency, website: Project, alice_staff: Staff
) -> None:
    with inside(northwind):
        operations.edit_project(website, by=alice_staff, health="late", name="New website")
        assert AuditEntry.objects.latest("pk").change == {"health": ["on_track", "late"]}
        operations.edit_project(website, by=alice_staff, health="late")
        assert verbs().count("projects.edited") == 1


def test_the_reason_goes_with_the_override(
    northwind: CurrentAgency, website: Project, alice_staff: Staff
) -> None:
    with inside(northwind):
        set_by_hand: Any = {"progress_override": 80, "progress_reason": "the rest is small"}
        assert operations.edit_project(website, by=alice_staff, **set_by_hand).progress_override == 80
        back = operations.edit_project(website, by=alice_staff, progress_override=None)
        assert back.progress_reason == ""


@pytest.mark.parametrize("weight", [0, -3, 101])
def test_a_weight_lies_between_1_and_100(
    northwind: CurrentAgency, website: Project, alice_staff: Staff, weight: int
) -> None:
    with inside(northwind):
        with pytest.raises(operations.NotValid) as refused:
            operations.add_milestone(website, by=alice_staff, name="Extra", weight=weight)
        assert refused.value.field == "weight"
        assert website.milestones.count() == 3


def test_done_is_told_once_each_time_it_is_reached(
    northwind: CurrentAgency, website: Project, alice_staff: Staff, told: list[Any]
) -> None:
    with inside(northwind):
        design = website.milestones.get(name="Design")
        for state in ("done", "done", "active", "done"):
            operations.set_milestone_state(design, state=state, by=alice_staff)
        assert [fact for fact, _ in told] == ["projects.milestone_done"] * 2
        assert Project.objects.get(pk=website.pk).progress == Progress(67, 2, 3, is_weighted=True)
        with pytest.raises(operations.NotValid):
            operations.set_milestone_state(design, state="asleep", by=alice_staff)


def test_milestones_are_put_in_order(northwind: CurrentAgency, website: Project, alice_staff: Staff) -> None:
    def names() -> list[str]:
        return [milestone.name for milestone in Milestone.objects.filter(project=website)]

    with inside(northwind):
        launch = website.milestones.get(name="Launch")
        operations.move_milestone(launch, up=False, by=alice_staff)
        assert names() == ["Site map", "Design", "Launch"]
        operations.move_milestone(launch, up=True, by=alice_staff)
        operations.move_milestone(launch, up=True, by=alice_staff)
        operations.move_milestone(launch, up=True, by=alice_staff)
        assert names() == ["Launch", "Site map", "Design"]
        operations.delete_milestone(launch, by=alice_staff)
        assert names() == ["Site map", "Design"]


ON_ARCHIVED: dict[str, Callable[[Project, Staff, Client], object]] = {
    "edit": lambda p, by, c: operations.edit_project(p, by=by, name="x"),
    "add milestone": lambda p, by, c: operations.add_milestone(p, by=by, name="x"),
    "edit milestone": lambda p, by, c: operations.edit_milestone(
        p.milestones.get(position=0), by=by, name="x"
    ),
    "move": lambda p, by, c: operations.move_milestone(p.milestones.get(position=2), up=True, by=by),
    "delete": lambda p, by, c: operations.delete_milestone(p.milestones.get(position=0), by=by),
    "update": lambda p, by, c: operations.post_update(p, text="x", by=by),
    "edit update": lambda p, by, c: operations.edit_update(p.updates.get(), text="x", by=by),
    "client comments": lambda p, by, c: operations.comment_as_client(p.updates.get(), client=c, text="x"),
    "staff comments": lambda p, by, c: operations.comment_as_staff(p.updates.get(), by=by, text="x"),
    "task": lambda p, by, c: operations.add_task(p, by=by, title="x"),
    "note": lambda p, by, c: operations.add_internal_comment(p, by=by, text="x"),
    "invite": lambda p, by, c: operations.invite_to_project(p, by=by, email="x@x.example", name="x"),
}


@pytest.mark.parametrize("doing", ON_ARCHIVED)
def test_an_archived_project_is_only_read(
    northwind: CurrentAgency, website: Project, news: Update, alice_staff: Staff, maria: Client, doing: str
) -> None:
    with inside(northwind):
        operations.archive_project(website, by=alice_staff)
        written = AuditEntry.objects.count()
        with pytest.raises(operations.ArchivedProject):
            ON_ARCHIVED[doing](website, alice_staff, maria)
        assert AuditEntry.objects.count() == written
        operations.archive_project(website, by=alice_staff)  # twice is once
        operations.restore_project(website, by=alice_staff)
        ON_ARCHIVED[doing](website, alice_staff, maria)


def test_an_update_is_mailed_to_those_who_see_it_and_to_nobody_else(
    northwind: CurrentAgency, website: Project, news: Update, maria: Client
) -> None:
    with inside(northwind):
        run_jobs()
        (sent,) = mail.outbox
        assert sent.to == [maria.email] and sent.subject == "News on New website"
        assert "The drafts are ready." in sent.body
        link = f"{northwind.portal_url(f'/projects/{website.pk}/')}#update-{news.pk}"
        assert isinstance(sent, mail.EmailMultiAlternatives)
        assert link in sent.body and link in str(sent.alternatives[0])


def test_an_update_goes_to_a_lone_client_only(
    northwind: CurrentAgency, portfolio: Project, alice_staff: Staff, tom: Client
) -> None:
    with inside(northwind):
        operations.post_update(portfolio, text="First page done.", by=alice_staff)
        assert [message.client for message in Message.objects.all()] == [tom]


def test_who_left_the_company_before_the_mail_left_gets_none(
    northwind: CurrentAgency, news: Update, maria: Client
) -> None:
    with inside(northwind):
        CompanyMembership.objects.filter(client=maria).delete()
        run_jobs()
        assert mail.outbox == []
        assert Message.objects.get().state == Message.State.DROPPED


def test_a_clients_comment_reaches_the_lead(
    northwind: CurrentAgency,
    website: Project,
    news: Update,
    maria: Client,
    alice_staff: Staff,
    told: list[Any],
) -> None:
    with inside(northwind):
        run_jobs()
        mail.outbox.clear()
        comment = operations.comment_as_client(news, client=maria, text="Lovely!")
        assert told == [("projects.client_commented", {"comment_id": comment.pk, "project_id": website.pk})]
        run_jobs()
        (sent,) = mail.outbox
        assert sent.to == [alice_staff.email] and "Lovely!" in sent.body
        assert northwind.console_url(f"/projects/{website.pk}/updates/") in sent.body
        assert AuditEntry.objects.latest("pk").actor == AuditEntry.Actor.CLIENT


def test_without_an_active_lead_the_owner_hears_the_client(
    northwind: CurrentAgency, website: Project, news: Update, maria: Client, alice_staff: Staff
) -> None:
    with inside(northwind):
        gone = Staff.objects.create(account_id=77, name="Gone", email="gone@x.example", is_active=False)
        operations.edit_project(website, by=alice_staff, lead=gone)
        operations.comment_as_client(Update.objects.get(pk=news.pk), client=maria, text="Hello?")
        assert Message.objects.get(email="projects.client_commented").staff == alice_staff


def test_staff_answer_those_who_wrote_there(
    northwind: CurrentAgency, news: Update, maria: Client, alice_staff: Staff
) -> None:
    with inside(northwind):
        operations.comment_as_staff(news, by=alice_staff, text="Anything unclear?")
        assert not Message.objects.filter(email="projects.staff_commented").exists()
        operations.comment_as_client(news, client=maria, text="The colours?")
        operations.comment_as_staff(news, by=alice_staff, text="They follow.")
        assert Message.objects.get(email="projects.staff_commented").client == maria


def test_charlie_cannot_comment_on_what_he_does_not_see(
    northwind: CurrentAgency, news: Update, charlie: Client
) -> None:
    with inside(northwind):
        with pytest.raises(operations.NotYours):
            operations.comment_as_client(news, client=charlie, text="Let me in")
        assert not UpdateComment.objects.exists()


@pytest.mark.parametrize("text", ["", "   \n ", "x" * 10_001, "a\x00b"])
def test_a_text_is_neither_empty_nor_endless(
    northwind: CurrentAgency, website: Project, alice_staff: Staff, text: str
) -> None:
    with inside(northwind), pytest.raises(operations.NotValid) as refused:
        operations.post_update(website, text=text, by=alice_staff)
    assert refused.value.field == "text"


def test_a_corrected_update_mails_nobody_again(
    northwind: CurrentAgency, news: Update, alice_staff: Staff
) -> None:
    with inside(northwind):
        before = Message.objects.count()
        operations.edit_update(news, text="The drafts are here.", by=alice_staff)
        assert Update.objects.get(pk=news.pk).edited_at is not None
        assert Message.objects.count() == before


def test_tasks_are_added_done_reopened_and_deleted(
    northwind: CurrentAgency, website: Project, alice_staff: Staff
) -> None:
    with inside(northwind):
        task = operations.add_task(website, by=alice_staff, title="Call them", assignee=alice_staff)
        operations.edit_task(task, by=alice_staff, title="Call Maria", due_on=date(2026, 3, 3))
        operations.set_task_done(task, is_done=True, by=alice_staff)
        operations.set_task_done(task, is_done=True, by=alice_staff)
        assert Task.objects.get().done_at is not None
        operations.set_task_done(task, is_done=False, by=alice_staff)
        operations.delete_task(task, by=alice_staff)
        assert not Task.objects.exists()
        assert [verb.partition(".")[2] for verb in verbs()][-5:] == [
            "task_added", "task_edited", "task_done", "task_reopened", "task_deleted",
        ]  # fmt: skip
        with pytest.raises(operations.NotValid):
            operations.add_task(website, by=alice_staff, title=" ")


def test_a_client_is_invited_straight_to_the_project(
    northwind: CurrentAgency, website: Project, alice_staff: Staff
) -> None:
    with inside(northwind):
        client = operations.invite_to_project(
            website, email="lea@brightside.example", name="Lea", by=alice_staff, access_until=date(2099, 1, 1)
        )
        assert client.companies.get() == website.company and client.access_until == date(2099, 1, 1)
        assert client.invitations.get().next_path == f"/projects/{website.pk}/"
        assert Project.objects.visible_to(client).get() == website


def test_a_lone_clients_project_has_one_reader(
    northwind: CurrentAgency, portfolio: Project, alice_staff: Staff, tom: Client
) -> None:
    with inside(northwind):
        with pytest.raises(operations.OnlyItsOwnClient):
            operations.invite_to_project(portfolio, email="lea@x.example", name="Lea", by=alice_staff)
        invited = operations.invite_to_project(
            portfolio, email="TOM@client.example", name="Tom", by=alice_staff
        )
        assert invited == tom
