"""What a test may do to the simulator, as POST /_control/NAME with JSON. `running.Control` is the client of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from infra.stripe_simulator import cards, cycle, settling, till
from infra.stripe_simulator.answers import connect, refunds
from infra.stripe_simulator.api import Api
from infra.stripe_simulator.errors import refused
from infra.stripe_simulator.faults import Fault
from infra.stripe_simulator.webhooks import Postman, register
from infra.stripe_simulator.world import PLATFORM, Object, World

KNOBS = ("paused", "copies", "drop", "delay", "backoff")


class Control:
    """Every public method is a command; its keywords are the JSON's keys."""

    def __init__(self, world: World, api: Api, postman: Postman) -> None:
        self.world = world
        self.api = api
        self.postman = postman

    def obey(self, name: str, given: Object) -> Any:
        """Runs a command. Raises StripeError (404 for one that there is not)."""
        command: Callable[..., Any] | None = getattr(self, name, None)
        if name.startswith("_") or name == "obey" or not callable(command):
            raise refused(f"There is no command {name}", status=404)
        if name in (
            "release",
            "resend",
            "quiet",
        ):  # they wait for answers of webhooks, which may call the API
            return command(**given)
        with self.world.lock:
            answer = command(**given)
            self.world.at_change()
            return answer

    def state(self) -> Object:
        """What came in, what went out, what the judge found wrong with the simulator's own objects."""
        held = [{"event": event["id"], "type": event["type"]} for _, event in self.postman.held]
        return {
            "mistakes": self.world.mistakes,
            "requests": self.api.requests,
            "deliveries": self.postman.deliveries,
            "held": held,
            "pending": list(self.world.pending),
            "now": self.world.now(),
        }

    def webhooks(self, **knobs: Any) -> None:
        """Sets knobs of the postman."""
        for name, value in knobs.items():
            if name not in KNOBS:
                raise refused(f"There is no knob {name}", status=404)
            setattr(self.postman, name, value)

    def deliver_to(
        self, platform: str = "", connect: str = "", secrets: dict[str, str] | None = None
    ) -> None:
        """Where webhooks go from now on; an empty address switches that endpoint off."""
        endpoints = self.world.objects[PLATFORM].setdefault("webhook_endpoint", {})
        for endpoint in [name for name in endpoints if self.world.hidden[name].get("own")]:
            del endpoints[endpoint]
        for url, is_connect in ((platform, False), (connect, True)):
            if url:
                secret = (secrets or {})["connect" if is_connect else "platform"]
                made = register(self.world, url, secret, connect=is_connect)
                self.world.hidden[made["id"]]["own"] = True

    def release(self, order: str | list[str] = "sent") -> list[Object]:
        """Delivers what is held."""
        return self.postman.release(order)

    def resend(self, event: str) -> list[int]:
        """Delivers an event again."""
        return self.postman.resend(event)

    def quiet(self, seconds: float = 10) -> bool:
        """Waits until no delivery is under way."""
        return self.postman.wait_until_quiet(seconds)

    def fault(self, **given: Any) -> None:
        """Plants a fault."""
        self.api.faults.plant(Fault(**given))

    def clear_faults(self) -> None:
        """No planted fault happens any more."""
        self.api.faults.clear()

    def pay(self, account: str, session: str, card: str, email: str = "", authenticated: bool = False) -> str:
        """Pays a session as the page does."""
        means = cards.by_number(card)
        return till.pay(self.world.merchant(account), session, means, email, authenticated=authenticated)

    def account(self, country: str = "de", name: str = "Agency", active: bool = True) -> str:
        """A connected account, onboarded already; its id."""
        params: Object = {"display_name": name, "contact_email": "agency@example.com", "dashboard": "full"}
        params |= {"identity": {"country": country}, "configuration": {"merchant": {}}}
        made: str = connect.create(self.world.merchant(PLATFORM), params)["id"]
        if active:
            connect.onboard(self.world, made)
        return made

    def onboard(self, account: str, status: str = "active") -> None:
        """Finishes onboarding; or Stripe wants more (restricted)."""
        connect.onboard(self.world, account, status)

    def deauthorize(self, account: str) -> None:
        """The agency disconnects the platform."""
        connect.deauthorize(self.world, account)

    def settle(self, identifier: str) -> str:
        """The bank answers a debit or a refund now."""
        return settling.settle(self.world, identifier)

    def fail_refund(self, account: str, refund: str) -> str:
        """A refund comes back."""
        merchant = self.world.merchant(account)
        return refunds.fail(merchant, merchant.get("refund", refund))

    def dispute(self, account: str, charge: str, reason: str = "fraudulent") -> str:
        """The card's owner disputes a charge; the dispute's id."""
        merchant = self.world.merchant(account)
        return str(refunds.open_dispute(merchant, merchant.get("charge", charge), reason)["id"])

    def close_dispute(self, account: str, dispute: str, won: bool) -> None:
        """The bank decides."""
        merchant = self.world.merchant(account)
        refunds.close_dispute(merchant, merchant.get("dispute", dispute), won=won)

    def set_card(self, account: str, payment_method: str, card: str) -> None:
        """A saved card behaves like another one from now on."""
        self.world.merchant(account).get("payment_method", payment_method)
        self.world.hidden[payment_method]["number"] = cards.by_number(card).number

    def advance(self, seconds: int) -> int:
        """Time goes on for everybody who is on no test clock; the new time."""
        cycle.advance_world(self.world, self.world.now() + seconds)
        return self.world.now()

    def after_dunning(self, status: str) -> None:
        """What becomes of a subscription after the last attempt: cancel, unpaid or past_due."""
        if status not in ("cancel", "unpaid", "past_due"):
            raise refused(f"Not cancel, unpaid or past_due: {status}")
        self.world.hidden.setdefault("settings", {})["after_dunning"] = status
