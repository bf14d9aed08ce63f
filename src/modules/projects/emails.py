"""The mails of projects: their declarations, and who gets which."""

from collections.abc import Mapping
from typing import Any

from django.utils.text import Truncator

from modules.projects import queries
from modules.projects.models import Project, Update, UpdateComment
from portal.agency import current_agency
from portal.links import console_link, portal_link
from portal.mail.jobs import Unsendable
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.module import Email, Kind, Placeholder

SAMPLE = {
    "project": "New website",
    "who": "Alice Moreno",
    "text": "The first drafts of the home page are ready.",
    "button_url": "https://example.com/projects/7/",
}


def tell_clients(update: Update) -> None:
    """Mail a new update to every client who sees the project and may sign in."""
    words = _words(update, update.author_name, update.text)
    for client in queries.clients_to_tell(update.project):
        queue_mail("projects.update_posted", client, words=words)


def tell_lead(comment: UpdateComment) -> None:
    """Mail a client's comment to the lead, or without one to the owners."""
    project = comment.update.project
    words = _words(comment.update, comment.author_name, comment.text)
    words["button_url"] = console_link(current_agency(), "projects:updates", project.pk) + _anchor(words)
    for staff in queries.staff_to_tell(project):
        queue_mail("projects.client_commented", staff, words=words)


def tell_commenters(comment: UpdateComment) -> None:
    """Mail an answer to the clients who wrote under the same update and still see it."""
    project = comment.update.project
    words = _words(comment.update, comment.author_name, comment.text)
    wrote = comment.update.comments.filter(client__isnull=False).values("client")
    for client in queries.clients_to_tell(project).filter(pk__in=wrote):
        queue_mail("projects.staff_commented", client, words=words)


def _words(update: Update, who: str, text: str) -> dict[str, Any]:
    return {
        "project": update.project.name,
        "project_id": update.project_id,
        "update_id": update.pk,
        "who": who,
        "text": text,
    }


def _anchor(words: Mapping[str, Any]) -> str:
    return f"#update-{words['update_id']}"


def _link(message: Message) -> Mapping[str, Any]:
    """The button's address, made when the mail leaves: the portal may have got its own domain meanwhile.

    Raises:
        Unsendable: the client has left the company since.
    """
    client, words = message.client, message.words
    if client is None or not Project.objects.visible_to(client).filter(pk=words["project_id"]).exists():
        raise Unsendable("the client does not see the project any more")
    link = portal_link(current_agency(), "projects:show", words["project_id"])
    return {"button_url": link + _anchor(words)}


def _beginning(words: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"beginning": Truncator(words.get("text", "")).chars(120)}


def _email(key: str, label: str, told: str, prepare: Any = _link, **sample: Any) -> Email:
    return Email(
        key=f"projects.{key}",
        label=label,
        template=f"projects/emails/{key}",
        sample=SAMPLE | sample,
        prepare=prepare,
        told=told,
        placeholders={
            "project": Placeholder("Name of the project"),
            "who": Placeholder("Who wrote"),
            "text": Placeholder("What was written", Kind.LONG),
            "beginning": Placeholder("How it begins"),
            "button_url": Placeholder("The project's page", Kind.LINK, needed=True),
        },
        derive=_beginning,
        digest="new",
    )


EMAILS = [
    _email("update_posted", "Project update", "Every client who sees the project, when you post an update."),
    _email(
        "staff_commented",
        "Answer to a comment on a project update",
        "The clients who wrote under the update, when you answer.",
    ),
    _email(
        "client_commented",
        "Client's comment on a project update (to the lead)",
        "The lead of the project, else the owners, when a client comments.",
        None,
        who="Maria Silva",
    ),
]
