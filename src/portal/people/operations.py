"""Clients: added, edited, asked for by other parts. Access is in access.py, invitations in invitations.py."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from kit import clock
from kit.refused import Refused
from portal.audit.operations import record
from portal.http import Request
from portal.people import serving
from portal.people.access import close_ways_in, need_room, remove_access, restore_access, set_access_until
from portal.people.invitations import invite, lead_to, open_invitation, resend, revoke
from portal.people.models import Bundle, Client, Company, CompanyMembership, Invitation, Staff
from portal.people.refusals import AlreadyClient, ClientLimitReached, NoAccess, NotAllowed, TooOften
from portal.records.former import known_as

# What other parts call; one name to import from, whatever file a verb lives in.
__all__ = [
    "AlreadyClient",
    "ClientLimitReached",
    "NoAccess",
    "NotAllowed",
    "Refused",
    "TooOften",
    "add_and_invite",
    "add_client",
    "edit_client",
    "invite",
    "remove_access",
    "resend",
    "restore_access",
    "revoke",
    "set_access_until",
]


@transaction.atomic
def add_client(
    *,
    email: str,
    name: str,
    by: Staff | Client | None,
    company: Company | None = None,
    bundle: Bundle = Bundle.MEMBER,
    sees_from: datetime | None = None,
    access_until: date | None = None,
    request: Request | None = None,
) -> Client:
    """Add somebody whom the agency serves, without writing to them.

    Args:
        by: who adds; a client adds its colleagues.
        bundle: the rights within `company`; without a company it means nothing.
        sees_from: sees the company's records from this moment on; None: the whole history.
        access_until: last day of access in the agency's zone; None: no end.

    Raises:
        AlreadyClient: the address is taken, in whatever case.
        ClientLimitReached: the plan's number of clients is used up.
    """
    known = Client.objects.with_email(email).first() or known_as(email)
    if known is not None:
        raise serving.already(known, by)
    need_room()
    try:
        with transaction.atomic():
            client = Client.objects.create(email=email.strip(), name=name.strip(), access_until=access_until)
    except IntegrityError as error:  # somebody else added it between our question and now
        raise serving.already(Client.objects.with_email(email).get(), by) from error
    join_company(client, company, bundle, sees_from)
    serving.keep_in_sight(client, by)
    record("people.client_added", client, by=by, summary=f"{client} added", request=request)
    return client


@transaction.atomic
def add_and_invite(
    *,
    email: str,
    name: str,
    by: Staff | None,
    company: Company | None = None,
    access_until: date | None = None,
    next_path: str = "/",
    bundle: Bundle = Bundle.MEMBER,
    sees_from: datetime | None = None,
    request: Request | None = None,
) -> tuple[Client, Invitation]:
    """Invite whoever has this address; who is no client yet becomes one first.

    A client that is known keeps its name, joins `company` if it was not in it, and gets a new invitation
    in place of an open one; once the limit of mails is reached, the open one stands and leads to `next_path`.

    Raises:
        Refused: ClientLimitReached, NoAccess, NotAllowed or TooOften, with words for the person.
    """
    client = Client.objects.with_email(email).first() or known_as(email)
    if client is None:
        client = add_client(
            email=email,
            name=name,
            by=by,
            company=company,
            bundle=bundle,
            sees_from=sees_from,
            access_until=access_until,
            request=request,
        )
        access_until = None
    else:
        serving.need_served(client, by)
        join_company(client, company, bundle, sees_from)
    try:
        return client, invite(client, by=by, next_path=next_path, access_until=access_until, request=request)
    except TooOften:
        waiting = open_invitation(client)
        if waiting is None:
            raise
        return client, lead_to(waiting, next_path)


@transaction.atomic
def add_from_console(
    *,
    email: str,
    name: str,
    company: str,
    bundle: Bundle,
    access_until: date | None,
    is_invited: bool,
    by: Staff,
    with_history: bool = True,
    request: Request | None = None,
) -> Client:
    """Add a client with a company by name (found or made), and invite at once if that is wanted.

    Raises:
        Refused: see `add_client` and `invite`; nothing of it happened then.
    """
    client = add_client(
        email=email,
        name=name,
        by=by,
        company=company_named(company, by=by),
        bundle=bundle,
        sees_from=None if with_history else clock.now(),
        access_until=access_until,
        request=request,
    )
    if is_invited:
        invite(client, by=by, request=request)
    return client


def join_company(
    client: Client, company: Company | None, bundle: Bundle, sees_from: datetime | None = None
) -> None:
    """Let a client act for a company; rights that it has there already stay as they are."""
    if company is not None:
        joining = {"bundle": bundle, "sees_from": sees_from}
        CompanyMembership.objects.get_or_create(client=client, company=company, defaults=joining)


def company_named(name: str, *, by: Staff | None) -> Company | None:
    """The company with this name, whatever its case, made if it is new; None for no name.

    Raises:
        NotServed: there is one, and `by` may not see it.
    """
    wanted = " ".join(name.split())
    if not wanted:
        return None
    company = Company.objects.filter(name__iexact=wanted).first()
    if company is None:
        company = Company.objects.create(name=wanted)
        serving.keep_in_sight(company, by)
    serving.need_served(company, by)
    return company


@transaction.atomic
def edit_client(
    client: Client, *, name: str, email: str, by: Staff | None, request: Request | None = None
) -> None:
    """Correct the name, and the address as long as the client has never signed in.

    A new address kills the invitation that went to the wrong one.

    Raises:
        AlreadyClient: another client has the address.
        Refused: the address is the client's own to change now.
    """
    locked = Client.objects.select_for_update().get(pk=client.pk)
    change: dict[str, Any] = {}
    if name != locked.name:
        change["name"], locked.name = [locked.name, name], name
    if email != locked.email:
        _check_new_address(locked, email, by)
        change["email"], locked.email = [locked.email, email], email
        close_ways_in(locked)
    if change:
        locked.save(update_fields=list(change))
        record(
            "people.client_edited", locked, by=by, summary=f"{locked} edited", change=change, request=request
        )


@transaction.atomic
def edit_profile(
    client: Client,
    *,
    display_name: str,
    phone: str,
    language: str,
    zone: str,
    wants_marketing: bool | None = None,
    request: Request | None = None,
) -> None:
    """What a client says of itself: words checked by the form, the phone in E.164.

    Args:
        wants_marketing: off: only mails that are needed; None: as it was.
    """
    locked = Client.objects.select_for_update().get(pk=client.pk)
    wanted: dict[str, Any] = {
        "display_name": display_name,
        "phone": phone,
        "language": language,
        "zone": zone,
    }
    if wants_marketing is not None:
        wanted["wants_marketing"] = wants_marketing
    change = {
        name: [getattr(locked, name), value]
        for name, value in wanted.items()
        if getattr(locked, name) != value
    }
    if not change:
        return
    for name, (_, value) in change.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(change))
    record(
        "people.profile_edited",
        locked,
        by=client,
        summary="Edited the profile",
        change=change,
        request=request,
    )


def _check_new_address(client: Client, email: str, by: Staff | None) -> None:
    if client.last_seen_at is not None:
        raise Refused(f"{client.shown_name} has signed in, and changes the address on the profile page.")
    taken = Client.objects.with_email(email).exclude(pk=client.pk).first()
    if taken is not None:
        raise serving.already(taken, by)
