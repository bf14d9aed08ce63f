"""An agency with as many invoices as wanted, written by SQL: what the measurements of money look at."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import connection

from kit import clock
from kit.paging import day_cursor, id_cursor
from kit.tokens import digest, new_token
from modules.invoices import operations
from modules.invoices.models import Invoice, Movement
from modules.invoices.operations import accounts
from portal.payments import income
from portal.people.models import Bundle, Client, ClientSession, Company, CompanyMembership
from portal.people.sessions import LIFETIME
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.current import CurrentAgency, inside, leave_agency
from tenants.agencies.models import Agency, AgencyState
from tenants.gateway.client import stripe_client
from tenants.plans import Plan
from tenants.provisioning.operations import provision

DAYS = 730
# Of a hundred: four drafts, sixteen open (six of them overdue), two void, the rest paid.
STATE = (
    "CASE WHEN n %% 100 < 4 THEN 'draft' WHEN n %% 100 < 20 THEN 'issued' WHEN n %% 100 < 22 THEN 'void'"
    " ELSE 'paid' END"
)
INVOICES = f"""
INSERT INTO invoices_invoice (company_id, state, number, title, currency, discount_percent, discount_minor,
  net_minor, tax_minor, gross_minor, notes, terms, reference, issued_on, issued_at, due_on, next_due_on,
  days_to_pay, seller, buyer, kept_minor, due_minor, over_minor, fee_minor, credited_minor, refunded_minor,
  is_processing, is_disputed, paid_at, voided_at, void_reason, reminders_muted, autopay, created_at)
SELECT %(company)s, state, CASE WHEN state <> 'draft' THEN 'B-' || lpad(n::text, 7, '0') END,
  'Website care ' || n, 'EUR', 0, 0, minor, 0, minor, '', '', '', CASE WHEN state <> 'draft' THEN day END,
  CASE WHEN state <> 'draft' THEN day + time '10:00' END, day + 14,
  CASE WHEN state <> 'issued' THEN NULL WHEN n %% 100 < 10 THEN %(today)s::date - (n %% 120) - 1
  ELSE %(today)s::date + n %% 30 END, 14, '{{}}', '{{}}', CASE WHEN state = 'paid' THEN minor ELSE 0 END,
  CASE WHEN state = 'issued' THEN minor ELSE 0 END, 0, 0, 0, 0, false, false,
  CASE WHEN state = 'paid' THEN day + time '11:00' END, CASE WHEN state = 'void' THEN day + time '12:00' END,
  '', false, '', day + time '09:00'
FROM (SELECT n, {STATE} AS state, 1000 + n %% 9000 AS minor,
  %(today)s::date - {DAYS} + (n * {DAYS}::bigint / %(count)s)::int AS day
  FROM generate_series(1, %(count)s) AS n) AS made
