"""The simulator for tests: a process of its own, its settings, and the control of it.

with Simulator() as stripe:
    settings.STRIPE_API_BASE, … = stripe.settings()
    stripe.deliver_to(platform=f"{live}/stripe/webhooks/platform/", connect=f"{live}/stripe/webhooks/connect/")
    agency = stripe.account()            # a connected account that may take payments
    stripe.pay(agency, session_id, "4000000000000002")
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from infra.embedded.processes import end, end_with_parent, free_port
from infra.stripe_simulator.commands import PAID, SECRETS, Control, Refused

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30
MASTERCARD = "5555555555554444"
DECLINED, NO_FUNDS, FAILS_LATER = "4000000000000002", "4000000000009995", "4000000000000341"
ASKS_ONCE, ASKS_ALWAYS, ASKS_THEN_DECLINED = "4000002500003155", "4000002760003184", "4000008400001629"
DISPUTED, REFUND_FAILS, REFUND_PENDS = "4000000000000259", "4000000000005126", "4000000000007726"
DEBIT, DEBIT_FAILS = "DE89370400440532013000", "DE62370400440532013001"

__all__ = [
    "ASKS_ALWAYS", "ASKS_ONCE", "ASKS_THEN_DECLINED", "DEBIT", "DEBIT_FAILS", "DECLINED", "DISPUTED", "FAILS_LATER",
    "MASTERCARD", "NO_FUNDS", "PAID", "REFUND_FAILS", "REFUND_PENDS", "SECRETS", "Control", "Refused", "Simulator",
]  # fmt: skip


class Simulator(Control):
    """A simulator while the block lasts. At its end it complains about objects that Stripe would never send."""

    PLATFORM = "acct_platform00000000"

    def __init__(self, *, delayed_seconds: float | None = None) -> None:
        super().__init__(free_port())
        self.delayed_seconds = delayed_seconds
        self._said = tempfile.TemporaryFile()  # noqa: SIM115
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pages(self) -> str:
        """Where the pages and stripe.js are, as browsers see them."""
        return f"http://localhost:{self.port}"

    def settings(self) -> dict[str, Any]:
        """The settings of Django by which the modes differ."""
        return {
            "STRIPE_API_BASE": self.base,
            "STRIPE_JS_URL": f"{self.pages}/stripe.js",
            "STRIPE_SECRET_KEY": "sk_test_simulator",
            "STRIPE_PUBLISHABLE_KEY": "pk_test_simulator",
            "STRIPE_WEBHOOK_SECRETS": [SECRETS["platform"]],
            "STRIPE_CONNECT_WEBHOOK_SECRETS": [SECRETS["connect"]],
        }

    def environment(self) -> dict[str, str]:
        """The same, for the environment of a process."""
        return {
            name: value[0] if isinstance(value, list) else value for name, value in self.settings().items()
        }

    def __enter__(self) -> Self:
        words = ["-m", "infra.stripe_simulator", "--port", str(self.port)]
        if self.delayed_seconds is not None:
            words += ["--delayed-seconds", str(self.delayed_seconds)]
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        self._process = subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": path, **self.environment()},
            stdout=self._said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=end_with_parent(signal.SIGKILL),
        )
        self._wait()
        return self

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                self.state()
                return
            except OSError:
                assert self._process
                if self._process.poll() is not None:
                    break
                time.sleep(0.05)
        self.close()
        self._said.seek(0)
        raise RuntimeError(f"The Stripe simulator did not start: {self._said.read().decode()}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        mistakes = self.state()["mistakes"] if kind is None else []
        self.close()
        assert not mistakes, "The simulator sent what Stripe never sends: " + "\n".join(mistakes)

    def close(self) -> None:
        """Ends the process."""
        if self._process:
            end(self._process, signal.SIGTERM, 5)
