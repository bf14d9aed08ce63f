"""How fast money is heard of, booked, printed and looked at, with few invoices and with many."""

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import uuid4

import stripe
from django.conf import settings
from django.db import connection

from bench import money_fill as fill
from bench.database import release
from bench.processes import program, until
from bench.report import Goal, Report, percentile, table
from bench.server import ROOT, SECRET_KEY, Visitor, web
from infra.stripe_simulator.running import SECRETS, Simulator
from modules.invoices.models import Invoice
from modules.invoices.operations import accounts
from portal.payments import income
from portal.payments import operations as payments
from portal.payments.models import EntryKind, LedgerEntry
from tenants.agencies.current import inside, leave_agency
from tenants.gateway.models import ConnectAccount, EventState, InboxEvent

MEASURES = (
    "signed webhook until acknowledged | event until booked | invoice as PDF | lists of 1,000 and of 100,000"
)
ACCEPT, CONSTANT = Goal(30), Goal(1.2)
CONNECT = "/stripe/webhooks/connect/"
BOOKING_SECONDS = 600


def run(report: Report, *, quick: bool) -> None:
    """Fill in the report. Quick: few rounds, and 2,000 invoices stand for the many."""
    settings.SECRET_KEY = SECRET_KEY  # sessions that are made here are read there
    release()
    few_count, many_count = (100, 2_000) if quick else (1_000, 100_000)
    few, many = fill.agency("few"), fill.agency("many")
    with Simulator() as simulator:
        for name, value in simulator.settings().items():
            setattr(settings, name, value)
        os.environ.update(simulator.environment())
        rows = [_fill(report, few, few_count), _fill(report, many, many_count)]
        with web("bench.wsgi:application", workers=1) as port:
            rows += _lists(report, port, few, many, rounds=8 if quick else 60)
            rows += _papers(report, port, few, rounds=3 if quick else 40)
        with web() as port:
            rows += _webhooks(report, port, rounds=20 if quick else 600)
            rows += _booking(report, port, few, simulator, payments_count=3 if quick else 60)
    table(["what", "rounds", "p50 ms", "p95 ms", "×"], rows)


def _fill(report: Report, one: fill.Scene, count: int) -> list[object]:
    began = time.perf_counter()
    fill.invoices(one, count)
    seconds = time.perf_counter() - began
    with inside(one.agency):
        drift = len(accounts.SUMS.drift()) + len(income.SUMS.drift()) + len(accounts.astray())
    report.add(f"fill_{one.slug}_s", seconds)
    report.add(f"sums_drift_{one.slug}", drift, goal=Goal(0))
    return [f"{count:,} invoices written by SQL, sums kept meanwhile", 1, f"{seconds * 1000:,.0f}", "", ""]


def _lists(report: Report, port: int, few: fill.Scene, many: fill.Scene, rounds: int) -> list[list[object]]:
    pages = {
        "list": "console: a page of all invoices",
        "list_deep": "console: the same from the middle on",
        "list_overdue": "console: a page of what is overdue",
        "list_search": "console: a number is looked for",
        "list_client": "portal: a page of the client's invoices",
        "list_other_client": "portal: the invoices of a client who has three",
        "dashboard_other_client": "portal: the dashboard of that client",
        "totals": "console: totals, ages, months",
        "statement": "portal: a page of the client's statement",
        "statement_deep": "portal: the same from the middle on",
        "statement_console": "console: a page of the company's statement",
    }
    rows = []
    for name, words in pages.items():
        # New ones for each page: the server closes a connection that has long said nothing.
        is_other = name.endswith("other_client")
        visitors = {
            one.slug: Visitor(port, one.other_cookies if is_other else one.cookies) for one in (few, many)
        }
        paths = {one.slug: fill.path_of(one, name) for one in (few, many)}
        for one in (few, many):
            _times(visitors[one.slug], *paths[one.slug], 5)
        times: dict[str, list[float]] = {few.slug: [], many.slug: []}
        for _ in range(rounds):  # by turns, so that whatever else the machine does meets both
            for one in (few, many):
                times[one.slug] += _times(visitors[one.slug], *paths[one.slug], 1)
        ratio = percentile(times["many"], 50) / percentile(times["few"], 50)
        for slug in times:
            report.add_times(f"{name}_{slug}", times[slug])
        report.add(f"{name}_100k_vs_1k_x", ratio, goal=CONSTANT)
        rows += [
            [f"{words}, few", rounds, *_shown(times["few"]), ""],
            [f"{words}, many", rounds, *_shown(times["many"]), f"{ratio:.2f}"],
        ]
    return rows


def _papers(report: Report, port: int, one: fill.Scene, rounds: int) -> list[list[object]]:
    with inside(one.agency):
        pk = fill.issued(one, lines=10).pk
    visitor = Visitor(port, one.cookies)
    seconds = _times(visitor, one.portal, f"/invoices/{pk}/pdf/", 1 + rounds)[1:]
    report.add("invoice_pdf_ms", percentile(seconds, 50) * 1000)
    report.add_times("invoice_pdf", seconds)
    return [["an invoice of ten lines as PDF, with its XML", rounds, *_shown(seconds), ""]]


