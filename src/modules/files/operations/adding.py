"""Files come in as drafts; a new version keeps the address; an older version can be made the current one again."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from kit.refused import NotValid, WrongState
from kit.typed import text_of
from modules.files.models import Activity, File, Folder, Version
from modules.files.operations.checks import LONGEST_NAME, LONGEST_TEXT, fitting_place, hold, link_of
from modules.files.operations.looking import note
from modules.files.operations.marking import check_upload
from modules.files.operations.storing import Sent, discard_all, store_all
from modules.files.queries.people import Owner, owner_fields
from modules.projects.models import Project
from portal.audit.operations import Trail, record
from portal.events import publish
from portal.people.models import Client, Staff
from portal.uploads import scanning
from portal.uploads.models import Upload


def add_files(
    owner: Owner,
    *,
    files: Sequence[Sent],
    by: Staff | None,
    folder: Folder | None = None,
    project: Project | None = None,
    words: str = "",
    trail: Trail | None = None,
) -> list[File]:
    """Keep files for an owner, as drafts that no client sees.

    Args:
        words: a note that the client reads beside each of them, once they are shared.

    Raises:
        NotValid: no file, too many, one that is refused, no room left; `field` says which input.
    """
    fitting_place(owner, folder, project)
    words = text_of(words, field="note", longest=LONGEST_TEXT)
    stored = store_all(files)
    try:
        with transaction.atomic():
            return [
                make_file(owner, upload, by=by, folder=folder, project=project, note=words, trail=trail)
                for upload in stored
            ]
    except Exception:
        discard_all(stored)
        raise


@transaction.atomic
def add_link(
    owner: Owner,
    *,
    link: str,
    name: str,
    by: Staff | None,
    folder: Folder | None = None,
    project: Project | None = None,
    words: str = "",
    trail: Trail | None = None,
) -> File:
    """Keep a link to a file elsewhere (Drive, Figma …), as a draft. Who may open it there, that service decides.

    Raises:
        NotValid: not an https address, or no name.
    """
    fitting_place(owner, folder, project)
    file = File(**owner_fields(owner), folder=folder, project=project, made_by=by)
    file.link = link_of(link)
    file.name = text_of(name, field="name", demand="Give it a name.", longest=LONGEST_NAME)
    file.note = text_of(words, field="note", longest=LONGEST_TEXT)
    file.save()
    record("files.added", file, by=by, summary=f"Added the link {file}", **(trail or {}))
    return file


def add_version(
    file: File,
    *,
    sent: Sent,
    by: Staff | None = None,
    client: Client | None = None,
    words: str = "",
    trail: Trail | None = None,
) -> Version:
    """Replace what is behind a file's address. Older versions stay, for staff.

    Where files are checked for viruses, the older one is shown until the new one is found clean.

    Raises:
        NotValid: the file is refused, cannot bear the reader's name as this one does, or there is no room left.
        WrongState: it is a link, or in the trash.
    """
    if file.link:
        raise WrongState("A link has no versions. Change its address instead.")
    words = text_of(words, field="note", longest=300)
    stored = store_all([sent])
    try:
        is_checked = check_upload(file, stored[0], field="files")
        with transaction.atomic():
            held = _held(file, is_checked)
            return _make_version(held, stored[0], by=by, client=client, words=words, trail=trail)
    except Exception:
        discard_all(stored)
        raise


def restore_version(version: Version, *, by: Staff | None, trail: Trail | None = None) -> File:
    """Show an older version again.

    Raises:
        NotValid: the file bears the reader's name, and this version cannot.
        WrongState: it is being checked or harmful, or the file is in the trash.
    """
    return _restore(version, check_upload(version.file, version.upload), by, trail)


@transaction.atomic
def _restore(version: Version, is_checked: bool, by: Staff | None, trail: Trail | None) -> File:
    file = _held(version.file, is_checked)
    fresh = file.versions.get(pk=version.pk)
    if not fresh.is_served:
        raise WrongState("This version cannot be shown: it is being checked, or was found to be harmful.")
    if file.current_id != fresh.pk:
        file.current = fresh
        file.save(update_fields=["current"])
        summary = f"Made {fresh} of {file} the current one again"
        record("files.version_restored", file, by=by, summary=summary, **(trail or {}))
    return file


@transaction.atomic
def edit_file(
    file: File,
    *,
    by: Staff | None,
    name: str | None = None,
    words: str | None = None,
    folder: Folder | None = None,
    project: Project | None = None,
    link: str = "",
    trail: Trail | None = None,
) -> File:
    """Rename, move, describe. The address stays. Folder and project are set as given, None being none.

    Raises:
        NotValid: a field's value is refused; `field` says which.
        WrongState: it is shared with whoever sees its project, which would be taken away.
    """
    held = hold(file)
    fitting_place(held.owner, folder, project)
    if project is None and held.shared_at and held.audience == File.Audience.PROJECT:
        raise WrongState(
            "It is shared with whoever sees the project. Share it otherwise first.", field="project"
        )
    before = {"name": held.name, "folder": str(held.folder or ""), "project": str(held.project or "")}
    if name is not None:
        held.name = text_of(name, field="name", demand="Give it a name.", longest=LONGEST_NAME)
    if words is not None:
        held.note = text_of(words, field="note", longest=LONGEST_TEXT)
    if held.link and link:
        held.link = link_of(link)
    held.folder, held.project = folder, project
    held.save()
    after = {"name": held.name, "folder": str(folder or ""), "project": str(project or "")}
    change: dict[str, Any] = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    record("files.edited", held, by=by, summary=f"Changed the file {held}", change=change, **(trail or {}))
    return held


def make_file(
    owner: Owner,
    upload: Upload,
    *,
    by: Staff | None = None,
    client: Client | None = None,
    folder: Folder | None = None,
    project: Project | None = None,
    note: str = "",
    trail: Trail | None = None,
) -> File:
    """A file with its first version. Inside the caller's transaction.

    Raises:
        NotValid: the folder holds what cannot be.
    """
    if folder is not None and not Folder.objects.filter(pk=folder.pk).exists():
        raise NotValid("This folder is gone.", field="folder")
    file = File.objects.create(
        **owner_fields(owner),
        name=upload.name,
        note=note,
        folder=folder,
        project=project,
        made_by=by,
        sent_by=client,
    )
    _make_version(file, upload, by=by, client=client, words="", trail=trail)
    return file


def _held(file: File, is_checked: bool) -> File:
    """The file, held; whose new bytes were tried if it bears names.

    Raises:
        WrongState: names were switched on meanwhile, or it is in the trash.
    """
    held = hold(file)
    if held.is_marked and not is_checked:
        raise WrongState("How it is shared was just changed. Look at it and try again.")
    return held


def _make_version(
    file: File, upload: Upload, *, by: Staff | None, client: Client | None, words: str, trail: Trail | None
) -> Version:
    newest = file.versions.aggregate(newest=Max("number"))["newest"] or 0
    state = Version.Check.WAITING if scanning.is_on() else Version.Check.NONE
    version = Version.objects.create(
        file=file,
        number=newest + 1,
        upload=upload,
        note=words,
        made_by=by,
        sent_by=client,
        check_state=state,
    )
    if file.current_id is None or version.is_served:
        file.current = version
        file.save(update_fields=["current"])
    note(file, Activity.Did.UPLOADED, client=client, staff=by, version=version)
    verb, did = ("files.replaced", "Replaced") if newest else ("files.added", "Added")
    person = client or by
    record(verb, file, by=person, summary=f"{did} {file} (version {version.number})", **(trail or {}))
    publish("files.version_added", version_id=version.pk)
    return version
