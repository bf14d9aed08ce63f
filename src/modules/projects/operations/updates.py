"""News for the client, and the talk under it."""

from django.db import transaction

from kit import clock
from kit.refused import Refused
from kit.typed import text_of
from modules.projects import emails
from modules.projects.models import Project, Update, UpdateComment
from modules.projects.operations.checks import WRITE_FIRST, lock
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.people.models import Client, Staff


class NotYours(Refused):
    """A client may comment on what it sees, and on nothing else."""

    words = "This update is not there."


@transaction.atomic
def post_update(project: Project, *, text: str, by: Staff | None, trail: Trail | None = None) -> Update:
    """Tell the clients who see the project something; each gets it by mail.

    Raises:
        NotValid: there is no text.
        ArchivedProject: the project is only read.
    """
    locked = lock(project)
    update = Update.objects.create(project=locked, staff=by, text=text_of(text, demand=WRITE_FIRST))
    record("projects.update_posted", update, by=by, summary=f"Posted an update on {locked}", **(trail or {}))
    publish("projects.update_posted", update_id=update.pk, project_id=locked.pk)
    emails.tell_clients(update)
    return update


@transaction.atomic
def edit_update(update: Update, *, text: str, by: Staff | None, trail: Trail | None = None) -> Update:
    """Correct its words. Nobody is mailed again; the page says that it was edited.

    Raises:
        NotValid: there is no text.
        ArchivedProject: the project is only read.
    """
    project = lock(update.project)
    before, update.text = update.text, text_of(text, demand=WRITE_FIRST)
    if before != update.text:
        update.edited_at = clock.now()
        update.save(update_fields=["text", "edited_at"])
        change = {"text": [before, update.text]}
        summary = f"Edited an update on {project}"
        record("projects.update_edited", update, by=by, summary=summary, change=change, **(trail or {}))
    return update


@transaction.atomic
def comment_as_client(
    update: Update, *, client: Client, text: str, trail: Trail | None = None
) -> UpdateComment:
    """Answer under an update. The lead is mailed; without one, the agency's owners are.

    Raises:
        NotYours: the client does not see the project.
        NotValid: there is no text.
        ArchivedProject: the project is only read.
    """
    project = lock(update.project)
    if not Project.objects.visible_to(client).filter(pk=project.pk).exists():
        raise NotYours
    comment = UpdateComment.objects.create(
        update=update, client=client, text=text_of(text, demand=WRITE_FIRST)
    )
    summary = f"Commented on an update of {project}"
    record("projects.client_commented", comment, by=client, summary=summary, **(trail or {}))
    publish("projects.client_commented", comment_id=comment.pk, project_id=project.pk)
    emails.tell_lead(comment)
    return comment


@transaction.atomic
def comment_as_staff(
    update: Update, *, by: Staff | None, text: str, trail: Trail | None = None
) -> UpdateComment:
    """Answer under an update. The clients who commented there are mailed: they wait for it.

    Raises:
        NotValid: there is no text.
        ArchivedProject: the project is only read.
    """
    project = lock(update.project)
    comment = UpdateComment.objects.create(update=update, staff=by, text=text_of(text, demand=WRITE_FIRST))
    summary = f"Commented on an update of {project}"
    record("projects.staff_commented", comment, by=by, summary=summary, **(trail or {}))
    publish("projects.staff_commented", comment_id=comment.pk, project_id=project.pk)
    emails.tell_commenters(comment)
    return comment
