"""The people of a company: who joins, what each may do there, who leaves.

Staff do it in the console, and clients with the right do it in the portal. A client never gives more than it
has, never touches somebody who may do more, and never itself: so a company that has an owner keeps one.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from kit import clock
from kit.refused import NotValid, Refused
from portal.audit.operations import record
from portal.http import Request
from portal.people import serving
from portal.people.invitations import invite
from portal.people.models import Bundle, Client, Company, CompanyMembership, Right, Staff
from portal.people.operations import add_client, company_named
from portal.people.refusals import ClientLimitReached, NoAccess, NotAllowed, TooOften
from portal.people.rights import bundle_of, whole, words_of
from tenants.agencies.current import current_agency
from tenants.ratelimits.operations import take

Person = Staff | Client | None
MOST_COLLEAGUES_PER_HOUR = 20


class InTheTeam(Refused):
    """Somebody of this company has this address already."""


@transaction.atomic
def make_company(*, name: str, by: Staff | None, request: Request | None = None) -> Company:
    """A company without people yet.

    Raises:
        NotValid: there is no name, or another company has it.
    """
    _check_name(name, None)
    company = company_named(name, by=by)
    assert company is not None, "the name was checked"
    record("people.company_added", company, by=by, summary=f"{company} added", request=request)
    return company


@transaction.atomic
def rename_company(company: Company, *, name: str, by: Staff | None, request: Request | None = None) -> None:
    """Call a company something else; what is issued keeps the name that it was issued to.

    Raises:
        NotValid: there is no name, or another company has it.
    """
    held = _hold(company)
    _check_name(name, held)
    wanted = " ".join(name.split())
    if wanted == held.name:
        return
    change = {"name": [held.name, wanted]}
    held.name = wanted
    held.save(update_fields=["name"])
    record(
        "people.company_renamed", held, by=by, summary=f"Now called {held}", change=change, request=request
    )


@transaction.atomic
def add_contact(
    company: Company,
    *,
    email: str,
    name: str,
    rights: Iterable[str],
    by: Staff | None,
    bundle: str = "",
    sees_from: datetime | None = None,
    is_invited: bool = True,
    request: Request | None = None,
) -> CompanyMembership:
    """Let somebody act for a company: a client whom the agency knows by this address, or a new one.

    Args:
        sees_from: only records from this moment on; None: the whole history.

    Raises:
        InTheTeam: the person is in this company already.
        Refused: see `add_client` and `invite`; nothing of it happened then.
    """
    joined = _join(_hold(company), email, name, rights, bundle, sees_from, by, request)
    if is_invited:
        invite(joined.client, by=by, request=request)
    return joined


@transaction.atomic
def invite_colleague(
    company: Company,
    *,
    email: str,
    name: str,
    rights: Iterable[str],
    by: Client,
    bundle: str = "",
    with_history: bool = False,
    request: Request | None = None,
) -> CompanyMembership:
    """A client invites somebody to its company, with no more than it has itself.

    Args:
        with_history: sees what the inviting client sees of the past; else only what comes from now on.

    Raises:
        NotAllowed: the client lacks the right to invite, or one of these rights.
        InTheTeam: the person is in this company already.
        Refused: too many today, no free place, or the address cannot be invited.
    """
    held = _hold(company)
    own = _acting(held, by, Right.INVITE)
    _check_no_more(own, rights)
    if take(
        f"colleagues:{current_agency().schema_name}:{by.pk}", most=MOST_COLLEAGUES_PER_HOUR, per_seconds=3600
    ):
        raise Refused("You have invited many people just now. Please go on in an hour.")
    sees_from = own.sees_from if with_history else clock.now()
    try:
        joined = _join(held, email, name, rights, bundle, sees_from, by, request)
        invite(joined.client, by=by, company=held.name, request=request)
    except ClientLimitReached as refused:
        raise Refused("There is no free place right now. Please ask us for one.") from refused
    except (NoAccess, TooOften) as refused:
        raise Refused("We could not invite this address. Please ask us.", field="email") from refused
    return joined


@transaction.atomic
def set_rights(
    membership: CompanyMembership,
    *,
    rights: Iterable[str],
    by: Person,
    bundle: str = "",
    request: Request | None = None,
) -> None:
    """Say what somebody may do in a company; it holds from the next click on.

    Raises:
        NotAllowed: a client without the right, with fewer rights than before or after, or about itself.
    """
    held = _hold_membership(membership, by)
    wanted = whole(rights)
    if isinstance(by, Client):
        _check_no_more(_acting(held.company, by, Right.MANAGE_TEAM), wanted)
    chosen = bundle_of(wanted, bundle) or Bundle(held.bundle)
    if (wanted, chosen) == (whole(held.rights), held.bundle):
        return
    change = {"rights": [words_of(held.rights), words_of(wanted)]}
    held.rights, held.bundle = list(wanted), chosen
    held.save(update_fields=["rights", "bundle"])
    summary = f"{held.client} in {held.company}: {words_of(wanted).lower()}"
    _record("people.rights_set", held, by, summary, change, request)


@transaction.atomic
def set_membership(
    membership: CompanyMembership,
    *,
    rights: Iterable[str],
    sees_from: datetime | None,
    by: Staff | None,
    bundle: str = "",
    request: Request | None = None,
) -> None:
    """Both at once, as staff decide it: what somebody may do, and since when it sees the records."""
    set_rights(membership, rights=rights, bundle=bundle, by=by, request=request)
    set_sees_from(membership, sees_from, by=by, request=request)


@transaction.atomic
def set_sees_from(
    membership: CompanyMembership,
    sees_from: datetime | None,
    *,
    by: Staff | None,
    request: Request | None = None,
) -> None:
    """Say since when somebody sees the records of a company; None: the whole history."""
    held = _hold_membership(membership, by)
    if held.sees_from == sees_from:
        return
    change = {"sees_from": [str(held.sees_from or ""), str(sees_from or "")]}
    held.sees_from = sees_from
    held.save(update_fields=["sees_from"])
    words = (
        f"records since {sees_from.astimezone(current_agency().tzinfo):%-d %b %Y}"
        if sees_from
        else "the whole history"
    )
    summary = f"{held.client} sees {words} of {held.company}"
    _record("people.sees_from_set", held, by, summary, change, request)


@transaction.atomic
def leave_company(membership: CompanyMembership, *, by: Person, request: Request | None = None) -> None:
    """Let somebody act for a company no longer: nothing of it opens from the next click on.

    The client itself stays, with what is its own and with its other companies.

    Raises:
        NotAllowed: a client without the right, with fewer rights than the other, or about itself.
    """
    held = _hold_membership(membership, by)
    held_for_log = CompanyMembership.objects.select_related("client", "company").get(pk=held.pk)
    held.delete()
    summary = f"{held_for_log.client} does not act for {held_for_log.company} any more"
    _record("people.left_company", held_for_log, by, summary, {}, request)


def _join(
    company: Company, email: str, name: str, rights: Iterable[str], bundle: str, sees_from: datetime | None,
    by: Person, request: Request | None,
) -> CompanyMembership:  # fmt: skip
    client = Client.objects.with_email(email).first()
    if client is None:
        client = add_client(email=email, name=name, by=by, request=request)
    elif isinstance(by, Staff):
        serving.need_served(client, by)
    if company.memberships.filter(client=client).exists():
        raise InTheTeam(f"{client.shown_name} is in {company} already.", field="email")
    wanted = whole(rights)
    joined = CompanyMembership(
        client=client,
        company=company,
        rights=list(wanted),
        bundle=bundle_of(wanted, bundle) or Bundle.MEMBER,
        sees_from=sees_from,
    )
    joined.save()
    since = "from now on" if sees_from else "the whole history"
    summary = f"{client} acts for {company}: {words_of(wanted).lower()}; sees {since}"
    _record("people.joined_company", joined, by, summary, {}, request)
    return joined


def _hold(company: Company) -> Company:
    # Whoever changes the team of a company waits here, so that two owners cannot remove each other at once.
    # Not the key: records of the company may be written meanwhile.
    return Company.objects.select_for_update(no_key=True).get(pk=company.pk)


def _hold_membership(membership: CompanyMembership, by: Person) -> CompanyMembership:
    company = _hold(membership.company)
    held = CompanyMembership.objects.select_related("client", "company").filter(pk=membership.pk).first()
    if held is None:
        raise Refused("This person has left the company meanwhile.")
    if isinstance(by, Client):
        own = _acting(company, by, Right.MANAGE_TEAM)
        if held.client_id == by.pk:
            raise NotAllowed("Nobody changes the own rights. Ask a colleague, or us.")
        _check_no_more(own, held.rights, "This person may do more than you. Ask somebody who may do it all.")
    return held


def _acting(company: Company, client: Client, right: Right) -> CompanyMembership:
    own = company.memberships.filter(client=client, rights__contains=[right]).first()
    if own is None:
        raise NotAllowed("You may look at the team, but others decide about it.")
    return own


def _check_no_more(
    own: CompanyMembership,
    rights: Iterable[str],
    words: str = "You can only give rights that you have yourself.",
) -> None:
    if not set(whole(rights)) <= set(own.rights):
        raise NotAllowed(words)


def _check_name(name: str, company: Company | None) -> None:
    wanted = " ".join(name.split())
    if not wanted or len(wanted) > 160:
        raise NotValid("Give it a name of up to 160 letters.", field="name")
    others = Company.objects.filter(name__iexact=wanted)
    if company is not None:
        others = others.exclude(pk=company.pk)
    if others.exists():
        raise NotValid("Another company has this name.", field="name")


def _record(
    verb: str, membership: CompanyMembership, by: Person, summary: str, change: dict[str, list[str]],
    request: Request | None,
) -> None:  # fmt: skip
    # In the client's log, and with the company's name for the company's page.
    change = change | {"company": ["", str(membership.company_id)]}
    record(verb, membership.client, by=by, summary=summary, change=change, request=request)
