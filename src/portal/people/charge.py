"""Who may be in charge of something of a client: lead of a client or project, or the one whose work it is.

One rule: whoever sees the client or company, and nobody else. Choices offer these, operations refuse others, and
a member keeps seeing whom they are in charge of until somebody else is.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import Q, QuerySet

from portal import registry
from portal.module import Charge
from portal.people.models import Client, Company, CompanyMembership, Staff, StaffScope
from portal.people.refusals import NotServed, StillInCharge
from portal.people.serving import serves

MOST_NAMED = 3


def possible(owner: Company | Client) -> QuerySet[Staff]:
    """The active staff who may be in charge of something of this owner, by name."""
    seen = Q(company=owner) if isinstance(owner, Company) else Q(client=owner)
    if isinstance(owner, Client):
        seen |= Q(company__in=CompanyMembership.objects.filter(client=owner).values("company_id"))
    chosen = StaffScope.objects.filter(seen).values("staff_id")
    everybody = Q(sees_all=True) | ~Q(role=Staff.Role.MEMBER)
    return Staff.objects.filter(everybody | Q(pk__in=chosen), is_active=True).order_by("name", "pk")


def need(staff: Staff | None, owner: Company | Client | None, *, field: str) -> None:
    """Refuse to put somebody in charge who may not see the owner. In a transaction: nobody takes it away meanwhile.

    Raises:
        NotServed: this person does not see the client or company.
    """
    if staff is None or owner is None:
        return
    now = Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    if not serves(now, owner):
        raise refusal(now, owner, field=field)


def refusal(staff: Staff, owner: Company | Client, *, field: str) -> NotServed:
    """What is said where somebody may not be put in charge, and what to do."""
    what = "company" if isinstance(owner, Company) else "client"
    return NotServed(unseen(staff, owner, what), field=field)


def unseen(staff: Staff | str, whom: Company | Client | str, what: str) -> str:
    """In words: who does not see whom, and that they are given the client or company ("client", "company")."""
    return f"{staff} does not see {whom}. Give them the {what} under Team first."


def able(staff: Staff | None, owner: Company | Client | None) -> Staff | None:
    """This person, if they work here and see the owner: what comes in by itself goes to nobody else."""
    if staff is None or not staff.is_active:
        return None
    return staff if owner is None or serves(staff, owner) else None


@contextmanager
def kept(staff: Staff) -> Iterator[None]:
    """Around a change of what a member sees, in a transaction: it may not take away what they are in charge of.

    Raises:
        StillInCharge: it would.
    """
    seen = [one for one in _charges_of(staff) if serves(staff, one.owner)]
    yield
    lost = [one.words for one in seen if not serves(staff, one.owner)]
    if lost:
        more = len(lost) - MOST_NAMED
        named = ", ".join(lost[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        raise StillInCharge(
            f"{staff} would not see any more what is theirs: {named}. Give that to somebody else first."
        )


def _charges_of(staff: Staff) -> Iterator[Charge]:
    for part in registry.parts():
        if part.charges_of:
            yield from part.charges_of(staff)
