"""The simulator for tests: a process of its own, its settings, and the control of it.

with Simulator() as stripe:
    settings.STRIPE_API_BASE, … = stripe.settings()
    stripe.deliver_to(platform=f"{live}/stripe/webhooks/platform/", connect=f"{live}/stripe/webhooks/connect/")
    agency = stripe.account()            # a connected account that may take payments
    stripe.pay(agency, session_id, "4000000000000002")
"""

from __future__ import annotations

import http.client
import json
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

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30
PAID, MASTERCARD = "4242424242424242", "5555555555554444"
DECLINED, NO_FUNDS, FAILS_LATER = "4000000000000002", "4000000000009995", "4000000000000341"
ASKS_ONCE, ASKS_ALWAYS, ASKS_THEN_DECLINED = "4000002500003155", "4000002760003184", "4000008400001629"
DISPUTED, REFUND_FAILS, REFUND_PENDS = "4000000000000259", "4000000000005126", "4000000000007726"
DEBIT, DEBIT_FAILS = "DE89370400440532013000", "DE62370400440532013001"
SECRETS = {"platform": "whsec_simulator_platform", "connect": "whsec_simulator_connect"}
Object = dict[str, Any]


class Refused(Exception):
    """The simulator did not do it; the message is Stripe's, `code` its code (card_declined …)."""

    def __init__(self, status: int, error: Object) -> None:
        super().__init__(error.get("message"))
        self.status = status
        self.code: str | None = error.get("code")
        self.decline_code: str | None = error.get("decline_code")


class Control:
    """The commands of a running simulator."""

    def __init__(self, port: int) -> None:
        self.port = port

    def deliver_to(self, platform: str = "", connect: str = "") -> None:
        """Where webhooks go from now on."""
        self._do("deliver_to", platform=platform, connect=connect, secrets=SECRETS)

    def account(self, country: str = "de", name: str = "Agency", *, active: bool = True) -> str:
        """A new connected account; `active`: onboarded already."""
        return str(self._do("account", country=country, name=name, active=active))

    def onboard(self, account: str, status: str = "active") -> None:
        """Onboarding ends well; "restricted": Stripe wants more, no payments."""
        self._do("onboard", account=account, status=status)

    def deauthorize(self, account: str) -> None:
        """The agency disconnects the platform."""
        self._do("deauthorize", account=account)

    def pay(
        self, account: str, session: str, card: str = PAID, *, email: str = "", authenticated: bool = False
    ) -> str:
        """Pays a checkout session as its page does: "complete" or "requires_action". Raises Refused when declined.
        The platform's own account is `simulator.PLATFORM`."""
        return str(
            self._do(
                "pay", account=account, session=session, card=card, email=email, authenticated=authenticated
            )
        )

    def settle(self, identifier: str) -> str:
        """The bank answers a debit (payment intent) or a slow refund."""
        return str(self._do("settle", identifier=identifier))

    def fail_refund(self, account: str, refund: str) -> None:
        """A refund comes back."""
        self._do("fail_refund", account=account, refund=refund)

    def dispute(self, account: str, charge: str, reason: str = "fraudulent") -> str:
        """The card's owner disputes a charge; the dispute's id."""
        return str(self._do("dispute", account=account, charge=charge, reason=reason))

    def close_dispute(self, account: str, dispute: str, *, won: bool) -> None:
        """The bank decides a dispute."""
        self._do("close_dispute", account=account, dispute=dispute, won=won)

    def set_card(self, account: str, payment_method: str, card: str) -> None:
        """A saved card behaves like another one from now on."""
        self._do("set_card", account=account, payment_method=payment_method, card=card)

    def advance(self, *, days: float = 0, seconds: int = 0) -> int:
        """Time goes on for everybody who is on no test clock; the new time."""
        return int(self._do("advance", seconds=int(days * 86_400) + seconds))

    def after_dunning(self, status: str) -> None:
        """After the last failed attempt: cancel, unpaid or past_due."""
        self._do("after_dunning", status=status)

    def pause(self) -> None:
        """Events are held back from now on, until `resume`."""
        self._do("webhooks", paused=True)

    def resume(self) -> None:
        """New events are delivered again; those held wait for `release`."""
        self._do("webhooks", paused=False)

    def release(self, order: str | list[str] = "sent") -> list[Object]:
        """Delivers what is held, one after the other: "sent", "reversed", "shuffled", or by event ids (a name given
        twice is delivered twice; those not named stay). Each with the status that came back."""
        found: list[Object] = self._do("release", order=order)
        return found

    def copies(self, number: int) -> None:
        """Every event is delivered so many times."""
        self._do("webhooks", copies=number)

    def drop(self, number: int) -> None:
        """The next so many deliveries are lost; the events are there all the same."""
        self._do("webhooks", drop=number)

    def delay(self, seconds: float) -> None:
        """Deliveries begin that much later."""
        self._do("webhooks", delay=seconds)

    def backoff(self, seconds: float) -> None:
        """How long after a first refused delivery the next comes; it doubles each time."""
        self._do("webhooks", backoff=seconds)

    def resend(self, event: str) -> list[int]:
        """Delivers an event (again); the statuses that came back."""
        found: list[int] = self._do("resend", event=event)
        return found

    def quiet(self, seconds: float = 10) -> bool:
        """Waits until no delivery is under way; whether that came to be in time."""
        return bool(self._do("quiet", seconds=seconds))

    def fault(
        self,
        path: str,
        verb: str = "POST",
        when: str = "before",
        status: int = 500,
        times: int = 1,
        seconds: float = 0,
    ) -> None:
        """The next requests whose path matches fail before or after they are executed; 0 cuts the connection,
        200 is only slow."""
        self._do("fault", path=path, verb=verb, when=when, status=status, times=times, seconds=seconds)

    def clear_faults(self) -> None:
        """No planted fault happens any more."""
        self._do("clear_faults")

    def state(self) -> Object:
        """mistakes, requests, deliveries, held, pending, now."""
        found: Object = self._do("state")
        return found

    def requests(self, path: str = "") -> list[Object]:
        """The requests that came in so far, with their params, account and idempotency key."""
        return [one for one in self.state()["requests"] if path in one["path"]]

    def deliveries(self) -> list[Object]:
        """The attempts to deliver webhooks so far."""
        found: list[Object] = self.state()["deliveries"]
        return found

    def held(self) -> list[Object]:
        """The events that wait for `release`: event, type."""
        found: list[Object] = self.state()["held"]
        return found

    def _do(self, command: str, **given: Any) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", f"/_control/{command}", json.dumps(given), headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise Refused(response.status, answer.get("error", {}))
        return answer


class Simulator(Control):
    """A simulator while the block lasts. At its end it complains about objects that Stripe would never send."""

    PLATFORM = "acct_platform00000000"

    def __init__(self, *, delayed_seconds: float | None = None) -> None:
        super().__init__(free_port())
        self.delayed_seconds = delayed_seconds
        self._said = tempfile.TemporaryFile()
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
