"""What clients send: into a folder that is open to them, or for an item of a request."""

from collections.abc import Sequence

from django.db import transaction

from kit import clock
from kit.refused import WrongState
from modules.files import emails
from modules.files.models import File, FileRequest, Folder, HandIn, RequestItem
from modules.files.operations.adding import make_file
from modules.files.operations.checks import NotAllowed
from modules.files.operations.storing import Sent, check_item, discard_all, store_all
from modules.files.queries import people
from portal.audit.operations import Trail
from portal.events import publish
from portal.people.models import Client, Staff
from portal.tasks.operations import add_task
from portal.uploads.models import Upload


def send_to_folder(
    folder: Folder, *, files: Sequence[Sent], client: Client, trail: Trail | None = None
) -> list[File]:
    """Put a client's files into a folder that takes them. Whoever may use the folder sees them.

    Raises:
        NotAllowed: the folder does not take files of this client.
        NotValid: a file is refused, or there is no room left.
    """
    if not Folder.objects.taking_uploads_of(client).filter(pk=folder.pk).exists():
        raise NotAllowed("This folder takes no files from you.")
    stored = store_all(files)
    try:
        return _keep_in_folder(folder, stored, client, trail)
    except Exception:
        discard_all(stored)
        raise


def hand_in(
    item: RequestItem, *, files: Sequence[Sent], client: Client, trail: Trail | None = None
) -> list[HandIn]:
    """Send what a request's item asks for. Staff are told, and say whether it is right.

    Raises:
        NotAllowed: the item is not for this client.
        WrongState: it is sent already, or the request is closed.
        NotValid: another kind of file, too large, or no room left.
    """
    if not RequestItem.objects.visible_to(client).filter(pk=item.pk).exists():
        raise NotAllowed("This was not asked from you.")
    _check_wanted(item)
    for file in files:
        check_item(item, file)
    stored = store_all(files)
    try:
        return _keep_for_item(item, stored, client, trail)
    except Exception:
        discard_all(stored)
        raise


@transaction.atomic
def _keep_in_folder(folder: Folder, stored: list[Upload], client: Client, trail: Trail | None) -> list[File]:
    made = [make_file(folder.owner, one, client=client, folder=folder, trail=trail) for one in stored]
    for file in made:
        _let_senders_see(file, folder.private_to)
    told = people.staff_to_tell(folder.owner, first=folder.made_by)
    add_task(
        f"{client.shown_name} put {_count(made)} into {folder}",
        by=None,
        about=folder.owner,
        assignee=_one(told),
        path=f"/files/folders/{folder.pk}/",
        source=f"files.folder:{folder.pk}",
    )
    emails.tell_uploaded(made, client, told, folder=folder)
    return made


@transaction.atomic
def _keep_for_item(
    item: RequestItem, stored: list[Upload], client: Client, trail: Trail | None
) -> list[HandIn]:
    locked = RequestItem.objects.select_for_update(of=("self",)).select_related("request")
    held = locked.filter(pk=item.pk).first()
    # While the files came in, staff may have changed the list.
    if held is None:
        raise WrongState("This is not asked for any more.")
    _check_wanted(held)
    if (held.formats, held.most_bytes) != (item.formats, item.most_bytes):
        raise WrongState(f"What is asked for here has just changed: {held.demand}. Please look again.")
    request: FileRequest = held.request
    made = []
    for upload in stored:
        file = make_file(request.owner, upload, client=client, project=request.project, trail=trail)
        _let_senders_see(file, request.private_to)
        made.append(HandIn.objects.create(item=held, file=file, sent_by=client))
    held.state = RequestItem.State.SENT
    held.save(update_fields=["state"])
    told = people.staff_to_tell(request.owner, project=request.project, first=request.asked_by)
    add_task(
        f"Look at “{held}” from {client.shown_name}",
        by=None,
        about=request.owner,
        assignee=_one(told),
        note=f"Sent for: {request}. Accept it, or say what is wrong with it.",
        path=f"/files/requests/{request.pk}/",
        source=source_of(held),
    )
    emails.tell_uploaded([one.file for one in made], client, told, item=held)
    return made


def source_of(item: RequestItem) -> str:
    """Under which name staff are asked to look at what was sent for an item."""
    return f"files.item:{item.pk}"


def _check_wanted(item: RequestItem) -> None:
    if item.request.closed_at is not None:
        raise WrongState("This request is closed. Nothing more is needed.")
    if not item.is_wanted:
        raise WrongState("This was sent already.", field="files")


def _let_senders_see(file: File, private_to: list[int]) -> None:
    """A client's own file is shared with those who could have sent it; nobody is mailed."""
    file.shared_at = clock.now()
    file.private_to = private_to
    file.audience = File.Audience.CONTACTS if private_to else File.Audience.OWNER
    file.save(update_fields=["shared_at", "private_to", "audience"])
    publish("files.uploaded", file_id=file.pk)


def _count(files: Sequence[File]) -> str:
    return f"“{files[0]}”"[:120] if len(files) == 1 else f"{len(files)} files"


def _one(found: Sequence[Staff]) -> Staff | None:
    return found[0] if len(found) == 1 else None
