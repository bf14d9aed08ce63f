"""A client writes to the agency: a thread is opened and becomes somebody's task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from kit import clock
from kit.refused import NotValid
from modules.feedback import emails
from modules.feedback.models import Kind, Thread
from modules.feedback.models.threads import LONGEST_SUBJECT
from modules.feedback.operations.asking import ask
from modules.feedback.operations.checks import NotAllowed, answer_due, say, stored, text_of
from modules.feedback.queries.people import first_assignee
from modules.projects.models import Project
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.people.models import Client, Company
from portal.uploads.models import Upload


@dataclass(frozen=True)
class About:
    """The page that a message is about: a row of a section, and its name as the client read it."""

    section: str
    id: int
    words: str


def submit(
    client: Client,
    *,
    kind: str,
    text: str,
    company: Company | None = None,
    is_private: bool = False,
    project: Project | None = None,
    about: About | None = None,
    files: Sequence[UploadedFile[Any]] = (),
    trail: Trail | None = None,
) -> Thread:
    """Open a thread. It goes to the project's lead, else the client's, else the owner: by mail and as a task.

    Args:
        company: for which it is written; None: for the client on its own.
        is_private: the company's others do not read along.
        about: what the page that the client came from is about; the caller has checked that the client saw it.

    Raises:
        NotAllowed: the client has no access any more.
        NotValid: no text, files that are refused, a company or project of others; `field` says which.
    """
    if not client.has_access:
        raise NotAllowed
    text = text_of(text)
    if kind not in Kind.values:
        raise NotValid("Choose what kind of message it is.", field="kind")
    _check_owner(client, company, project)
    with stored(files) as uploads:
        owner = {"company": company, "private_to": [client.pk] if company and is_private else []}
        return _open(client, Kind(kind), text, owner, project, about, uploads, trail)


@transaction.atomic
def _open(
    client: Client,
    kind: Kind,
    text: str,
    owner: dict[str, Any],
    project: Project | None,
    about: About | None,
    uploads: Sequence[Upload],
    trail: Trail | None,
) -> Thread:
    now = clock.now()
    thread = Thread.objects.create(
        kind=kind,
        subject=subject_of(text),
        author=client,
        client=None if owner["company"] else client,
        **owner,
        project=project,
        assignee=first_assignee(client, owner["company"] or client, project),
        answer_due_at=answer_due(now),
        about_section=about.section if about else "",
        about_id=about.id if about else None,
        about_words=about.words[:160] if about else "",
    )
    entry = say(thread, text, uploads, client=client)
    ask(thread)
    publish("feedback.submitted", thread_id=thread.pk, client_id=client.pk)
    summary = f"Wrote {thread} ({kind.label.lower()})"
    record("feedback.submitted", thread, by=client, summary=summary, **(trail or {}))
    emails.tell_submitted(thread, entry)
    return thread


def subject_of(text: str) -> str:
    """The first words on one line: what lists, tasks and mails call the thread."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text.strip().partition("\n")[0]).split())
    if len(line) <= LONGEST_SUBJECT:
        return line or "Message"
    return line[: LONGEST_SUBJECT - 1].rpartition(" ")[0].rstrip(" ,.;:") + "…"


def _check_owner(client: Client, company: Company | None, project: Project | None) -> None:
    if company is not None and not client.memberships.filter(company=company).exists():
        raise NotValid("Choose one of your companies.", field="company")
    if project is None:
        return
    if not Project.objects.visible_to(client).filter(pk=project.pk).exists():
        raise NotValid("Choose one of your projects.", field="project")
    if company is not None and project.company_id != company.pk:
        raise NotValid(f"{project} is not a project of {company}.", field="project")
