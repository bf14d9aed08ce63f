"""What a member who sees chosen clients only may touch when adding people, and keeps in sight afterwards."""

from kit.refused import Refused
from portal.people.models import Client, ClientQuerySet, Company, CompanyMembership, Staff, StaffScope
from portal.people.refusals import AlreadyClient, NotServed


def already(known: Client, by: Staff | Client | None) -> Refused:
    """The refusal for an address that somebody has; it names only who may be seen by the one who asks."""
    if not isinstance(by, Staff) or serves(by, known):
        return AlreadyClient(known)
    return NotServed(
        "Somebody of your agency has this address already. An owner or admin can let you see them.",
        field="email",
    )


def serves(staff: Staff, who: Client | Company) -> bool:
    """Whether this member of staff may see the client or company."""
    if not staff.is_limited:
        return True
    if isinstance(who, Company):
        return Company.objects.served_by(staff).filter(pk=who.pk).exists()
    return Client.objects.served_by(staff).filter(pk=who.pk).exists()


def sees_all_of(client: Client, staff: Staff) -> bool:
    """Whether this member of staff may see the client and every company that it acts for."""
    return not staff.is_limited or wholly_served(staff).filter(pk=client.pk).exists()


def wholly_served(staff: Staff) -> ClientQuerySet:
    """Clients of whom this member of staff may see everything: also each company that they act for.

    For what does not say which company it is about: entries of the audit log, mails, runs of workflows.
    """
    if not staff.is_limited:
        return Client.objects.all()
    served = Company.objects.order_by().served_by(staff)
    others = CompanyMembership.objects.exclude(company__in=served).values("client_id")
    return Client.objects.served_by(staff).exclude(pk__in=others)


def need_served(who: Client | Company | None, by: Staff | None) -> None:
    """Refuse what is about somebody else's clients.

    Raises:
        NotServed: `by` may not see them.
    """
    if who is not None and by is not None and not serves(by, who):
        field = "company" if isinstance(who, Company) else "email"
        words = "This company is looked after by colleagues. Ask an owner or admin to let you see it."
        if isinstance(who, Client):
            raise already(who, by)
        raise NotServed(words, field=field)


def keep_in_sight(who: Client | Company, by: Staff | Client | None) -> None:
    """Let whoever added somebody go on seeing them."""
    if not isinstance(by, Staff) or serves(by, who):
        return
    if isinstance(who, Company):
        StaffScope.objects.get_or_create(staff=by, company=who)
    else:
        StaffScope.objects.get_or_create(staff=by, client=who)
