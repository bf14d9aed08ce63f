"""Events as Stripe sends them, and their signatures."""

import json
import time
from typing import Any
from uuid import uuid4

from stripe import WebhookSignature

from tests.cast import platform_browser

SECRET = "whsec_tests_connect"
CONNECT = "/stripe/webhooks/connect/"
PLATFORM = "/stripe/webhooks/platform/"


def event(kind: str = "payment_intent.succeeded", *, account: str = "", **more: Any) -> dict[str, Any]:
    """An event of API v1 about `more["thing"]`, of test mode."""
    thing = more.pop("thing", {"id": "pi_1", "object": "payment_intent"})
    words = {"id": f"evt_{uuid4().hex}", "object": "event", "type": kind, "created": int(time.time())}
    words |= {"livemode": False, "data": {"object": thing}} | ({"account": account} if account else {})
    return words | more


def send(
    found: dict[str, Any] | bytes,
    *,
    path: str = CONNECT,
    secret: str = SECRET,
    age: int = 0,
    header: str | None = None,
) -> Any:
    """Post it as Stripe does; `header` instead of a right signature."""
    body = found if isinstance(found, bytes) else json.dumps(found).encode()
    if header is None:
        header = signed(body, secret, age)
    return platform_browser().post(
        path, body, content_type="application/json", headers={"stripe-signature": header}
    )


def signed(body: bytes, secret: str = SECRET, age: int = 0) -> str:
    return str(
        WebhookSignature.generate_signature_header(
            body.decode("utf-8", "replace"), secret, int(time.time()) - age
        )
    )
