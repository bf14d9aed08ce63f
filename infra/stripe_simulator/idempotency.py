"""Idempotency keys: the first answer is the answer, whatever it was."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import Any, NamedTuple

from infra.stripe_simulator.errors import StripeError


class Kept(NamedTuple):
    """What was asked, and what was said."""

    request: str
    status: int
    body: str


class Keys:
    """All keys of all accounts, for as long as the simulator runs (Stripe: a day at least)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], Kept] = {}
        self._busy: set[tuple[str, str]] = set()

    def begin(self, account: str, key: str, request: str) -> Kept | None:
        """An earlier answer; None: go on, and call `finish`. Raises StripeError (400, 409)."""
        with self._lock:
            if kept := self._kept.get((account, key)):
                if kept.request != request:
                    raise StripeError(400, "idempotency_error", _OTHER.format(key=key))
                return kept
            if (account, key) in self._busy:
                raise StripeError(
                    409, "idempotency_error", _BUSY.format(key=key), code="idempotency_key_in_use"
                )
            self._busy.add((account, key))
            return None

    def finish(self, account: str, key: str, kept: Kept | None) -> None:
        """The answer is known; None: nothing was executed, the key is free again."""
        with self._lock:
            self._busy.discard((account, key))
            if kept:
                self._kept[account, key] = kept


def fingerprint(verb: str, path: str, params: Any) -> str:
    """Two requests with the same one ask the same."""
    return hashlib.sha256(f"{verb} {path} {json.dumps(params, sort_keys=True)}".encode()).hexdigest()


_OTHER = (
    "Keys for idempotent requests can only be used with the same parameters they were first used with. "
    "Try using a key other than '{key}' if you meant to execute a different request."
)
_BUSY = (
    "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
    "twice, and the other request is still going through): {key}. Please try again later."
)
