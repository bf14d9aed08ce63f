"""What should wake somebody up: one mail for each thing and day, however often it is found."""

import hashlib
import re
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from kit import clock
from tenants.accounts.models import Account
from tenants.agencies.current import console_origin
from tenants.certificates import health
from tenants.domains.models import Domain, DomainState
from tenants.gateway.models import ConnectAccount, EventCursor, EventState, InboxEvent
from tenants.mail.operations import write_plainly
from tenants.operators.domain_queries import overdue
from tenants.operators.models import Alert

LATELY = timedelta(hours=24)
MANY, SHARE = 5, 0.1
_FIGURE = re.compile(r"(?<![\w.-])\d+([.,:]\d+)*(?![\w-])")


def current() -> list[str]:
    """What is wrong now, a sentence each."""
    return [*health.alerts(), *_of_domains(), *_of_money()]


def tell() -> int:
    """Mail the operators what they have not been told today; the number of new alerts."""
    found = current()
    if not found:
        return 0
    with transaction.atomic():
        new = [words for words in found if _is_new(words)]
        if new:
            _write(new, [words for words in found if words not in new])
    return len(new)


def _of_domains() -> list[str]:
    lines = []
    if waiting := Domain.objects.filter(overdue()).count():
        subject = "1 domain waits" if waiting == 1 else f"{waiting} domains wait"
        lines.append(f"{subject} for a worker: its next step was due long ago.")
    live = Domain.objects.linked().count()
    since = clock.now() - LATELY
    gone = Domain.objects.filter(state=DomainState.DEGRADED, state_since__gte=since).count()
    # One agency changes its DNS; many at once means that our own address or zone has changed.
    if gone >= MANY and gone >= live * SHARE:
        lines.append(f"{gone} live domains stopped leading here within a day: look at our own DNS first.")
    return lines


def _of_money() -> list[str]:
    lines = []
    if failed := InboxEvent.objects.filter(state=EventState.FAILED).count():
        lines.append(f"{failed} Stripe events could not be worked on: see operators, Stripe.")
    if lost := EventCursor.objects.filter(found_lost__gt=0).count():
        lines.append(
            f"Stripe events of {lost} accounts did not reach us and were read from its list: look at webhooks."
        )
    if drifting := ConnectAccount.objects.filter(drift__gt=0).count():
        lines.append(f"The ledger of {drifting} agencies differs from Stripe.")
    return lines


def _is_new(words: str) -> bool:
    # "3 certificates" and "4 certificates" are the same alert.
    key = hashlib.sha256(_FIGURE.sub("#", words).encode()).hexdigest()
    _, is_new = Alert.objects.get_or_create(key=key, day=clock.now().date(), defaults={"words": words[:500]})
    return is_new


def _write(new: list[str], old: list[str]) -> None:
    known = "\n\n".join(["Known since earlier today:", *old]) if old else ""
    link = f"{console_origin()}/operators/certificates/"
    text = "\n\n".join(part for part in (*new, known, link) if part)
    subject = new[0] if len(new) == 1 else f"{len(new)} things need a look"
    for address in addresses():
        write_plainly("operators/alert", address, subject=subject[:150], text=text, do="Open the page")


def addresses() -> list[str]:
    """To whom alerts go: the address in the settings, else every operator."""
    if settings.OPERATORS_ALERT_EMAIL:
        return [settings.OPERATORS_ALERT_EMAIL]
    operators = Account.objects.filter(is_operator=True, is_active=True)
    return list(operators.order_by("pk").values_list("email", flat=True))
