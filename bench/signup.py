"""How long a new agency waits for its portal."""

import re
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from bench.database import release
from bench.report import Goal, Report, percentile, table
from bench.server import Visitor, web
from kit import clock
from kit.tokens import digest, new_token
from tenants.agencies.models import Agency
from tenants.plans import Plan
from tenants.provisioning import pool
from tenants.provisioning.migrating import current_fingerprint, migrate_schema
from tenants.provisioning.models import Spare
from tenants.provisioning.operations import provision, take_schema
from tenants.signup.browser import COOKIE
from tenants.signup.models import SignUp

MEASURES = (
    "stock migrate of one schema | tenants' graph | a spare | claim of a spare"
    " | form posted until the portal answers"
)
# What a claim adds to the transaction of the sign-up, which commits in any case.
in_transaction: list[float] = []
GOAL_X, GOAL_MS = Goal(1000, at_most=False), Goal(150)


def run(report: Report, *, quick: bool) -> None:
    """Fill in the report. Quick: one or two rounds of each."""
    release()
    pool.fill_pool(1)
    stock: list[float] = []
    ours: list[float] = []
    spares: list[float] = []
    claims: list[float] = []
    for _ in range(1 if quick else 4):  # by turns, so that whatever else the machine does meets all three
        stock += _times(1, stock_migrate)
        ours += _times(1, our_migrate)
        spares += _times(1 if quick else 5, make_spare)
        claims += _times(5 if quick else 50, claim)
    provisions = _times(1 if quick else 20, whole_provision, before=lambda: pool.fill_pool(1))
    rounds = 2 if quick else 20
    pool.fill_pool(rounds)
    full, empty = form_to_portal(rounds, 0 if quick else 3)
    report.add("stock_migrate_ms_p50", percentile(stock, 50) * 1000)
    report.add("tenant_graph_migrate_ms_p50", percentile(ours, 50) * 1000)
    report.add_times("spare", spares)
    report.add_times("claim", claims)
    report.add_times("claim_without_commit", in_transaction)
    report.add_times("provision", provisions)
    report.add("claim_vs_stock_migrate_x", percentile(stock, 50) / percentile(claims, 50), goal=GOAL_X)
    report.add("claim_vs_tenant_graph_migrate_x", percentile(ours, 50) / percentile(claims, 50))
    report.add("spare_vs_tenant_graph_migrate_x", percentile(ours, 50) / percentile(spares, 50))
    report.add_times("form_to_portal", full, goal_p95=GOAL_MS)
    if empty:
        report.add("form_to_portal_empty_pool_ms_p50", percentile(empty, 50) * 1000)
    rows = [
        ["stock: CREATE SCHEMA, migrate_schemas (full graph)", *_shown(stock)],
        ["tenant-only graph, as a living agency is migrated", *_shown(ours)],
        ["ours, when no spare is there: a release's statements again", *_shown(spares)],
        ["ours: claim of a spare (lock, rename, commit)", *_shown(claims)],
        ["  of these, without the commit", *_shown(in_transaction)],
        ["ours: claim, agency row, seeding, refill enqueued", *_shown(provisions)],
        ["over HTTP: last form posted → portal answers 200", *_shown(full)],
        *([["the same with an empty pool", *_shown(empty)]] if empty else []),
    ]
    table(["one new agency", "rounds", "p50 ms", "p95 ms"], rows)


def stock_migrate() -> None:
    """What django-tenants does in save() of a tenant with auto_create_schema."""
    Agency(schema_name=f"a_stock_{secrets.token_hex(4)}").create_schema(check_if_exists=True, verbosity=0)


def make_spare() -> Callable[[], None]:
    """One more schema of this release, compared with its template; dropped outside the measured time."""
    spare = pool.make_spare()

    def drop() -> None:
        pool.discard(spare)

    return drop


def our_migrate() -> None:
    """Django's migrations, with a graph of the tenants' apps alone."""
    name = f"a_ours_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
    migrate_schema(name)


def claim() -> Callable[[], None]:
    """Take a spare and commit; the same one is put back afterwards, outside the measured time."""
    spare = Spare.objects.fitting(current_fingerprint()).order_by("pk")[0]
    name = f"a_claim_{secrets.token_hex(4)}"
    with transaction.atomic():
        began = time.perf_counter()
        take_schema(name)
        in_transaction.append(time.perf_counter() - began)

    def put_back() -> None:
        with connection.cursor() as cursor:
            rename = sql.SQL("ALTER SCHEMA {} RENAME TO {}")
            cursor.execute(rename.format(sql.Identifier(name), sql.Identifier(spare.schema_name)))
        spare.save(force_insert=True)

    return put_back


def whole_provision() -> None:
    """All that sign-up asks of provisioning."""
    slug = f"bench-{secrets.token_hex(4)}"
    provision(
        Agency(slug=slug, name="Bench", plan=Plan.GROWTH),
        {"account_id": 1, "name": "Nora", "email": f"{slug}@bench.example"},
    )


def form_to_portal(rounds: int, without_spares: int) -> tuple[list[float], list[float]]:
    """Seconds from the last form of sign-up to the new portal's sign-in page, over HTTP, pool full and empty."""
    with web() as port:
        for _ in range(8):  # every worker and thread has met the pages and the database
            Visitor(port).get("localhost", "/start/")
        full = [_sign_up(port) for _ in range(rounds)]
        for spare in Spare.objects.all() if without_spares else []:
            pool.discard(spare)
        empty = [_sign_up(port) for _ in range(without_spares)]
    return full, empty


def _sign_up(port: int) -> float:
    slug, visitor = f"bench-{secrets.token_hex(4)}", Visitor(port)
    visitor.cookies["localhost"] = {COOKIE: _before_the_last_form(slug)}
    page = visitor.get("localhost", "/start/plan/").body.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token, "the form of the plan has no token"
    fields = {"csrfmiddlewaretoken": token[1], "plan": str(Plan.GROWTH.value)}
    portal = f"{slug}.{settings.PORTICO_HOST}"
    began = time.perf_counter()
    answer = visitor.post("localhost", "/start/plan/", fields)
    assert answer.status == 302, f"the last form was answered {answer.status}"
    while visitor.get(portal, "/sign-in/").status != 200:
        assert time.perf_counter() - began < 30, "the portal does not answer"
    seconds = time.perf_counter() - began
    visitor.close()
    return seconds


def _before_the_last_form(slug: str) -> str:
    """The state of a person who proved the address and named the agency; the secret of their browser."""
    secret = new_token()
    SignUp.objects.create(
        browser_hash=digest(secret),
        email=f"{slug}@bench.example",
        verified_at=clock.now(),
        name="Nora Lind",
        agency_name=f"Bench {slug}",
        slug=slug,
        zone="Europe/Oslo",
        password="!",
    )
    return secret


def _times(
    rounds: int, work: Callable[[], Callable[[], None] | None], *, before: Callable[[], object] | None = None
) -> list[float]:
    """Seconds of each round; `before` and what the work returns run outside the measured time."""
    seconds = []
    for _ in range(rounds):
        if before:
            before()
        began = time.perf_counter()
        after = work()
        seconds.append(time.perf_counter() - began)
        if after:
            after()
    return seconds


def _shown(seconds: list[float]) -> list[str]:
    return [str(len(seconds)), *(f"{percentile(seconds, percent) * 1000:,.1f}" for percent in (50, 95))]
