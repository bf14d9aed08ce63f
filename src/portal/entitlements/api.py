"""Who may use what, for the agency's own programs. Reading only: giving by hand is the console's."""

from datetime import datetime
from typing import Any

from django.http import Http404
from ninja import Query, Router, Schema

from portal.apikeys.shapes import ANSWERS, Paged, Paging, paged
from portal.entitlements import shown
from portal.entitlements.models import Entitlement
from portal.http import Request
from portal.people.models import Client

router = Router(tags=["entitlements"])


class EntitlementOut(Schema):
    """One reason why a company or a client may use `key`. `state`: open, limited, paused, not yet, ended."""

    id: int
    key: str
    name: str
    state: str
    reason: str
    source: str
    company_id: int | None
    client_id: int | None
    since: datetime
    until: datetime | None
    ended_at: datetime | None


@router.get("/", response={200: Paged[EntitlementOut], **ANSWERS})
def list_entitlements(
    request: Request, paging: Query[Paging], client_id: int | None = None, key: str = ""
) -> dict[str, Any]:
    """All of the agency, newest first. `client_id`: what this client may use, alone or through its companies."""
    found = Entitlement.objects.all()
    if client_id is not None:
        client = Client.objects.filter(pk=client_id).first()
        if client is None:
            raise Http404
        found = found.visible_to(client)
    if key:
        found = found.filter(key=key)
    return paged(found, paging, _out)


@router.get("/{int:entitlement_id}/", response={200: EntitlementOut, **ANSWERS})
def show_entitlement(request: Request, entitlement_id: int) -> dict[str, Any]:
    """One of them."""
    found = Entitlement.objects.filter(pk=entitlement_id).first()
    if found is None:
        raise Http404
    return _out(found)


def _out(one: Any) -> dict[str, Any]:
    row = shown.rows_of([one])[0]
    names = ("key", "reason", "source", "company_id", "client_id", "since", "until", "ended_at")
    fields = {name: getattr(one, name) for name in names}
    return {"id": one.pk, "name": row.name, "state": row.words.lower(), **fields}
