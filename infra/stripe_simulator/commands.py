"""The client of a running simulator's control: what tests call."""

from __future__ import annotations

import http.client
import json
from typing import Any

PAID = "4242424242424242"
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
