"""Messages to other systems: signed, tried for a day, logged.

Signed as standardwebhooks.com has it: `Webhook-Signature: v1,<base64 of HMAC-SHA256 of "id.timestamp.body">`. After a
change of the secret both signatures are sent for a day.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings as django_settings
from django.db import transaction
from django.db.models import F

from kit import clock
from kit.refused import Refused
from portal.module import Act, Action
from portal.workflows.models import Delivery, DeliveryState, Run, WorkflowSettings
from portal.workflows.posting import BadAddress, Unreachable, check_address, post
from tenants.agencies.current import current_agency

# Nine tries in a day: at once, then after half a minute, two, ten …
PAUSES = [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30)]
PAUSES += [timedelta(hours=hours) for hours in (1, 3, 7, 12)]
BOTH_SECRETS = timedelta(days=1)
CLAIM = timedelta(minutes=5)


class WebhookForm(forms.Form):
    """Where it goes."""

    url = forms.CharField(
        label="Address",
        max_length=500,
        widget=forms.URLInput({"placeholder": "https://…", "inputmode": "url"}),
        help_text="The other system gives it to you. It begins with https://.",
    )

    def clean_url(self) -> str:
        """An address on the internet, over https."""
        try:
            return check_address(self.cleaned_data["url"].strip())
        except BadAddress as refused:
            raise forms.ValidationError(refused.words) from refused


def send(act: Act, settings: Mapping[str, Any]) -> str:
    """Write the message down and queue its delivery."""
    run = Run.objects.get(pk=int(act.key.partition("-")[0]))
    happening, client = act.happening, act.client
    body = {
        "event": run.fact,
        "workflow": act.workflow,
        "about": happening.about,
        "title": happening.title,
        "client": {"id": client.pk, "name": client.name, "email": client.email},
        "values": dict(act.values),
        "happened": run.ids,
    }
    made, is_new = Delivery.objects.get_or_create(
        key=act.key,
        defaults={
            "workflow": run.workflow,
            "run": run,
            "url": settings["url"],
            "body": body,
            "next_at": clock.now(),
        },
    )
    if is_new:
        _enqueue(made)
    return f"Handed over for {made.url}. The log of messages says when it is taken."


def say_webhook(settings: Mapping[str, Any]) -> str:
    return f"tell {settings['url']}"


def deliver(delivery_id: str) -> None:
    """Try one message once. The network is asked outside any transaction; the try is counted before."""
    now = clock.now()
    claimed = Delivery.objects.filter(
        pk=delivery_id, state=DeliveryState.QUEUED, next_at__lte=now, attempts__lte=len(PAUSES)
    ).update(attempts=F("attempts") + 1, next_at=now + CLAIM)
    if not claimed:
        return
    row = Delivery.objects.get(pk=delivery_id)
    body = json.dumps({"id": str(row.pk), "at": row.created_at.isoformat(), **row.body}).encode()
    try:
        code = post(row.url, body, headers_of(str(row.pk), body, now))
    except (Unreachable, BadAddress) as refused:
        _close(row, code=None, error=refused.words)
        return
    _close(row, code=code, error="" if 200 <= code < 300 else f"It answered {code}.")


def deliver_due() -> int:
    """Queue every message whose time has come; how many."""
    due = list(Delivery.objects.filter(state=DeliveryState.QUEUED, next_at__lte=clock.now())[:500])
    for row in due:
        _enqueue(row)
    return len(due)


@transaction.atomic
def replay(row: Delivery) -> None:
    """Send it once more, with the same id, however it ended.

    Raises:
        Refused: it is on its way.
    """
    held = Delivery.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if held.state == DeliveryState.QUEUED and held.attempts == 0:
        raise Refused("It is on its way already.")
    held.state, held.attempts, held.next_at = DeliveryState.QUEUED, 0, clock.now()
    held.save(update_fields=["state", "attempts", "next_at"])
    _enqueue(held)


def secret_of(turn: int) -> str:
    """The secret that this agency shares with those it tells things. Made from ours, so it is stored nowhere."""
    words = f"webhooks:{current_agency().schema_name}:{turn}"
    made = hmac.new(django_settings.SECRET_KEY.encode(), words.encode(), hashlib.sha256)
    return "whsec_" + base64.b64encode(made.digest()).decode()


def headers_of(name: str, body: bytes, now: datetime) -> dict[str, str]:
    """Id, moment and signatures."""
    settings = WorkflowSettings.load()
    turns = [settings.secret_turn]
    changed = settings.secret_changed_at
    if changed is not None and now - changed < BOTH_SECRETS:
        turns.append(settings.secret_turn - 1)
    moment = str(int(now.timestamp()))
    signed = [signature(secret_of(turn), name, moment, body) for turn in turns]
    return {
        "Content-Type": "application/json",
        "Webhook-Id": name,
        "Webhook-Timestamp": moment,
        "Webhook-Signature": " ".join(signed),
    }


def signature(secret: str, name: str, moment: str, body: bytes) -> str:
    """`v1,` and the base64 of the HMAC of `id.timestamp.body`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = hmac.new(key, f"{name}.{moment}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(made.digest()).decode()


def _close(row: Delivery, *, code: int | None, error: str) -> None:
    now = clock.now()
    values: dict[str, Any] = {"code": code, "error": error[:200]}
    if not error:
        values |= {"state": DeliveryState.DELIVERED, "delivered_at": now, "next_at": None}
    elif row.attempts > len(PAUSES):
        values |= {"state": DeliveryState.FAILED, "next_at": None}
    else:
        values |= {"next_at": now + PAUSES[row.attempts - 1]}
    Delivery.objects.filter(pk=row.pk, state=DeliveryState.QUEUED).update(**values)


def _enqueue(row: Delivery) -> None:
    from portal.workflows.jobs import deliver as job

    job.send(delivery_id=str(row.pk))


ACTION = Action(
    "workflows.webhook",
    "Tell another system (webhook)",
    WebhookForm,
    send,
    say_webhook,
    capability="workflows.webhooks",
)
