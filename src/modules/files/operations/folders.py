"""Folders are made, renamed, moved and removed by staff."""

from collections.abc import Iterable

from django.db import transaction

from kit.refused import NotValid, WrongState
from kit.typed import text_of
from modules.files.models import File, Folder
from modules.files.models.folders import DEEPEST, MOST_PER_OWNER
from modules.files.operations.checks import contact_ids
from modules.files.queries.people import Owner, owner_fields
from portal.audit.operations import Trail, record
from portal.people.models import Client, Staff

LONGEST = 120


@transaction.atomic
def create_folder(
    owner: Owner,
    *,
    name: str,
    by: Staff | None,
    parent: Folder | None = None,
    takes_uploads: bool = False,
    contacts: Iterable[Client] = (),
    trail: Trail | None = None,
) -> Folder:
    """Make a folder. Clients see it once a file in it is shared with them, or when they may put files into it.

    Args:
        contacts: with `takes_uploads`: who of the company may; none: everybody.

    Raises:
        NotValid: no name, a name twice, too deep, too many, or a parent of somebody else.
    """
    if Folder.objects.filter(**owner_fields(owner)).count() >= MOST_PER_OWNER:
        raise NotValid(f"{owner} has {MOST_PER_OWNER} folders. Remove some first.", field="name")
    folder = Folder(**owner_fields(owner), made_by=by, takes_uploads=takes_uploads)
    folder.private_to = contact_ids(owner, contacts)
    _place(folder, name, parent)
    folder.save()
    record("files.folder_created", folder, by=by, summary=f"Made the folder {folder}", **(trail or {}))
    return folder


@transaction.atomic
def edit_folder(
    folder: Folder,
    *,
    name: str,
    by: Staff | None,
    parent: Folder | None = None,
    takes_uploads: bool = False,
    contacts: Iterable[Client] = (),
    trail: Trail | None = None,
) -> Folder:
    """Rename it, move it with all that is in it, say who may put files into it.

    Raises:
        NotValid: as for a new one; or it would lie in itself.
    """
    held: Folder = Folder.objects.select_for_update(of=("self",)).get(pk=folder.pk)
    _place(held, name, parent)
    held.takes_uploads = takes_uploads
    held.private_to = contact_ids(held.owner, contacts, already=held.private_to)
    held.save()
    record("files.folder_edited", held, by=by, summary=f"Changed the folder {held}", **(trail or {}))
    return held


@transaction.atomic
def delete_folder(folder: Folder, *, by: Staff | None, trail: Trail | None = None) -> None:
    """Remove an empty folder; files in the trash that lay in it will come back outside of it.

    Raises:
        WrongState: there is something in it.
    """
    held: Folder = Folder.objects.select_for_update(of=("self",)).get(pk=folder.pk)
    if held.folders.exists() or held.files.there().exists():
        raise WrongState("There is something in this folder. Move or delete that first.")
    File.objects.filter(folder=held).update(folder=None)
    record("files.folder_deleted", held, by=by, summary=f"Removed the folder {held}", **(trail or {}))
    held.delete()


def _place(folder: Folder, name: str, parent: Folder | None) -> None:
    folder.name = text_of(name, field="name", demand="Give it a name.", longest=LONGEST)
    if parent is not None:
        if parent.owner != folder.owner:
            raise NotValid("This folder belongs to somebody else.", field="parent")
        if folder in parent.path:
            raise NotValid("A folder cannot lie in itself.", field="parent")
        if len(parent.path) + _height(folder) > DEEPEST:
            raise NotValid(f"Folders go {DEEPEST} deep at most.", field="parent")
    same = Folder.objects.filter(
        company=folder.company_id, client=folder.client_id, parent=parent, name=folder.name
    )
    if same.exclude(pk=folder.pk).exists():
        raise NotValid("There is a folder of this name already.", field="name")
    folder.parent = parent


def _height(folder: Folder) -> int:
    """How many folders deep it is, itself included."""
    if folder.pk is None:
        return 1
    return 1 + max((_height(child) for child in folder.folders.all()), default=0)
