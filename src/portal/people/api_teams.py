"""Companies and who acts for them, for the agency's own programs: the operations of the console's pages."""

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import AfterValidator, AwareDatetime, Field

from portal.apikeys.shapes import ANSWERS, Paged, Paging, paged
from portal.http import Request
from portal.people import teams
from portal.people.api import address
from portal.people.models import BUNDLES, Bundle, Company, CompanyMembership, Right

router = Router(tags=["companies"])


class CompanyOut(Schema):
    """An organisation that clients act for."""

    id: int
    name: str
    fields: dict[str, str | bool]
    created_at: datetime


class CompanyIn(Schema):
    """How a company is called."""

    name: str = Field(max_length=160)


class ContactOut(Schema):
    """That a client acts for a company; `sees_from` null: it sees the whole history."""

    id: int
    company_id: int
    client_id: int
    bundle: Bundle
    rights: list[Right]
    sees_from: datetime | None
    created_at: datetime


class ContactIn(Schema):
    """Somebody new, or a client by the address. `rights` go before `bundle`. With `invite`, a mail leaves."""

    email: Annotated[str, AfterValidator(address), Field(max_length=254)]
    name: str = Field(min_length=1, max_length=120)
    bundle: Bundle = Bundle.MEMBER
    rights: list[Right] | None = None
    sees_from: AwareDatetime | None = None
    invite: bool = False


class RightsIn(Schema):
    """What somebody may do, and since when the records are seen. `rights` go before `bundle`."""

    bundle: Bundle = Bundle.MEMBER
    rights: list[Right] | None = None
    sees_from: AwareDatetime | None


@router.get("/", response={200: Paged[CompanyOut], **ANSWERS})
def list_companies(request: Request, paging: Query[Paging], name: str = "") -> dict[str, Any]:
    """The agency's companies, newest first; with `name`, the one that is called so."""
    found = Company.objects.all()
    return paged(found.filter(name__iexact=name.strip()) if name else found, paging, company_out)


@router.post("/", response={201: CompanyOut, **ANSWERS})
def create_company(request: Request, payload: CompanyIn) -> tuple[int, dict[str, Any]]:
    """Add a company."""
    return 201, company_out(teams.make_company(name=payload.name, by=request.staff, request=request))


@router.get("/{int:company_id}/", response={200: CompanyOut, **ANSWERS})
def show_company(request: Request, company_id: int) -> dict[str, Any]:
    """One company."""
    return company_out(_company(company_id))


@router.put("/{int:company_id}/", response={200: CompanyOut, **ANSWERS})
def rename_company(request: Request, company_id: int, payload: CompanyIn) -> dict[str, Any]:
    """Call it something else."""
    teams.rename_company(_company(company_id), name=payload.name, by=request.staff, request=request)
    return company_out(_company(company_id))


@router.get("/{int:company_id}/contacts/", response={200: Paged[ContactOut], **ANSWERS})
def list_contacts(request: Request, company_id: int, paging: Query[Paging]) -> dict[str, Any]:
    """Who acts for a company, newest first."""
    return paged(_company(company_id).memberships.all(), paging, contact_out)


@router.post("/{int:company_id}/contacts/", response={201: ContactOut, **ANSWERS})
def add_contact(request: Request, company_id: int, payload: ContactIn) -> tuple[int, dict[str, Any]]:
    """Let somebody act for a company."""
    joined = teams.add_contact(
        _company(company_id),
        email=payload.email,
        name=payload.name,
        rights=_rights(payload.bundle, payload.rights),
        bundle=payload.bundle,
        sees_from=payload.sees_from,
        is_invited=payload.invite,
        by=request.staff,
        request=request,
    )
    return 201, contact_out(joined)


@router.put("/{int:company_id}/contacts/{int:contact_id}/", response={200: ContactOut, **ANSWERS})
def change_contact(request: Request, company_id: int, contact_id: int, payload: RightsIn) -> dict[str, Any]:
    """Say what somebody may do there, and since when the records are seen."""
    found = _contact(company_id, contact_id)
    teams.set_membership(
        found,
        rights=_rights(payload.bundle, payload.rights),
        bundle=payload.bundle,
        sees_from=payload.sees_from,
        by=request.staff,
        request=request,
    )
    return contact_out(_contact(company_id, contact_id))


@router.post("/{int:company_id}/contacts/{int:contact_id}/removal/", response={200: ContactOut, **ANSWERS})
def remove_contact(request: Request, company_id: int, contact_id: int) -> dict[str, Any]:
    """Let somebody act for a company no longer; the client stays."""
    found = _contact(company_id, contact_id)
    shown = contact_out(found)
    teams.leave_company(found, by=request.staff, request=request)
    return shown


def company_out(company: Company) -> dict[str, Any]:
    """A company as the API shows it."""
    names = ("name", "created_at")
    return {"id": company.pk, "fields": company.custom, **{name: getattr(company, name) for name in names}}


def contact_out(membership: CompanyMembership) -> dict[str, Any]:
    """Somebody of a company as the API shows it."""
    names = ("company_id", "client_id", "bundle", "rights", "sees_from", "created_at")
    return {"id": membership.pk, **{name: getattr(membership, name) for name in names}}


def _rights(bundle: Bundle, rights: list[Right] | None) -> list[Right]:
    return BUNDLES[bundle] if rights is None else rights


def _company(company_id: int) -> Company:
    found = Company.objects.filter(pk=company_id).first()
    if found is None:
        raise Http404
    return found


def _contact(company_id: int, contact_id: int) -> CompanyMembership:
    found = _company(company_id).memberships.filter(pk=contact_id).first()
    if found is None:
        raise Http404
    return found
