"""Tags, notes and own fields for the agency's own programs: the operations of the console's pages."""

from datetime import datetime
from typing import Any

from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import Field

from portal.apikeys.shapes import ANSWERS, Paged, Paging, paged
from portal.http import Request
from portal.people.models import Client
from portal.records import fields, notes, tags
from portal.records.models import CustomField, Note, Tag

router = Router(tags=["clients"])


class TagIn(Schema):
    """A tag by its name; a new name makes a new tag."""

    name: str = Field(max_length=tags.NAME_LENGTH)


class TagsOut(Schema):
    """The tags of a client, afterwards."""

    tags: list[str]


class FieldOut(Schema):
    """One of the agency's own fields."""

    id: int
    name: str
    kind: str
    about: str
    choices: list[str]
    is_archived: bool


class FieldsIn(Schema):
    """Values by the fields' ids, as they would be typed; an empty text empties."""

    fields: dict[int, str]


class FieldsOut(Schema):
    """All values of a client or company by the fields' ids."""

    fields: dict[str, str | bool]


class NoteIn(Schema):
    """An internal note."""

    text: str = Field(max_length=notes.LENGTH)


class NoteOut(Schema):
    """An internal note; clients never see it."""

    id: int
    client_id: int
    text: str
    created_at: datetime


@router.get("/fields/", response={200: Paged[FieldOut], **ANSWERS})
def list_fields(request: Request, paging: Query[Paging]) -> dict[str, Any]:
    """The agency's own fields of clients and of companies (`about`), newest first."""
    return paged(CustomField.objects.all(), paging, field_out)


@router.post("/{int:client_id}/tags/", response={200: TagsOut, **ANSWERS})
def put_tag(request: Request, client_id: int, payload: TagIn) -> dict[str, Any]:
    """Put a tag on; twice is as good as once."""
    client = _client(client_id)
    tags.put_tag([client], payload.name, by=request.staff, request=request)
    return _tags_out(client)


@router.delete("/{int:client_id}/tags/{name}/", response={200: TagsOut, **ANSWERS})
def take_tag(request: Request, client_id: int, name: str) -> dict[str, Any]:
    """Take a tag off; one that is not there is fine."""
    client, tag = _client(client_id), Tag.objects.filter(name__iexact=name).first()
    if tag is not None:
        tags.take_tag([client], tag, by=request.staff, request=request)
    return _tags_out(client)


@router.put("/{int:client_id}/fields/", response={200: FieldsOut, **ANSWERS})
def set_fields(request: Request, client_id: int, payload: FieldsIn) -> dict[str, Any]:
    """Fill in own fields; those that are not named stay."""
    client = _client(client_id)
    fields.set_values(client, payload.fields, by=request.staff, request=request)
    return {"fields": client.custom}


@router.get("/{int:client_id}/notes/", response={200: Paged[NoteOut], **ANSWERS})
def list_notes(request: Request, client_id: int, paging: Query[Paging]) -> dict[str, Any]:
    """Internal notes about a client, newest first."""
    return paged(Note.objects.filter(client=_client(client_id)), paging, _note_out)


@router.post("/{int:client_id}/notes/", response={201: NoteOut, **ANSWERS})
def write_note(request: Request, client_id: int, payload: NoteIn) -> tuple[int, dict[str, Any]]:
    """Write an internal note."""
    note = notes.write_note(_client(client_id), payload.text, by=request.staff, request=request)
    return 201, _note_out(note)


def _client(client_id: int) -> Client:
    found = Client.objects.filter(pk=client_id, erased_at=None).first()
    if found is None:
        raise Http404
    return found


def _tags_out(client: Client) -> dict[str, Any]:
    return {"tags": list(client.tags.values_list("name", flat=True))}


def field_out(field: CustomField) -> dict[str, Any]:
    """A field as the API shows it."""
    names = ("name", "kind", "about", "choices")
    words = {name: getattr(field, name) for name in names}
    return {"id": field.pk, **words, "is_archived": field.archived_at is not None}


def _note_out(note: Note) -> dict[str, Any]:
    return {"id": note.pk, "client_id": note.client_id, "text": note.text, "created_at": note.created_at}
