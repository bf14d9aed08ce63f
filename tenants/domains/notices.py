"""What owners and admins are written, each thing once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from kit import clock
from tenants.accounts.models import Account, Role
from tenants.agencies.models import AgencyState
from tenants.domains import life, names, timeline
from tenants.domains.models import Domain, DomainState
from tenants.mail.operations import write_plainly


@dataclass(frozen=True)
class Notice:
    """One mail: `words` may use {host}, {agency}, {default}, {day} and {detail}; {console} is its button."""

    key: str
    subject: str
    words: str


_BACK = "Your portal answers on its default address, {default}, as before."
ACTIVE = Notice(
    "active",
    "Your portal now answers at {host}",
    "The certificate is installed: {host} is your portal's address from now on.\n\n"
    "Links in mails lead there, and the default address passes visitors on. "
    "The certificate is renewed by itself; leave the DNS records as they are.",
)
TXT_NEEDED = Notice(
    "txt_needed",
    "{host} needs one more DNS record",
    "Somebody else has entered {host}, too. So that nobody gets a name that is not theirs, the name has to be "
    "proved by a TXT record now. You find it in the console.\n\n"
    "If the name is yours, add the record and nothing else changes.",
)
LOST = Notice(
    "lost",
    "{host} was proved by another agency",
    "Whoever runs the DNS of {host} has published another agency's TXT record, so the name answers for them "
    f"now.\n\n{_BACK}\n\n"
    "If this is wrong, ask whoever runs your DNS, then enter the domain again: the console shows you a TXT "
    "record of your own.",
)
BLOCKED = Notice(
    "blocked",
    "{host} cannot get a certificate",
    "The certificate authority refuses this name for good. It says: {detail}\n\n"
    f"{_BACK} Use another name, or write to us if you think that this is a mistake.",
)
DEGRADED = Notice(
    "degraded",
    "The DNS of {host} has changed",
    "{host} no longer leads to your portal everywhere. Visitors may not find it.\n\n"
    "Put the DNS records back as the console shows them. If {host} leads elsewhere for seven days, your portal "
    "goes back to its default address ({default}).",
)
STILL_DEGRADED = Notice(
    "still_degraded",
    "{host} still does not lead to your portal",
    "The DNS of {host} is still not as it was.\n\n"
    "If it leads elsewhere until {day}, your portal goes back to its default address ({default}). "
    "The console shows the records.",
)
RELEASED = Notice(
    "released",
    "{host} was released",
    "{host} led elsewhere for seven days, so it does not belong to your portal any more.\n\n"
    f"{_BACK}\n\nTo use the name again, enter it again in the console.",
)
CAA = Notice(
    "caa",
    "{host} cannot get its next certificate",
    "{host} works now, but a CAA record in its DNS forbids our certificate authority to renew the certificate. "
    "When the present one runs out, browsers will warn your visitors.\n\n"
    "The console shows the record that has to be added.",
)
PENDING = Notice(
    "pending",
    "{host} waits for its DNS records",
    "You entered {host}, but its DNS records do not lead here yet.\n\n"
    "Add the records that the console shows, or send them to whoever runs your DNS. We look by ourselves. "
    "On {day} we stop looking.",
)
EXPIRED = Notice(
    "expired",
    "We have stopped looking for {host}",
    "The DNS records of {host} were not there within 30 days, so we have stopped looking.\n\n"
    f"{_BACK} To try again, enter the name again in the console.",
)
GRACE = Notice(
    "grace",
    "{host} is not part of your plan any more",
    "The plan of {agency} does not include a domain of your own any more. {host} stays until {day}; then your "
    "portal goes back to its default address ({default}).\n\n"
    "To keep it, choose a plan that includes it before then.",
)
GRACE_OVER = Notice(
    "grace_over",
    "{host} was disconnected",
    "The plan of {agency} does not include a domain of your own, so {host} was disconnected.\n\n"
    f"{_BACK}\n\nWith a plan that includes it, enter the name again.",
)


def tell(domain: Domain, notice: Notice, *, part: str = "", day: datetime | None = None) -> bool:
    """Write to the agency's owners and admins unless they were told this already; whether they were now.

    Part of the caller's transaction, in which the claim is locked. `part` tells occasions of one notice
    apart, e.g. "3" for the third day.
    """
    occasion = f"{notice.key}:{part}:{domain.state_since.isoformat()}"
    if domain.events.of_kinds(["told"]).filter(details__occasion=occasion).exists():
        return False
    people = list(_people(domain))
    subject = _fill(notice.subject, domain, day)
    for person in people:
        text = _fill(notice.words + "\n\n{console}", domain, day)
        write_plainly(
            f"domains/{notice.key}", person.email, subject=subject, text=text, do="Open the console"
        )
    names = ", ".join(person.email for person in people)
    timeline.record(domain, "told", notice=notice.key, occasion=occasion, subject=subject, people=names)
    return True


def tell_due() -> int:
    """Write what is due by the calendar; the number of claims written about."""
    return _remind(DomainState.PENDING_DNS, _tell_pending) + _remind(DomainState.DEGRADED, _tell_degraded)


def _remind(state: DomainState, remind: Callable[[Domain], bool]) -> int:
    old = clock.now() - timedelta(days=3)
    found = Domain.objects.filter(state=state, state_since__lte=old).exclude(agency__state=AgencyState.GONE)
    told = 0
    for domain_id in list(found.values_list("pk", flat=True)):
        with transaction.atomic():
            domain = life.locked(domain_id)
            told += domain.state == state and remind(domain)
    return told


def _tell_pending(domain: Domain) -> bool:
    part = _latest(domain.state_since, (15, 7))
    return bool(part) and tell(domain, PENDING, part=part, day=domain.state_since + timedelta(days=30))


def _tell_degraded(domain: Domain) -> bool:
    since = domain.bad_since or domain.state_since
    part = _latest(since, (6, 3))
    return bool(part) and tell(domain, STILL_DEGRADED, part=part, day=since + timedelta(days=7))


def _latest(since: datetime, days: tuple[int, ...]) -> str:
    """The latest of these days that is reached, so that after an outage nobody gets several mails at once."""
    return next((str(day) for day in days if clock.now() - since >= timedelta(days=day)), "")


def _people(domain: Domain) -> "list[Account]":
    if domain.agency.state == AgencyState.GONE:
        return []
    roles = (Role.OWNER, Role.ADMIN)
    here = Account.objects.filter(memberships__agency=domain.agency_id, memberships__role__in=roles)
    return list(here.filter(is_active=True).distinct().order_by("pk"))


def _fill(words: str, domain: Domain, day: datetime | None) -> str:
    agency = domain.agency.current()
    local = day.astimezone(agency.tzinfo) if day else None
    return words.format(
        host=names.shown(domain.host),
        agency=agency.name,
        default=f"{agency.slug}.{settings.PORTICO_HOST}",
        detail=domain.problem_detail or "no reason given",
        day=f"{local:%A}, {local.day} {local:%B %Y}" if local else "",
        console=agency.console_url("/branding/domain/"),
    )
