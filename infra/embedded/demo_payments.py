"""Card payments in the demo: the Stripe simulator, unless real keys are given."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

from infra.embedded.demo_domains import listens
from infra.embedded.processes import free_port
from infra.embedded.supervisor import Supervisor

# Beside the platform's own port, after the card that always pays: 8000 → 8042.
PORT_OFFSET = 42
START_SECONDS = 30
DEBIT_SECONDS = 20
# What web, worker and simulator share, made once: subscriptions outlive a restart, and so must their keys.
MADE = {
    "STRIPE_SECRET_KEY": "sk_test_simulator_",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_simulator_",
    "STRIPE_WEBHOOK_SECRETS": "whsec_",
    "STRIPE_CONNECT_WEBHOOK_SECRETS": "whsec_",
}


def start(supervisor: Supervisor, var: Path, port: int) -> str | None:
    """Starts the simulator and tells the platform's programs of it; its address. None where real keys are given."""
    environment = supervisor.environment
    if environment.get("STRIPE_SECRET_KEY"):
        return None
    own = free_port(port + PORT_OFFSET if port + PORT_OFFSET < 65536 else 0)
    environment |= keys(var / "stripe_keys")
    environment |= {
        "STRIPE_API_BASE": f"http://127.0.0.1:{own}",
        "STRIPE_JS_URL": f"http://localhost:{own}/stripe.js",
    }
    webhooks = f"http://{environment['PORTICO_HOST']}:{port}/stripe/webhooks"
    words = ["--port", str(own), "--state", str(var / "stripe.json"), "--delayed-seconds", str(DEBIT_SECONDS)]
    words += ["--platform-webhook", f"{webhooks}/platform/", "--connect-webhook", f"{webhooks}/connect/"]
    supervisor.start("stripe", [sys.executable, "-m", "infra.stripe_simulator", *words])
    supervisor.wait_until(lambda: listens(own), "stripe", START_SECONDS)
    return f"http://localhost:{own}/"


def keys(path: Path) -> dict[str, str]:
    """The demo's own keys and secrets."""
    if not path.exists():
        path.touch(mode=0o600)
        lines = [f"{name}={start}{secrets.token_hex(16)}" for name, start in MADE.items()]
        path.write_text("\n".join(lines) + "\n")
    return dict(line.split("=", 1) for line in path.read_text().splitlines())
