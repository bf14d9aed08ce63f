"""Warns staff before a client's access ends by itself."""

from datetime import timedelta

from django.db import transaction
from django.utils.formats import date_format

from kit import clock
from portal.links import console_link
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.people.models import Client, Staff
from tenants.agencies.current import current_agency

DAYS_BEFORE = (7, 1)
FROM_HOUR = 8  # in the agency's zone: nobody wants it at midnight


def warn_of_ending_access() -> int:
    """Queue a mail to the inviting staff for every access that ends in 7 days or tomorrow; how many.

    Runs hourly and warns once for each client, last day and distance, however often it runs.
    """
    agency = current_agency()
    if clock.now().astimezone(agency.tzinfo).hour < FROM_HOUR:
        return 0
    ending = {agency.today() + timedelta(days=days): days for days in DAYS_BEFORE}
    clients = Client.objects.with_access().filter(access_until__in=ending, is_example=False)
    return sum(_warn(client, ending[client.access_until]) for client in clients if client.access_until)


@transaction.atomic
def _warn(client: Client, days: int) -> bool:
    locked = Client.objects.select_for_update().get(pk=client.pk)
    if locked.access_until is None or locked.access_until != client.access_until:
        return False
    key = {"client_id": client.pk, "access_until": str(client.access_until), "days": days}
    if Message.objects.filter(email="people.access_ends", words__contains=key).exists():
        return False
    words = {
        **key,
        "client_name": client.shown_name,
        "last_day": date_format(locked.access_until, "j F Y"),
        "button_url": console_link(current_agency(), "people:client", client.pk),
    }
    receivers = _receivers(client)
    for staff in receivers:
        queue_mail("people.access_ends", staff, words=words)
    return bool(receivers)


def _receivers(client: Client) -> list[Staff]:
    last = client.invitations.select_related("sent_by").order_by("-pk").first()
    if last is not None and last.sent_by is not None and last.sent_by.is_active:
        return [last.sent_by]
    return list(Staff.objects.filter(is_active=True, role=Staff.Role.OWNER))
