"""Clients and invitations for the agency's own programs: the operations of the console's pages."""

from datetime import date, datetime
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import AfterValidator, AwareDatetime, Field

from kit.refused import Refused
from portal.apikeys.shapes import ANSWERS, Paged, Paging, paged
from portal.http import Request
from portal.people.models import Bundle, Client, Company, Invitation
from portal.people.operations import (
    add_and_invite,
    add_client,
    invite,
    remove_access,
    restore_access,
    revoke,
    set_access_until,
)

clients = Router(tags=["clients"])
invitations = Router(tags=["invitations"])


class ClientOut(Schema):
    """A person whom the agency serves."""

    id: int
    email: str
    name: str
    companies: list[int]
    tags: list[str]
    fields: dict[str, str | bool]
    lead: str | None
    phone: str
    language: str
    zone: str
    wants_marketing: bool
    is_archived: bool
    has_access: bool
    access_until: date | None
    last_seen_at: datetime | None
    created_at: datetime


def address(text: str) -> str:
    """An e-mail address as the forms accept it."""
    try:
        validate_email(text)
    except ValidationError as error:
        raise ValueError("Enter a valid e-mail address.") from error
    return text


class ClientIn(Schema):
    """A new client. With `invite`, the invitation is mailed at once."""

    email: Annotated[str, AfterValidator(address), Field(max_length=254)]
    name: str = Field(min_length=1, max_length=120)
    company_id: int | None = None
    bundle: Bundle = Bundle.MEMBER
    sees_from: AwareDatetime | None = Field(None, description="sees only records from then on; null: all")
    access_until: date | None = Field(None, description="last day of access, in the agency's zone")
    invite: bool = False


class AccessIn(Schema):
    """Until when somebody has access; null: no end."""

    access_until: date | None


class InvitationOut(Schema):
    """An invitation with its state: queued, sent, opened, accepted, bounced, revoked or expired."""

    id: int
    client_id: int
    state: str
    created_at: datetime
    sent_at: datetime | None
    accepted_at: datetime | None
    expires_at: datetime


class InvitationIn(Schema):
    """Whom to invite, and which page of the portal accepting leads to."""

    client_id: int
    next_path: str = Field("/", max_length=500)
    access_until: date | None = None


@clients.get("/", response={200: Paged[ClientOut], **ANSWERS})
def list_clients(request: Request, paging: Query[Paging], email: str = "", tag: str = "") -> dict[str, Any]:
    """The agency's clients, newest first; with `email`, the one who has this address; with `tag`, those who have it."""
    found = (
        Client.objects.filter(erased_at=None).select_related("lead").prefetch_related("memberships", "tags")
    )
    if tag:
        found = found.filter(tags__name__iexact=tag)
    return paged(found.with_email(email) if email else found, paging, client_out)


@clients.post("/", response={201: ClientOut, **ANSWERS})
def create_client(request: Request, payload: ClientIn) -> tuple[int, dict[str, Any]]:
    """Add a client, and invite if that is wanted."""
    make: dict[str, Any] = {
        "email": payload.email,
        "name": payload.name,
        "by": request.staff,
        "company": _company(payload.company_id),
        "bundle": payload.bundle,
        "sees_from": payload.sees_from,
        "access_until": payload.access_until,
        "request": request,
    }
    if not payload.invite:
        return 201, client_out(add_client(**make))
    if Client.objects.with_email(payload.email).exists():
        raise Refused("Somebody of this agency has this address already.", field="email")
    client, _ = add_and_invite(**make)
    return 201, client_out(client)


@clients.get("/{int:client_id}/", response={200: ClientOut, **ANSWERS})
def show_client(request: Request, client_id: int) -> dict[str, Any]:
    """One client."""
    return client_out(_client(client_id))


@clients.put("/{int:client_id}/access/", response={200: ClientOut, **ANSWERS})
def change_access(request: Request, client_id: int, payload: AccessIn) -> dict[str, Any]:
    """Set the last day of access."""
    set_access_until(_client(client_id), payload.access_until, by=request.staff, request=request)
    return client_out(_client(client_id))


@clients.post("/{int:client_id}/removal/", response={200: ClientOut, **ANSWERS})
def remove_client_access(request: Request, client_id: int) -> dict[str, Any]:
    """End a client's access at once; everything else stays."""
    remove_access(_client(client_id), by=request.staff, request=request)
    return client_out(_client(client_id))


@clients.post("/{int:client_id}/restoration/", response={200: ClientOut, **ANSWERS})
def restore_client_access(request: Request, client_id: int) -> dict[str, Any]:
    """Let a removed client in again."""
    restore_access(_client(client_id), by=request.staff, request=request)
    return client_out(_client(client_id))


@invitations.get("/", response={200: Paged[InvitationOut], **ANSWERS})
def list_invitations(request: Request, paging: Query[Paging], client_id: int | None = None) -> dict[str, Any]:
    """Invitations, newest first; with `client_id`, those of one client."""
    found = Invitation.objects.all()
    return paged(found.filter(client=client_id) if client_id else found, paging, invitation_out)


@invitations.post("/", response={201: InvitationOut, **ANSWERS})
def create_invitation(request: Request, payload: InvitationIn) -> tuple[int, dict[str, Any]]:
    """Mail an invitation; an open one of the same client is replaced."""
    made = invite(
        _client(payload.client_id),
        by=request.staff,
        next_path=payload.next_path,
        access_until=payload.access_until,
        request=request,
    )
    return 201, invitation_out(made)


@invitations.get("/{int:invitation_id}/", response={200: InvitationOut, **ANSWERS})
def show_invitation(request: Request, invitation_id: int) -> dict[str, Any]:
    """One invitation."""
    return invitation_out(_invitation(invitation_id))


@invitations.post("/{int:invitation_id}/revocation/", response={200: InvitationOut, **ANSWERS})
def revoke_invitation(request: Request, invitation_id: int) -> dict[str, Any]:
    """Kill an open invitation; doing so twice is fine."""
    revoke(_invitation(invitation_id), by=request.staff, request=request)
    return invitation_out(_invitation(invitation_id))


def client_out(client: Client) -> dict[str, Any]:
    """A client as the API shows it."""
    return {
        "id": client.pk,
        "email": client.email,
        "name": client.name,
        "companies": [membership.company_id for membership in client.memberships.all()],
        "tags": [tag.name for tag in client.tags.all()],
        "fields": client.custom,
        "lead": client.lead.email if client.lead else None,
        "phone": client.phone,
        "language": client.language,
        "zone": client.zone,
        "wants_marketing": client.wants_marketing,
        "is_archived": client.archived_at is not None,
        "has_access": client.has_access,
        "access_until": client.access_until,
        "last_seen_at": client.last_seen_at,
        "created_at": client.created_at,
    }


def invitation_out(invitation: Invitation) -> dict[str, Any]:
    """An invitation as the API shows it."""
    names = ("client_id", "state", "created_at", "sent_at", "accepted_at", "expires_at")
    return {"id": invitation.pk, **{name: getattr(invitation, name) for name in names}}


def _client(client_id: int) -> Client:
    found = Client.objects.filter(pk=client_id, erased_at=None).first()
    if found is None:
        raise Http404
    return found


def _invitation(invitation_id: int) -> Invitation:
    found = Invitation.objects.filter(pk=invitation_id).first()
    if found is None:
        raise Http404
    return found


def _company(company_id: int | None) -> Company | None:
    if company_id is None:
        return None
    company = Company.objects.filter(pk=company_id).first()
    if company is None:
        raise Refused("There is no such company.", field="company_id")
    return company
