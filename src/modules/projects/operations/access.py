"""Who sees a project: a client is invited straight to it, in one step."""

from datetime import date

from django.db import transaction

from kit.refused import Refused
from modules.projects.models import Project
from modules.projects.operations.checks import lock
from portal.audit.operations import Trail, record
from portal.links import portal_path
from portal.people.models import Client, Staff


class OnlyItsOwnClient(Refused):
    """A lone client's project has one reader."""

    words = "This project belongs to one client, and only that client sees it."


class NotInvited(Refused):
    """The invitation was refused; the words are those of the people operations."""


@transaction.atomic
def invite_to_project(
    project: Project,
    *,
    email: str,
    name: str,
    by: Staff | None,
    access_until: date | None = None,
    trail: Trail | None = None,
) -> Client:
    """Add a person to the project's company and mail an invitation that opens this project.

    A lone client may be invited again to its own project, nobody else.

    Raises:
        OnlyItsOwnClient: the project has no company, and the address is another's.
        NotInvited: the plan's number of clients is used up, access was removed, too many mails …
        ArchivedProject: the project is only read.
    """
    # Inside the function: the shell's operations load the mail jobs, which need the registry complete.
    from portal.people.operations import Refused as PeopleRefused
    from portal.people.operations import add_and_invite

    locked = lock(project)
    if locked.client is not None and locked.client.email.lower() != email.strip().lower():
        raise OnlyItsOwnClient(field="email")
    try:
        client, _ = add_and_invite(
            email=email,
            name=name,
            by=by,
            company=locked.company,
            access_until=access_until,
            next_path=portal_path("projects:show", locked.pk),
        )
    except PeopleRefused as refused:
        raise NotInvited(str(refused)) from refused
    summary = f"Invited {client} to {locked}"
    record("projects.client_invited", locked, by=by, summary=summary, **(trail or {}))
    return client
