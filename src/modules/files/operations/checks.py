"""The refusals that operations share, and the rows that they hold first."""

from collections.abc import Iterable
from datetime import date
from urllib.parse import urlsplit

from kit.refused import NotValid, Refused, WrongState
from kit.typed import text_of
from modules.files.models import File, Folder
from modules.files.queries import people
from modules.files.queries.people import Owner
from modules.projects.models import Project
from portal.agency import current_agency
from portal.people.models import Client

LONGEST_TEXT = 5_000
LONGEST_NAME = 255


class NotAllowed(Refused):
    """This person may not do this."""

    words = "You may look at this, but not change it."


def hold(file: File) -> File:
    """The file as it is now, held until the transaction ends.

    Raises:
        WrongState: it is in the trash.
    """
    held: File = (
        File.objects.select_for_update(of=("self",)).select_related("company", "client").get(pk=file.pk)
    )
    if held.deleted_at is not None:
        raise WrongState("This file is in the trash. Bring it back first.")
    return held


def link_of(words: str) -> str:
    """An address on another service, https and nothing else.

    Raises:
        NotValid: it is none.
    """
    text = text_of(words, field="link", demand="Paste the address.", longest=2000)
    try:
        parts = urlsplit(text)
        is_good = parts.scheme == "https" and "." in (parts.hostname or "") and not parts.username
    except ValueError:
        is_good = False
    if not is_good or any(char.isspace() for char in text):
        raise NotValid("Paste an address that begins with https://", field="link")
    return text


def last_day(day: date | None, *, field: str) -> date | None:
    """A day that is not over.

    Raises:
        NotValid: it is.
    """
    if day is not None and day < current_agency().today():
        raise NotValid("This day is over. Choose today or later.", field=field)
    return day


def fitting_place(owner: Owner, folder: Folder | None, project: Project | None) -> None:
    """That folder and project are of this owner.

    Raises:
        NotValid: one of them is another's.
    """
    if folder is not None and folder.owner != owner:
        raise NotValid("This folder belongs to somebody else.", field="folder")
    if project is not None and project.owner != owner:
        raise NotValid("This project belongs to somebody else.", field="project")


def contact_ids(owner: Owner, contacts: Iterable[Client], *, already: Iterable[int] = ()) -> list[int]:
    """Ids of chosen contacts, as `private_to` keeps them.

    Raises:
        NotValid: one of them is not of this owner.
    """
    wanted = sorted({client.pk for client in contacts})
    if not set(wanted) <= {*already, *(client.pk for client in people.contacts_of(owner))}:
        raise NotValid("Somebody chosen here is not of this client, or has no access.", field="contacts")
    # A lone client is the only contact anyway.
    return [] if isinstance(owner, Client) else wanted
