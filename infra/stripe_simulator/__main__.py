"""python -m infra.stripe_simulator --port P [--platform-webhook URL] [--connect-webhook URL] [--state FILE]."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from infra.stripe_simulator.server import Keys, Server

ABOUT = """A stand-in for Stripe on this machine. No money moves. Keys and webhook secrets are taken from
STRIPE_SECRET_KEY, STRIPE_PUBLISHABLE_KEY, STRIPE_WEBHOOK_SECRETS and STRIPE_CONNECT_WEBHOOK_SECRETS."""


def main() -> None:
    """Serves until stopped."""
    words = argparse.ArgumentParser(prog="python -m infra.stripe_simulator", description=ABOUT)
    words.add_argument("--port", type=int, required=True)
    words.add_argument("--platform-webhook", default="", help="where events of the platform's own account go")
    words.add_argument("--connect-webhook", default="", help="where events of connected accounts go")
    words.add_argument("--state", type=Path, help="a file to go on from, and to keep everything in")
    words.add_argument(
        "--delayed-seconds", type=float, help="how long bank debits take; else a test settles them"
    )
    asked = words.parse_args()
    server = Server(asked.port, _keys(), state=asked.state, delayed_seconds=asked.delayed_seconds)
    secrets = {"platform": server.keys.platform, "connect": server.keys.connect}
    server.control.obey(
        "deliver_to",
        {"platform": asked.platform_webhook, "connect": asked.connect_webhook, "secrets": secrets},
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.save()


def _keys() -> Keys:
    given = os.environ
    ours = Keys()
    return Keys(
        given.get("STRIPE_SECRET_KEY") or ours.secret,
        given.get("STRIPE_PUBLISHABLE_KEY") or ours.publishable,
        given.get("STRIPE_WEBHOOK_SECRETS", "").split(",")[0] or ours.platform,
        given.get("STRIPE_CONNECT_WEBHOOK_SECRETS", "").split(",")[0] or ours.connect,
    )


if __name__ == "__main__":
    main()