"""
ENTRIES = """
INSERT INTO payments_ledgerentry (kind, ref, payable, minor, currency, happened_at, booked_at, note)
SELECT 'transfer', 'bench:' || id, 'invoices.invoice:' || id, gross_minor, 'EUR', paid_at, paid_at, ''
FROM invoices_invoice WHERE state = 'paid' ORDER BY id
"""
COLUMNS = "(invoice_id, kind, entry_id, whose, currency, day, minor, created_at)"
MOVEMENTS = (
    f"INSERT INTO invoices_movement {COLUMNS} SELECT id, 'billed', NULL, 'company-' || company_id, currency,"
    " issued_on, gross_minor, now() FROM invoices_invoice WHERE number LIKE 'B-%' ORDER BY id",
    f"INSERT INTO invoices_movement {COLUMNS} SELECT i.id, 'entry', e.id, 'company-' || i.company_id, 'EUR',"
    " (e.happened_at AT TIME ZONE 'Europe/Berlin')::date, -e.minor, now() FROM payments_ledgerentry e"
    " JOIN invoices_invoice i ON e.payable = 'invoices.invoice:' || i.id ORDER BY e.id",
    f"INSERT INTO invoices_movement {COLUMNS} SELECT id, 'let_go', NULL, 'company-' || company_id, 'EUR',"
    " issued_on, -gross_minor, now() FROM invoices_invoice WHERE state = 'void' ORDER BY id",
)
TABLES = (
    "invoices_invoice",
    "invoices_movement",
    "invoices_invoicesum",
    "payments_ledgerentry",
    "payments_moneysum",
)


@dataclass(frozen=True)
class Scene:
    """One agency, the client who looks at its portal, and cookies for both sites by host.

    `other_cookies` are those of a client on his own, who has three invoices among all the others.
    """

    slug: str
    agency: CurrentAgency
    company: Company
    client: Client
    portal: str
    cookies: dict[str, dict[str, str]]
    other_cookies: dict[str, dict[str, str]]


def agency(slug: str) -> Scene:
    """A new agency that may send invoices, with one company, one client, and both signed in."""
    account = Account.objects.create_user(f"{slug}@bench.example", "not used", name="Nora Lind")
    row = Agency(
        slug=slug, name=f"Bench {slug}", plan=Plan.GROWTH, state=AgencyState.ACTIVE, zone="Europe/Berlin"
    )
    current = provision(row, {"account_id": account.pk, "name": "Nora", "email": account.email})
    Membership.objects.create(account=account, agency=row, role=Role.OWNER)
    console = {settings.SESSION_COOKIE_NAME: _console_session(account)}
    with inside(current):
        operations.save_settings(
            by=None, seller_name="Bench", seller_address="Hafen 1\n20457 Hamburg", seller_country="DE"
        )
        company = Company.objects.create(name="Brightside")
        client = Client.objects.create(email=f"maria-{slug}@bench.example", name="Maria Silva")
        CompanyMembership.objects.create(client=client, company=company, bundle=Bundle.OWNER)
        tom = Client.objects.create(email=f"tom-{slug}@bench.example", name="Tom Becker")
        for _ in range(3):
            _issued(tom, 2)
        portal = f"{slug}.{settings.PORTICO_HOST}"
        cookies = {portal: _session(client), f"app.{settings.PORTICO_HOST}": console}
        return Scene(slug, current, company, client, portal, cookies, {portal: _session(tom)})


def _session(client: Client) -> dict[str, str]:
    """The cookie of a client who is signed in."""
    token = new_token()
    expires_at = clock.now() + LIFETIME
    ClientSession.objects.create(
        client=client, token_hash=digest(token), expires_at=expires_at, device="bench"
    )
    return {settings.CLIENT_COOKIE_NAME: token}


def invoices(one: Scene, count: int) -> None:
    """Write so many over two years, all for the one company; the triggers keep the sums."""
    with inside(one.agency):
        words: dict[str, Any] = {"company": one.company.pk, "count": count, "today": one.agency.today()}
        with connection.cursor() as cursor:
            cursor.execute(INVOICES, words)
            for statement in (ENTRIES, *MOVEMENTS):
                cursor.execute(statement)
        accounts.SUMS.fold()
        income.SUMS.fold()
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"VACUUM ANALYZE {table}")


def issued(one: Scene, *, lines: int) -> Invoice:
    """An invoice as people send it."""
    return _issued(one.company, lines)


def _issued(owner: Company | Client, lines: int) -> Invoice:
    written: Any = [
        {"description": f"Work, part {n}", "quantity": Decimal(n), "unit_minor": 10_00}
        for n in range(1, lines + 1)
    ]
    draft = operations.create_invoice(owner=owner, by=None, title="Website", lines=written, currency="EUR")
    return operations.issue(draft, by=None, send_mail=False)


def path_of(one: Scene, page: str) -> tuple[str, str]:
    """Host and path of a page that is measured."""
    console, portal = (f"app.{settings.PORTICO_HOST}", f"/{one.slug}/invoices/"), (one.portal, "/invoices/")
    today = one.agency.today()
    year = f"start={today - timedelta(days=DAYS)}&end={today}&currency=EUR"
    with inside(one.agency):
        last = Invoice.objects.order_by("-pk")[0].pk
        first = Invoice.objects.order_by("pk")[0].pk
        whose = f"company-{one.company.pk}"
        paths = {
            "list": (console, ""),
            "list_deep": (console, f"?after={id_cursor((first + last) // 2)}"),
            "list_overdue": (console, "?show=overdue"),
            "list_search": (console, f"?q=B-{50:07d}"),
            "list_client": (portal, ""),
            "list_other_client": (portal, ""),
            "dashboard_other_client": ((one.portal, "/"), ""),
            "totals": (console, "totals/"),
            "statement": (portal, f"statement/?{year}"),
            "statement_deep": (portal, f"statement/?{year}&after={_middle(today)}"),
            "statement_console": (console, f"statements/{whose}/?{year}"),
        }
    (host, begin), rest = paths[page]
    return host, begin + rest


def events_of(account: str) -> list[dict[str, Any]]:
    """All events of a connected account, the oldest first, as its webhooks carry them."""
    listed = stripe_client().v1.events.list({"limit": 100}, {"stripe_account": account})
    found = [one.to_dict(for_json=True) | {"account": account} for one in listed.auto_paging_iter()]
    return found[::-1]


def _middle(today: date) -> str:
    day = today - timedelta(days=DAYS // 2)
    row = Movement.objects.filter(day__gte=day).order_by("day", "pk")[0]
    return day_cursor(row.day, row.pk)


def _console_session(account: Account) -> str:
    """The key of a session in which Nora is signed in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    leave_agency()
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.save()
    return str(session.session_key)