def _webhooks(report: Report, port: int, rounds: int) -> list[list[object]]:
    """Events of an account that is none of ours: stored, acknowledged, then parked."""
    _post(port, [_event("acct_warm") for _ in range(16)])
    alone = _post(port, [_event("acct_bench") for _ in range(rounds)])
    at_once: list[float] = []
    senders = [
        threading.Thread(
            target=lambda: at_once.extend(_post(port, [_event("acct_bench") for _ in range(rounds // 4)]))
        )
        for _ in range(4)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    leave_agency()
    stored = InboxEvent.objects.filter(account="acct_bench").count()
    assert stored == rounds + rounds // 4 * 4, f"{stored} events were stored"
    report.add_times("webhook_accept", alone, goal_p95=ACCEPT)
    report.add_times("webhook_accept_4_at_once", at_once)
    InboxEvent.objects.filter(account__in=["acct_bench", "acct_warm"]).delete()
    return [
        ["webhook over HTTP: sent until acknowledged", rounds, *_shown(alone), ""],
        ["the same, four at once", len(at_once), *_shown(at_once), ""],
    ]


def _booking(
    report: Report, port: int, one: fill.Scene, simulator: Simulator, payments_count: int
) -> list[list[object]]:
    """Card payments of as many invoices: their events come in, a worker books them."""
    account = simulator.account()
    leave_agency()
    ConnectAccount.objects.create(
        agency_id=one.agency.id, stripe_account_id=account, country="DE", currency="EUR", charges_enabled=True
    )
    paid: list[Invoice] = []
    with inside(one.agency):
        for _ in range(payments_count):
            invoice = fill.issued(one, lines=2)
            payment = payments.start_checkout(
                payable=invoice.payable, minor=invoice.due_minor, currency="EUR", client=one.client,
                label=str(invoice), return_path="/",
            )  # fmt: skip
            simulator.pay(account, str(payment.session_id), "4242424242424242")
            paid.append(invoice)
    events = fill.events_of(account)
    _empty_queue()
    with tempfile.TemporaryDirectory(prefix="portico-bench-") as folder, _worker(Path(folder)):
        _post(port, [_event("acct_nobody")])
        until(lambda: _waiting("acct_nobody") == 0, 60, "the worker works")
        began = time.perf_counter()
        _post(port, events)
        until(lambda: _waiting(account) == 0, BOOKING_SECONDS, "all events are booked", pause=0.05)
        seconds = time.perf_counter() - began
    with inside(one.agency):
        charges = LedgerEntry.objects.filter(payable__in=[i.payable for i in paid], kind=EntryKind.CHARGE)
        assert charges.count() == payments_count, f"{charges.count()} of {payments_count} are booked"
    report.add("events_per_s", len(events) / seconds)
    report.add("payments_booked_per_s", payments_count / seconds)
    words = f"{len(events)} events of {payments_count} card payments: first sent until last booked"
    return [[words, 1, f"{seconds * 1000:,.0f}", "", ""]]


def _worker(folder: Path) -> AbstractContextManager[object]:
    """The worker as the Procfile starts it; mails go nowhere."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
        "PORTICO_DEMO": "1",
        "PORTICO_HOST": "localhost",
        "SECRET_KEY": SECRET_KEY,
        "LOG_LEVEL": "ERROR",
    }
    return program("worker", [sys.executable, "manage.py", "worker"], environment, folder)


def _waiting(account: str) -> int:
    leave_agency()
    return InboxEvent.objects.filter(account=account, state=EventState.RECEIVED).count()


def _empty_queue() -> None:
    """What was enqueued while other things were measured is not to be measured now."""
    leave_agency()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM dramatiq.queue")


def _post(port: int, events: Sequence[dict[str, object]]) -> list[float]:
    """Send events as Stripe does, signed, one after the other; the seconds of each."""
    visitor, seconds = Visitor(port), []
    for event in events:
        body = json.dumps(event)
        signature = stripe.WebhookSignature.generate_signature_header(body, SECRETS["connect"])
        headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
        answer = visitor.post_body("localhost", CONNECT, body.encode(), **headers)
        assert answer.status == 200, f"a webhook was answered {answer.status}: {answer.body[:200]!r}"
        seconds.append(answer.seconds)
    visitor.close()
    return seconds


def _event(account: str) -> dict[str, object]:
    """About as large as Stripe's."""
    thing = {"id": "pi_bench", "object": "payment_intent", "metadata": {"words": "x" * 2500}}
    return {
        "id": f"evt_{uuid4().hex}", "object": "event", "type": "payment_intent.succeeded", "account": account,
        "created": int(time.time()), "livemode": False, "data": {"object": thing},
    }  # fmt: skip


def _times(visitor: Visitor, host: str, path: str, rounds: int) -> list[float]:
    """Seconds inside the server."""
    answers = [visitor.get(host, path) for _ in range(rounds)]
    assert all(answer.status == 200 for answer in answers), f"{host}{path} answers {answers[0].status}"
    return [float(answer.headers["x-bench-ms"]) / 1000 for answer in answers]


def _shown(seconds: list[float]) -> list[str]:
    return [f"{percentile(seconds, percent) * 1000:,.1f}" for percent in (50, 95)]
