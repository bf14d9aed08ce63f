"""Believable feedback for the demo: one to answer, one that waits for the client, one settled with a rating."""

from datetime import timedelta
from typing import Any

from django.db import models

from modules.feedback import operations
from modules.feedback.models import Entry, Kind, Thread
from modules.projects.models import Project
from portal.mail.models import Message
from portal.people.models import Client, Company, Staff
from portal.tasks.models import Task

HOURS = (
    "Opening hours",
    "Hello {first_name},\n\nthank you for writing. We are here from Monday to Friday, nine to five, and answer "
    "within a day.\n\n{staff}, {agency}",
)
LAUNCH = (
    "Waiting for the launch",
    "Hello {first_name},\n\nthis is noted for {project}; it goes live with the next launch. You read of it in "
    "#{number}.\n\n{staff}",
)


def make_demo(cast: Any) -> None:
    """Called inside a demo agency whose plan holds feedback."""
    if not cast.clients:
        return
    staff: Staff = cast.staff
    client: Client = cast.clients[0]
    company = client.companies.first()
    project = Project.objects.visible_to(client).open().order_by("pk").first()
    for name, text in (HOURS, LAUNCH):
        operations.save_canned(None, name=name, text=text.replace("#{number}", "{number}"), by=staff)
    _settled(client, company, project, staff)
    _asked_back(client, company, project, staff)
    _noted(client, company, project, staff)
    _mail_nobody()


def _settled(client: Client, company: Company | None, project: Project | None, staff: Staff) -> None:
    thread = operations.submit(
        client, kind=Kind.QUESTION, company=company, project=project,
        text="Can we change the opening hours ourselves later?\nThey are different at Christmas.",
    )  # fmt: skip
    operations.reply_as_staff(
        thread, by=staff, then="resolved",
        text="Yes: they are one line on the contact page, and we show you where when we hand over.",
    )  # fmt: skip
    operations.rate(thread, "good", client=client)
    _move_back(thread, days=9)


def _asked_back(client: Client, company: Company | None, project: Project | None, staff: Staff) -> None:
    thread = operations.submit(
        client, kind=Kind.PROBLEM, company=company, project=project,
        text="The form on the contact page says that it was sent, but nothing arrives here.",
    )  # fmt: skip
    operations.set_tags(thread, ["website", "mail"], by=staff)
    operations.reply_as_staff(
        thread, by=staff, text="Thank you for telling us. To which address should the messages go, and did you "
        "look into the spam folder?",
    )  # fmt: skip
    _move_back(thread, days=1)


def _noted(client: Client, company: Company | None, project: Project | None, staff: Staff) -> None:
    thread = operations.submit(
        client, kind=Kind.IDEA, company=company, project=project,
        text="Could we show what is roasted this week on the homepage?\n\nPeople ask for it every day, and we "
        "write it on a board by the door anyway.",
    )  # fmt: skip
    operations.add_note(
        thread, by=staff, text="Nice one. Half a day of work; offer it with the next milestone."
    )
    _move_back(thread, days=0, hours=5)


def _move_back(thread: Thread, **past: int) -> None:
    """As if it had happened some time ago."""
    by = timedelta(**past)
    rows: list[tuple[models.QuerySet[Any], tuple[str, ...]]] = [
        (
            Thread.objects.filter(pk=thread.pk),
            ("created_at", "last_said_at", "answer_due_at", "resolved_at", "rated_at"),
        ),
        (Entry.objects.filter(thread=thread), ("created_at",)),
        (Task.objects.filter(source=thread.task_source), ("created_at", "done_at")),
    ]
    for found, names in rows:
        found.update(**{name: models.F(name) - by for name in names})


def _mail_nobody() -> None:
    """The past of a demo mails nobody, but for the question that waits now."""
    told = Message.objects.filter(state=Message.State.QUEUED, email__startswith="feedback.")
    told.exclude(email="feedback.staff_replied").delete()
