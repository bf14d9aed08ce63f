"""Faults that a test plants: an error or a cut connection before or after a request is executed, or slowness."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass

from infra.stripe_simulator.errors import StripeError


class Cut(Exception):
    """The connection ends without an answer."""


@dataclass
class Fault:
    """`when`: before (nothing happens) or after (it happens, the answer is lost). Status 0 cuts the connection,
    status 200 is only slow by `seconds`."""

    path: str
    verb: str = "POST"
    when: str = "before"
    status: int = 500
    times: int = 1
    seconds: float = 0.0


class Faults:
    """Those still to happen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planted: list[Fault] = []

    def plant(self, fault: Fault) -> None:
        """It happens to the next requests that fit."""
        with self._lock:
            self._planted.append(fault)

    def clear(self) -> None:
        """None of them happens any more."""
        with self._lock:
            self._planted.clear()

    def of(self, verb: str, path: str) -> Fault | None:
        """The fault that this request meets; used up by it."""
        with self._lock:
            for fault in self._planted:
                if fault.times > 0 and fault.verb == verb and re.search(fault.path, path):
                    fault.times -= 1
                    return fault
        return None


def strike(fault: Fault | None, when: str) -> None:
    """Raises what the fault says, at its time."""
    if fault is None or fault.when != when:
        return
    time.sleep(fault.seconds)
    if fault.status == 0:
        raise Cut
    if fault.status != 200:
        kind = "rate_limit_error" if fault.status == 429 else "api_error"
        raise StripeError(fault.status, kind, f"A fault planted {when} execution.")
