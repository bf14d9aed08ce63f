"""All that the simulator knows: a store per account, what Stripe keeps to itself, and the time."""

from __future__ import annotations

import copy
import json
import secrets
import string
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from infra.stripe_simulator import judge
from infra.stripe_simulator.errors import missing

Object = dict[str, Any]
Store = dict[str, dict[str, Object]]
PLATFORM = "acct_platform00000000"
LETTERS = string.ascii_letters + string.digits


class Posts(Protocol):
    """Who is told of events."""

    def post(self, event: Object) -> None:
        """Takes an event for delivery."""


class World:
    """The state of every account. Hold `lock` while reading or changing it."""

    def __init__(self, base: str, *, delayed_seconds: float | None = None) -> None:
        self.lock = threading.RLock()
        self.base = base
        self.delayed_seconds = delayed_seconds
        self.objects: dict[str, Store] = {PLATFORM: {}}
        # By object: card numbers, secrets of webhooks, what a session was made from. Never sent.
        self.hidden: dict[str, Object] = {}
        # What happens by itself a little later: object → [account, what].
        self.pending: dict[str, list[str]] = {}
        self.seconds_ahead = 0
        self.mistakes: list[str] = []
        self.posts: Posts | None = None
        self.at_change: Callable[[], None] = lambda: None

    def now(self) -> int:
        """Seconds since 1970, as the simulator counts."""
        return int(time.time()) + self.seconds_ahead

    def merchant(self, account: str) -> Merchant:
        """The view of one account; it is made if it is new."""
        self.objects.setdefault(account, {})
        return Merchant(self, account)

    def checked(self, thing: Object) -> Object:
        """A copy for the wire; what Stripe would never send is kept in `mistakes`."""
        found = judge.judge_object(thing)
        self.mistakes += [f"{thing.get('object')}: {each.path} {each.words}" for each in found]
        return copy.deepcopy(thing)

    def as_json(self) -> str:
        """All of it, for a file."""
        kept = ("objects", "hidden", "pending", "seconds_ahead")
        return json.dumps({name: getattr(self, name) for name in kept})

    def load(self, path: Path) -> None:
        """Goes on from what `as_json` said. A file of another API version is left alone."""
        for name, value in json.loads(path.read_text(encoding="utf-8")).items():
            setattr(self, name, value)


class Merchant:
    """One account: its objects, its events, its time."""

    def __init__(self, world: World, account: str) -> None:
        self.world = world
        self.account = account
        self.store = world.objects[account]

    @property
    def is_platform(self) -> bool:
        """Whether this is the platform's own account."""
        return self.account == PLATFORM

    def now(self, customer: str | None = None) -> int:
        """The time; that of the test clock for a customer who is on one."""
        clock = self.find("customer", customer).get("test_clock") if customer else None
        if clock:
            return int(self.get("test_helpers.test_clock", clock)["frozen_time"])
        return self.world.now()

    def new(self, kind: str, prefix: str, /, **values: Any) -> Object:
        """A complete new object, kept."""
        customer = values.get("customer")
        made = judge.blank(kind)
        shared = {
            "id": identifier(prefix),
            "created": self.now(customer if isinstance(customer, str) else None),
            "livemode": False,
        }
        made = judge.blank(kind, **{key: value for key, value in shared.items() if key in made} | values)
        return self.keep(made)

    def keep(self, thing: Object) -> Object:
        """Puts an object into the store."""
        self.store.setdefault(thing["object"], {})[thing["id"]] = thing
        return thing

    def get(self, kind: str, identifier: str, param: str = "id") -> Object:
        """The object itself, not a copy; a 404 when this account has none such."""
        try:
            return self.store[kind][identifier]
        except (KeyError, TypeError) as error:
            raise missing(kind, str(identifier), param) from error

    def find(self, kind: str, identifier: str | None) -> Object:
        """The object, or an empty one."""
        return self.store.get(kind, {}).get(identifier or "", {})

    def all(self, kind: str) -> list[Object]:
        """Every object of that kind, newest first."""
        return list(reversed(self.store.get(kind, {}).values()))

    def hidden(self, identifier: str) -> Object:
        """What Stripe knows of an object and does not send."""
        return self.world.hidden.setdefault(identifier, {})

    def emit(self, kind: str, thing: Object, previous: Object | None = None) -> Object:
        """Records an event with the object as it is now, and has it delivered."""
        kept = {"object": self.world.checked(thing)}
        event = judge.blank(
            "event",
            id=identifier("evt"),
            api_version=judge.API_VERSION,
            created=self.now(thing.get("customer") if isinstance(thing.get("customer"), str) else None),
            type=kind,
            data=kept | ({"previous_attributes": previous} if previous is not None else {}),
            pending_webhooks=1,
            request={"id": identifier("req", 14), "idempotency_key": None},
        )
        if not self.is_platform:
            event["account"] = self.account
        self.keep(event)
        if self.world.posts:
            self.world.posts.post(self.world.checked(event))
        return event


def identifier(prefix: str, length: int = 24) -> str:
    """A new identifier, as Stripe makes them."""
    return f"{prefix}_{''.join(secrets.choice(LETTERS) for _ in range(length))}"


def list_of(data: list[Object], url: str, *, more: bool = False) -> Object:
    """A list object of v1."""
    return {"object": "list", "data": data, "has_more": more, "url": url}


def merged(old: Object | None, changes: Object | str) -> Object:
    """Metadata after an update: new keys added, empty ones taken out, all gone for an empty text."""
    if changes == "" or isinstance(changes, str):
        return {}
    return {key: value for key, value in {**(old or {}), **changes}.items() if value != ""}
