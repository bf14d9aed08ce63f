"""Events of a mail service (by its webhook, read by Anymail): noted on the message that they are about."""

import json
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking
from django.conf import settings
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern
from django.utils.dateparse import parse_datetime
from django.views.decorators.csrf import csrf_exempt

from portal.delivery import unsubscribing
from portal.delivery.keys import read_name
from portal.delivery.models import DeliveryEvent
from portal.delivery.noting import note
from portal.mail.models import Message
from portal.mail.outcome import STATUS, is_gone, printable
from tenants.agencies.current import inside
from tenants.routing import hosts

Kind = DeliveryEvent.Kind
KINDS = {
    EventType.DELIVERED: Kind.DELIVERED,
    EventType.DEFERRED: Kind.DEFERRED,
    EventType.BOUNCED: Kind.BOUNCED,
    EventType.REJECTED: Kind.BOUNCED,
    EventType.FAILED: Kind.FAILED,
    EventType.COMPLAINED: Kind.COMPLAINED,
}
UNSUBSCRIBED = "unsubscribed"
# Anymail calls both kinds bounced: what the services call a bounce that may pass.
SOFT = ("softbounce", "soft_bounce", "soft", "transient", "temporary")


@csrf_exempt
def webhook(request: HttpRequest, service: str) -> HttpResponseBase:
    """The endpoint of the one service that is set up; without a secret there is none.

    Raises:
        Http404: another service, or no secret.
    """
    if (
        not settings.MAIL_SERVICE
        or service != settings.MAIL_SERVICE
        or not settings.ANYMAIL["WEBHOOK_SECRET"]
    ):
        raise Http404
    view = _views().get(service)
    if view is None:
        raise Http404
    found: HttpResponseBase = view(request)
    return found


@receiver(tracking, dispatch_uid="portal.delivery")
def hear(sender: Any, event: AnymailTrackingEvent, esp_name: str, **_: Any) -> None:
    """Hand an event to the agency whose mail it is about; it is stored, as a job, before the service hears 200."""
    from portal.delivery.jobs import note_event

    named = read_name(str((event.metadata or {}).get("message", ""))) or read_name(event.message_id or "")
    is_known = event.event_type in KINDS or event.event_type == EventType.UNSUBSCRIBED
    agency = hosts.by_id(named[1]) if named and is_known else None
    if named is None or agency is None:
        return
    with inside(agency):
        note_event.send(message_id=str(named[0]), event=_as_json(event, esp_name))


def apply(message_id: str, event: dict[str, Any]) -> None:
    """Note an event; twice is as good as once."""
    message = Message.objects.select_related("client").filter(pk=message_id).first()
    if message is None:
        return
    if event["kind"] == UNSUBSCRIBED:
        if message.client is not None:
            unsubscribing.choose(message.client, wants=False)
        return
    note(
        message,
        event["kind"],
        source=DeliveryEvent.Source.SERVICE,
        words=event["words"],
        at=parse_datetime(event["at"]) if event["at"] else None,
        is_gone=event["is_gone"],
        once=event["once"],
    )


def _as_json(event: AnymailTrackingEvent, esp_name: str) -> dict[str, Any]:
    said = printable(str(event.mta_response or event.description or event.reject_reason or ""))
    kind = KINDS.get(event.event_type, UNSUBSCRIBED)
    at = event.timestamp.isoformat() if event.timestamp else ""
    return {
        "kind": str(kind),
        "words": said[:500],
        "at": at,
        "is_gone": kind == Kind.BOUNCED and _is_gone(event, said),
        "once": f"{esp_name} {event.event_id or at} {event.event_type}",
    }


def _is_gone(event: AnymailTrackingEvent, said: str) -> bool:
    """What the server said decides where it was told; else what the service makes of it."""
    if STATUS.search(said):
        return is_gone(said)
    written = json.dumps(event.esp_event, default=str).lower()
    is_soft = any(f'"{word}"' in written for word in SOFT)
    return event.reject_reason in (RejectReason.BOUNCED, RejectReason.INVALID) and not is_soft


def _views() -> dict[str, Any]:
    """Anymail's own views for events, by service; not those for inbound mail."""
    from anymail import urls

    found: dict[str, Any] = {}
    for pattern in urls.urlpatterns:
        route = str(pattern.pattern) if isinstance(pattern, URLPattern) else ""
        if "tracking" in route:
            found[route.partition("/")[0]] = pattern.callback
    return found
