"""What the clients' pages of the console show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Prefetch, Q

from kit import clock
from kit.paging import page_by_id
from portal.audit.models import AuditEntry
from portal.people.models import Client, ClientQuerySet, Company, CompanyMembership, Invitation, Staff
from portal.people.rights import name_of, words_of
from portal.people.serving import sees_all_of
from portal.records.filtering import OwnFieldsFilter
from portal.records.models import Tag, Tagging
from tenants.agencies.current import current_agency
from tenants.plans import limits

PAGE_SIZE = 50
ACCESS_FILTERS = {
    "": "Everybody",
    "access": "With access",
    "waiting": "Never signed in",
    "ending": "Access ends soon",
    "ended": "Access ended",
    "removed": "Access removed",
    "archived": "Archived",
}
# state → words and the badge's tone
INVITATION_WORDS = {
    "queued": ("Being sent", ""),
    "sent": ("Sent", "notice"),
    "opened": ("Opened", "notice"),
    "accepted": ("Accepted", "positive"),
    "bounced": ("Bounced", "negative"),
    "revoked": ("Revoked", ""),
    "replaced": ("Replaced", ""),
    "expired": ("Expired", "warning"),
}


@dataclass(frozen=True)
class Status:
    """A state in words, with the tone of its badge."""

    words: str
    tone: str


@dataclass(frozen=True)
class ShownInvitation:
    """An invitation with its state in words and when that state began."""

    invitation: Invitation
    status: Status
    moment: datetime
    is_open: bool


@dataclass(frozen=True)
class ClientRow:
    """One line of the list of clients."""

    client: Client
    companies: str
    access: Status
    invitation: Status


@dataclass(frozen=True)
class ClientList:
    """One page of the list."""

    rows: Sequence[ClientRow]
    next_cursor: str | None


@dataclass(frozen=True)
class ShownMembership:
    """A company of a client and, in words, what the client may do there."""

    membership: CompanyMembership
    rights: str
    called: str


@dataclass(frozen=True)
class Places:
    """How many clients there are and how many the plan has room for (None: no limit)."""

    taken: int
    most: int | None

    @property
    def is_full(self) -> bool:
        return self.most is not None and self.taken >= self.most


def found_clients(
    staff: Staff, *, search: str, access: str, tag: str = "", own: OwnFieldsFilter | None = None
) -> ClientQuerySet:
    """The clients of the list: not archived unless the archive is asked for, never erased."""
    archived = Client.objects.filter(archived_at__isnull=False, erased_at=None)
    found = archived if access == "archived" else _with_state(Client.objects.listed(), access)
    found = found.served_by(staff)
    companies = CompanyMembership.objects.filter(company__in=Company.objects.order_by().served_by(staff))
    if tag:
        found = found.filter(pk__in=Tagging.objects.filter(tag__name__iexact=tag).values("client_id"))
    for word in search.split()[:6]:
        found = found.filter(
            Q(name__icontains=word)
            | Q(display_name__icontains=word)
            | Q(email__icontains=word)
            | Q(pk__in=companies.filter(company__name__icontains=word).values("client_id"))
        )
    return own.narrow(found) if own else found


def list_clients(
    staff: Staff,
    *,
    search: str,
    access: str,
    cursor: str | None,
    tag: str = "",
    own: OwnFieldsFilter | None = None,
) -> ClientList:
    """One page of clients, newest first.

    Raises:
        kit.paging.BadCursor: the cursor cannot be read.
    """
    found = found_clients(staff, search=search, access=access, tag=tag, own=own)
    companies = CompanyMembership.objects.filter(company__in=Company.objects.order_by().served_by(staff))
    memberships = companies.select_related("company").order_by("company__name")
    page = page_by_id(
        found.prefetch_related(Prefetch("memberships", memberships), "tags"), cursor=cursor, size=PAGE_SIZE
    )
    latest = _latest_invitations(page.rows)
    rows = [_row(client, latest.get(client.pk)) for client in page.rows]
    return ClientList(rows, page.next_cursor)


def all_tags() -> list[str]:
    """What the list can be narrowed to."""
    return list(Tag.objects.values_list("name", flat=True))


def places() -> Places:
    """What the plan's limit counts: everybody but the example client and who was removed."""
    taken = Client.objects.filter(removed_at__isnull=True, is_example=False).count()
    return Places(taken, limits(current_agency().plan).clients)


def access_status(client: Client) -> Status:
    """Whether this client may sign in, in words."""
    if client.removed_at is not None:
        return Status("Removed", "negative")
    if client.access_until is None:
        return Status("Has access", "positive")
    day = f"{client.access_until:%-d %b %Y}"
    return Status(f"Until {day}", "positive") if client.has_access else Status(f"Ended {day}", "warning")


def invitations_of(client: Client, most: int = 20) -> list[ShownInvitation]:
    """The newest invitations of a client with their states and moments."""
    rows = list(client.invitations.select_related("sent_by").order_by("-pk")[:most])
    return [_shown(row, newer=index > 0) for index, row in enumerate(rows)]


def memberships_of(client: Client, staff: Staff) -> list[ShownMembership]:
    """The companies that a client acts for, of those that this person may see."""
    served = Company.objects.order_by().served_by(staff)
    rows = client.memberships.filter(company__in=served).select_related("company").order_by("company__name")
    return [ShownMembership(row, words_of(row.rights), name_of(row)) for row in rows]


def activity_of(client: Client, staff: Staff, most: int = 15) -> list[AuditEntry]:
    """What happened to this client and what it did, newest first.

    Nothing to who may not see all companies of the client: an entry does not say which one it is about.
    """
    if not sees_all_of(client, staff):
        return []
    about = Q(subject=f"client:{client.pk}")
    own = Q(actor=AuditEntry.Actor.CLIENT, actor_id=client.pk)
    return list(AuditEntry.objects.filter(about | own).order_by("-pk")[:most])


def _with_state(clients: ClientQuerySet, access: str) -> ClientQuerySet:
    today = current_agency().today()
    if access == "access":
        return clients.with_access()
    if access == "waiting":
        return clients.with_access().filter(last_seen_at__isnull=True)
    if access == "ending":
        return clients.with_access().filter(access_until__isnull=False)
    if access == "ended":
        return clients.filter(removed_at__isnull=True, access_until__lt=today)
    return clients.filter(removed_at__isnull=False) if access == "removed" else clients


def _latest_invitations(clients: Sequence[Client]) -> dict[int, Invitation]:
    rows = Invitation.objects.filter(client__in=[client.pk for client in clients])
    return {row.client_id: row for row in rows.order_by("client_id", F("pk").desc()).distinct("client_id")}


def _row(client: Client, invitation: Invitation | None) -> ClientRow:
    return ClientRow(
        client=client,
        companies=", ".join(membership.company.name for membership in client.memberships.all()),
        access=access_status(client),
        invitation=_shown(invitation, newer=False).status if invitation else Status("Not invited", ""),
    )


def _shown(invitation: Invitation, *, newer: bool) -> ShownInvitation:
    state = invitation.state
    # A newer invitation kills the older ones; that is no decision of somebody.
    words, tone = INVITATION_WORDS["replaced" if state == "revoked" and newer else state]
    moments = {
        "queued": invitation.created_at,
        "sent": invitation.sent_at,
        "expired": invitation.expires_at,
    }
    moment = moments.get(state) or getattr(invitation, f"{state}_at", None) or invitation.created_at
    is_open = not invitation.accepted_at and not invitation.revoked_at and invitation.expires_at > clock.now()
    return ShownInvitation(invitation, Status(words, tone), moment, is_open)
