"""Choosing in whose name mails go out; naming, checking and giving up a sending domain."""

from django.db import transaction

from kit import clock
from kit.refused import Refused
from portal.audit.operations import record
from portal.http import Request
from portal.links import console_link
from portal.mail.operations import queue_mail
from portal.people.models import Staff
from portal.sender import keys, looking, records
from portal.sender.models import SenderDomain, SenderSettings
from portal.sender.voice import CAPABILITY, is_offered
from tenants.agencies.current import current_agency
from tenants.domains import names

State = SenderDomain.State


class NoDomain(Refused):
    """The agency cannot have a sending domain now."""

    words = "Sending from a domain of your own is not part of your plan, or not possible here."


class AlreadyNamed(Refused):
    """One domain is enough."""

    words = "You already have a sending domain. Remove it before you name another."


@transaction.atomic
def choose(*, name: str, reply_to: str, by: Staff, request: Request | None = None) -> None:
    """Set the sender's name and where answers go; empty: the portal's title and support e-mail."""
    row, _ = SenderSettings.objects.select_for_update().get_or_create(pk=1)
    before = {"name": row.name, "reply_to": row.reply_to}
    change = {
        key: [before[key], new] for key, new in (("name", name), ("reply_to", reply_to)) if before[key] != new
    }
    if not change:
        return
    row.name, row.reply_to = name, reply_to
    row.save()
    record("sender.changed", row, by=by, summary="Sender of mails changed.", change=change, request=request)


def name_domain(*, local_part: str, domain: str, by: Staff, request: Request | None = None) -> SenderDomain:
    """Make a key for a domain; it is not used before its records are found.

    Raises:
        NoDomain: the plan or this installation has none.
        AlreadyNamed: there is one.
        tenants.domains.names.BadName: nobody could send from it.
    """
    if not (is_offered() and current_agency().has(CAPABILITY)):
        raise NoDomain
    host = names.normalise(domain).host
    selector = keys.new_selector()
    public, sealed = keys.new_pair(selector, host)
    with transaction.atomic():
        made, is_new = SenderDomain.objects.get_or_create(
            pk=1,
            defaults={
                "domain": host,
                "local_part": local_part,
                "selector": selector,
                "public_key": public,
                "sealed_key": sealed.blob,
                "key_name": sealed.key_name,
            },
        )
        if not is_new:
            raise AlreadyNamed
        record("sender.domain_named", made, by=by, summary=f"Sending domain {host} named.", request=request)
    return made


@transaction.atomic
def remove_domain(*, by: Staff, request: Request | None = None) -> None:
    """Give it up, with its key; mails go out from the platform's address at once."""
    found = SenderDomain.objects.select_for_update().first()
    if found is None:
        return
    summary = f"Sending domain {found.domain} removed."
    record("sender.domain_removed", found, by=by, summary=summary, request=request)
    found.delete()


def check(domain: SenderDomain) -> str:
    """Look at the DNS and move the state; the state afterwards. Takes up to eight seconds."""
    findings = looking.look(domain)
    with transaction.atomic():
        # It may have been removed, or named anew, while we looked.
        row = SenderDomain.objects.select_for_update().filter(selector=domain.selector).first()
        if row is None:
            return ""
        row.findings, row.checked_at = records.as_json(findings), clock.now()
        state = _next(State(row.state), findings)
        if state != row.state:
            row.state, row.state_since = state, clock.now()
            _tell(row)
        row.save()
    return str(row.state)


def _next(state: State, findings: dict[str, records.Finding]) -> State:
    required = [findings[key] for key in records.REQUIRED]
    if all(finding.is_good for finding in required):
        return State.ACTIVE
    # A question without an answer never moves it.
    is_bad = any(finding.code in (records.MISSING, records.WRONG) for finding in required)
    return State.BROKEN if state == State.ACTIVE and is_bad else state


def _tell(row: SenderDomain) -> None:
    is_active = row.state == State.ACTIVE
    summary = (
        f"Mails go out from {row}."
        if is_active
        else f"Mails no longer go out from {row}: its DNS has changed."
    )
    record(f"sender.domain_{row.state}", row, summary=summary)
    if is_active:
        return
    faults = [
        f"{line.record.kind} {line.record.name}: {line.finding.words}"
        for line in records.lines(row)
        if line.finding and line.record.is_required and not line.finding.is_good
    ]
    words = {
        "domain": row.domain,
        "faults": faults,
        "button_url": console_link(current_agency(), "sender:index"),
    }
    for owner in Staff.objects.filter(is_active=True, role=Staff.Role.OWNER):
        queue_mail("sender.broken", owner, words=words)
