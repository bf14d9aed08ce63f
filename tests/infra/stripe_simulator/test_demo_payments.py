"""The simulator as `./bin/demo` starts it: its settings, its state over a restart, and not with real keys."""

from __future__ import annotations

import json
import os
from pathlib import Path

import stripe

from infra.embedded import demo_payments, signpost
from infra.embedded.processes import free_port
from infra.embedded.supervisor import Supervisor
from infra.stripe_simulator.commands import Control

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = {
    "STRIPE_API_BASE",
    "STRIPE_JS_URL",
    "STRIPE_SECRET_KEY",
    "STRIPE_PUBLISHABLE_KEY",
    "STRIPE_WEBHOOK_SECRETS",
    "STRIPE_CONNECT_WEBHOOK_SECRETS",
}


def _environment() -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("STRIPE_")}
    return {**given, "PORTICO_HOST": "localhost", "PYTHONPATH": str(ROOT)}


def _run(var: Path, port: int) -> tuple[dict[str, str], list[str], list[str]]:
    """The settings that the programs get, the addresses of the webhooks, the customers there are at the end."""
    with Supervisor(ROOT, _environment(), logs=var) as supervisor:
        address = demo_payments.start(supervisor, var, port)
        assert address and address.startswith("http://localhost:")
        made = supervisor.environment
        client = stripe.StripeClient(
            made["STRIPE_SECRET_KEY"], base_addresses={"api": made["STRIPE_API_BASE"]}
        )
        client.v1.customers.create({"name": "Northwind"})
        hooks = [one.url for one in client.v1.webhook_endpoints.list().data]
        customers = [one.id for one in client.v1.customers.list().data]
        assert Control(int(made["STRIPE_API_BASE"].rpartition(":")[2])).state()["mistakes"] == []
    return {name: made[name] for name in SETTINGS}, sorted(hooks), customers


def test_web_and_worker_get_the_settings_and_a_restart_finds_everything(tmp_path: Path) -> None:
    port = free_port()
    first, hooks, before = _run(tmp_path, port)
    assert first.keys() == SETTINGS
    assert first["STRIPE_SECRET_KEY"].startswith("sk_test_")
    assert first["STRIPE_JS_URL"].endswith("/stripe.js")
    at = f"http://localhost:{port}/stripe/webhooks"
    assert hooks == [f"{at}/connect/", f"{at}/platform/"]
    second, hooks, after = _run(tmp_path, port)
    assert hooks == [f"{at}/connect/", f"{at}/platform/"]
    assert after[1:] == before
    kept = SETTINGS - {"STRIPE_API_BASE", "STRIPE_JS_URL"}
    assert {name: first[name] for name in kept} == {name: second[name] for name in kept}
    for name in ("stripe_keys", "stripe.json"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_real_keys_start_nothing(tmp_path: Path) -> None:
    given = {**_environment(), "STRIPE_SECRET_KEY": "sk_test_of_stripes_own"}
    with Supervisor(ROOT, given, logs=tmp_path) as supervisor:
        assert demo_payments.start(supervisor, tmp_path, free_port()) is None
        assert supervisor.environment == given
    assert list(tmp_path.iterdir()) == []


def test_the_signpost_says_where_the_test_cards_are(tmp_path: Path) -> None:
    about = signpost.describe("http", "localhost:8000", None, [], payments="http://localhost:8042/")
    assert json.loads(json.dumps(about))["stripe"] == "http://localhost:8042/"
    assert "Test cards, nothing charged" in signpost.where_to_go(about, tmp_path)
    assert "Test cards" not in signpost.where_to_go(signpost.describe("http", "x", None, []), tmp_path)
