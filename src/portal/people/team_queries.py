"""What the page "Team" shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from allauth.mfa.models import Authenticator
from django.db.models import Count

from portal.people import roles
from portal.people.models import Staff, StaffInvitation
from portal.people.queries import Status
from tenants.agencies.current import current_agency, outside_agencies
from tenants.plans import limits

INVITATION_WORDS = {
    "queued": ("Being sent", ""),
    "sent": ("Sent", "notice"),
    "expired": ("Expired", "warning"),
}
MOST_SHOWN = 500


@dataclass(frozen=True)
class Colleague:
    """One line of the team."""

    staff: Staff
    sees: str
    has_second_factor: bool
    may_change: bool
    is_me: bool


@dataclass(frozen=True)
class Asked:
    """Somebody who was asked to join and has not answered."""

    invitation: StaffInvitation
    status: Status
    may_change: bool


@dataclass(frozen=True)
class Places:
    """How many people there are, open invitations counted in, and how many the plan has room for."""

    taken: int
    most: int | None

    @property
    def is_full(self) -> bool:
        return self.most is not None and self.taken >= self.most


def team_for(reader: Staff) -> list[Colleague]:
    """The active staff: owners, admins, members, each by name."""
    rows = list(Staff.objects.filter(is_active=True).annotate(chosen=Count("scopes"))[:MOST_SHOWN])
    order = [Staff.Role.OWNER, Staff.Role.ADMIN, Staff.Role.MEMBER]
    rows.sort(key=lambda one: (order.index(Staff.Role(one.role)), str(one).lower(), one.pk))
    factors = _with_second_factor([one.account_id for one in rows])
    return [
        Colleague(
            staff=one,
            sees="All clients" if not one.is_limited else f"{vars(one)['chosen']} chosen, and projects led",
            has_second_factor=one.account_id in factors,
            may_change=roles.may_change(reader, one),
            is_me=one.pk == reader.pk,
        )
        for one in rows
    ]


def asked_for(reader: Staff) -> list[Asked]:
    """Invitations that wait for an answer or got too old, the newest first."""
    waiting = StaffInvitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True)
    return [
        Asked(one, Status(*INVITATION_WORDS[one.state]), roles.may_make(reader, one.role))
        for one in waiting.select_related("sent_by").order_by("-pk")[:100]
    ]


def places() -> Places:
    """What the plan's limit counts: active staff, and who was asked."""
    taken = Staff.objects.filter(is_active=True).count() + StaffInvitation.objects.open().count()
    return Places(taken, limits(current_agency().plan).staff)


def is_second_factor_due(from_day: date | None) -> bool:
    """Whether the day has come from which nobody works here without a second factor."""
    return from_day is not None and from_day <= current_agency().today()


def _with_second_factor(account_ids: Sequence[int]) -> set[int]:
    with outside_agencies():
        found = Authenticator.objects.filter(user__in=account_ids)
        found = found.exclude(type=Authenticator.Type.RECOVERY_CODES)
        return set(found.values_list("user_id", flat=True))
