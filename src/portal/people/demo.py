"""What the demo shows of the team: a member with chosen clients, somebody asked to join, a look at a portal."""

from datetime import timedelta
from uuid import uuid4

from kit import clock
from kit.tokens import digest
from portal.people.models import VIEWING_LASTS, Client, Company, Staff, StaffInvitation, StaffScope, ViewAs


def furnish(owner: Staff) -> None:
    """Inside the agency, after its people are there; nothing is mailed."""
    StaffInvitation.objects.create(
        email="kim@studio.example",
        role=Staff.Role.MEMBER,
        sent_by=owner,
        sent_at=clock.now() - timedelta(hours=20),
        expires_at=clock.now() + timedelta(days=6),
    )
    companies = Company.objects.order_by("pk")[:1]
    if not companies:
        return
    members = Staff.objects.filter(role=Staff.Role.MEMBER).order_by("pk")
    if len(members) > 1:
        Staff.objects.filter(pk=members[1].pk).update(sees_all=False)
        StaffScope.objects.create(staff=members[1], company=companies[0])
    _look(owner, Client.objects.filter(companies=companies[0]).order_by("pk")[:1].get())


def _look(owner: Staff, client: Client) -> None:
    begun = clock.now() - timedelta(days=2, hours=3)
    ViewAs.objects.create(
        staff=owner,
        client=client,
        reason=f"{client.first_name} asked where to find the invoice",
        host="",
        code_expires_at=begun,
        token_hash=digest(uuid4().hex),
        begun_at=begun,
        expires_at=begun + VIEWING_LASTS,
        ended_at=begun + timedelta(minutes=6),
    )
