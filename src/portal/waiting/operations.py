"""Lines given to colleagues, and the mail of the week."""

from django.db import IntegrityError, transaction

from kit import clock
from kit.refused import Refused
from portal.audit.operations import record
from portal.http import Request
from portal.mail.operations import queue_mail
from portal.module import Waiting
from portal.people.models import Client
from portal.waiting.models import HandedOn, WaitingSettings, WeeklyMail
from portal.waiting.queries import as_words, mailed_lines, takers_of
from tenants.agencies.current import current_agency


@transaction.atomic
def hand_on(
    line: Waiting, *, by: Client, to: Client, note: str = "", request: Request | None = None
) -> HandedOn:
    """Give a line to a colleague, who is told by mail. To another one later: that one has it then.

    Raises:
        Refused: this colleague may not do it, or not any more.
    """
    if to not in takers_of(by, line):
        raise Refused("This colleague cannot do it. Choose another one.", field="to")
    handed, is_new = HandedOn.objects.select_for_update().get_or_create(
        line=line.key, giver=by, defaults={"taker": to, "note": note}
    )
    if not is_new and handed.taker_id == to.pk:
        return handed
    if not is_new:
        handed.taker, handed.note, handed.at = to, note, clock.now()
        handed.save()
    # Otherwise the two of them could give it to each other, and nobody would see it.
    HandedOn.objects.filter(line=line.key, giver=to, taker=by).delete()
    words = {"giver": by.shown_name, "note": note, "line": as_words([line])[0]}
    queue_mail("waiting.handed_on", to, words=words)
    summary = f"{by} gave “{line.label}” to {to}"
    record("waiting.handed_on", to, by=by, summary=summary, request=request)
    return handed


@transaction.atomic
def take_back(key: str, *, by: Client, request: Request | None = None) -> bool:
    """Have a line in one's own queue again; False if it was there."""
    gone, _ = HandedOn.objects.filter(line=key, giver=by).delete()
    if gone:
        record("waiting.taken_back", by, by=by, summary=f"{by} took a line back", request=request)
    return bool(gone)


def is_time() -> bool:
    """Whether this week's mail may go out by now, in the agency's zone: from its day and hour on, for a day."""
    chosen = WaitingSettings.load()
    now = clock.now().astimezone(current_agency().tzinfo)
    hours = (now.weekday() - chosen.weekday) % 7 * 24 + now.hour - chosen.hour
    return chosen.is_on and 0 <= hours < 24


def mail_week(client: Client) -> bool:
    """Mail a client what waits on it, once in a week; False if nothing waits or it was mailed already."""
    year, week, _ = clock.now().astimezone(current_agency().tzinfo).isocalendar()
    name = f"{year}-W{week:02}"
    if WeeklyMail.objects.filter(client=client, week=name).exists():
        return False
    lines = mailed_lines(client)
    if not lines or not client.has_access:
        return False
    try:
        with transaction.atomic():
            WeeklyMail.objects.create(client=client, week=name)
            queue_mail("waiting.weekly", client, words={"lines": as_words(lines)})
    except IntegrityError:  # another worker was faster
        return False
    return True
