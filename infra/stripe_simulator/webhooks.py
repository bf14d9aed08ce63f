"""Delivers events: signed as Stripe signs, at least once, again when refused, and as a test wants it."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import random
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from infra.stripe_simulator import judge
from infra.stripe_simulator.errors import refused
from infra.stripe_simulator.thin import is_thin
from infra.stripe_simulator.world import PLATFORM, Object, World, identifier

TIMEOUT = 20
ATTEMPTS = 10
LONGEST_WAIT = 60.0
AT_ONCE = 8


class Postman:
    """Takes events to the webhook endpoints. What a test sets: `paused`, `copies`, `drop`, `delay`, `backoff`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.paused = False
        self.copies = 1
        self.drop = 0
        self.delay = 0.0
        self.backoff = 0.5
        self.held: list[tuple[str, Object]] = []
        self.deliveries: list[Object] = []
        self.under_way = 0
        self.changed = threading.Condition()
        self._at_once = threading.Semaphore(AT_ONCE)

    def post(self, event: Object) -> None:
        """Sends the event to every endpoint that asked for it, now or when released."""
        for endpoint in self._endpoints_of(event):
            if self.drop > 0:
                self.drop -= 1
                continue
            for _ in range(self.copies):
                if self.paused:
                    self.held.append((endpoint, event))
                else:
                    self._in_background(endpoint, event)

    def resend(self, identifier: str) -> list[int]:
        """Delivers an event again, also one that was dropped; the statuses that came back."""
        for store in self.world.objects.values():
            if event := (store.get("event", {}) | store.get("v2.core.event", {})).get(identifier):
                return [self.deliver(endpoint, event) for endpoint in self._endpoints_of(event)]
        raise refused(f"No such event: '{identifier}'", status=404)

    def release(self, order: str | list[str]) -> list[Object]:
        """Delivers what is held, one after the other: in order, reversed, shuffled, or by a list of event ids.

        Events that such a list leaves out stay held; an event named twice is delivered twice.
        """
        with self.changed:
            held, self.held = self.held, []
        if isinstance(order, list):
            wanted = [one for name in order for one in held if one[1]["id"] == name]
            self.held = [one for one in held if one[1]["id"] not in order]
            held = wanted
        elif order == "reversed":
            held.reverse()
        elif order == "shuffled":
            random.shuffle(held)
        return [
            {"event": event["id"], "type": event["type"], "status": self.deliver(endpoint, event)}
            for endpoint, event in held
        ]

    def wait_until_quiet(self, seconds: float) -> bool:
        """Whether nothing is under way any more, within that time. Held events do not count."""
        with self.changed:
            return self.changed.wait_for(lambda: self.under_way == 0, seconds)

    def deliver(self, endpoint: str, event: Object, attempt: int = 1) -> int:
        """One attempt: the status that came back, 0 for none."""
        target = self.world.objects[PLATFORM].get("webhook_endpoint", {}).get(endpoint)
        if target is None:
            return 0
        payload = json.dumps(event, indent=2).encode()
        secret = self.world.hidden[endpoint]["secret"]
        with self._at_once:
            status, problem = _send(target["url"], payload, signature(payload, secret))
        said = {"event": event["id"], "type": event["type"], "account": event.get("account")}
        self.deliveries.append(
            {**said, "endpoint": endpoint, "attempt": attempt, "status": status, "error": problem}
        )
        return status

    def _endpoints_of(self, event: Object) -> list[str]:
        connected = (event.get("account") or event.get("context")) is not None
        return [
            endpoint["id"]
            for endpoint in self.world.objects[PLATFORM].get("webhook_endpoint", {}).values()
            if endpoint["status"] == "enabled"
            and self.world.hidden[endpoint["id"]]["connect"] == connected
            # Endpoints made over API v1 get snapshots only; where `deliver_to` points gets both.
            and (self.world.hidden[endpoint["id"]].get("own") or not is_thin(event))
            and ({"*", event["type"]} & set(endpoint["enabled_events"]))
        ]

    def _in_background(self, endpoint: str, event: Object) -> None:
        with self.changed:
            self.under_way += 1
        threading.Thread(target=self._until_taken, args=(endpoint, event), daemon=True).start()

    def _until_taken(self, endpoint: str, event: Object) -> None:
        time.sleep(self.delay)
        try:
            for attempt in range(1, ATTEMPTS + 1):
                if 200 <= self.deliver(endpoint, event, attempt) < 300:
                    return
                time.sleep(min(self.backoff * 2 ** (attempt - 1), LONGEST_WAIT))
        finally:
            with self.changed:
                self.under_way -= 1
                self.changed.notify_all()


def signature(payload: bytes, secret: str, when: int | None = None) -> str:
    """The header `Stripe-Signature` (scheme v1); signed at the real time, whatever the simulator's own is."""
    stamp = int(time.time()) if when is None else when
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest},v0={'0' * 64}"


def register(world: World, url: str, secret: str, *, connect: bool, **values: Any) -> Object:
    """A webhook endpoint of the platform: for its own events, or for those of its connected accounts."""
    made = {"api_version": judge.API_VERSION, "enabled_events": ["*"], "status": "enabled", "metadata": {}}
    endpoint = world.merchant(PLATFORM).new("webhook_endpoint", "we", **{**made, **values, "url": url})
    world.hidden[endpoint["id"]] = {"secret": secret or identifier("whsec", 32), "connect": connect}
    return endpoint


def _send(url: str, payload: bytes, signed: str) -> tuple[int, str | None]:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=TIMEOUT)
    headers = {
        "Host": address.netloc,
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signed,
    }
    try:
        connection.request("POST", address.path or "/", payload, headers)
        return connection.getresponse().status, None
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()
