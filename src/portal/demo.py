"""The demo's agencies and their people; each module fills in its own believable content."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction

from kit import clock
from portal import registry
from portal.branding.models import PortalSettings
from portal.branding.welcome import welcome_html
from portal.payments import demo as payments
from portal.people import demo as team
from portal.people.models import Bundle, Client, Company, CompanyMembership, Staff
from portal.records import demo as records
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency, AgencyState
from tenants.plans import Plan
from tenants.provisioning.operations import provision

PASSWORD = "demo-portal-2026"  # printed by the demo; the demo listens on this machine only


@dataclass(frozen=True)
class DemoPerson:
    """Somebody of a demo agency: part is owner, staff, client or removed."""

    part: str
    name: str
    email: str
    company: str = ""
    bundle: Bundle = Bundle.MEMBER
    is_new: bool = False  # sees its company's records of the last weeks only


@dataclass(frozen=True)
class DemoAgency:
    """One agency of the demo."""

    slug: str
    name: str
    plan: Plan
    accent: str
    welcome: str
    people: tuple[DemoPerson, ...]
    takes_cards: bool = False


@dataclass
class Cast:
    """What a module's demo function gets to work with, inside the agency."""

    agency: CurrentAgency
    staff: Staff
    clients: list[Client] = field(default_factory=list)
    companies: list[Company] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(7))


AGENCIES = (
    DemoAgency(
        slug="northwind",
        name="Northwind Studio",
        plan=Plan.GROWTH,
        accent="#0f766e",
        takes_cards=True,
        welcome="Welcome to your space at Northwind. Everything we make for you is here.",
        people=(
            DemoPerson("owner", "Alice Moreno", "alice@northwind.example"),
            DemoPerson("staff", "Jonas Weber", "jonas@northwind.example"),
            DemoPerson("staff", "Lea Brandt", "lea@northwind.example"),
            DemoPerson("client", "Maria Silva", "maria@brightside.example", "Brightside Coffee"),
            DemoPerson("client", "Liam Chen", "liam@brightside.example", "Brightside Coffee"),
            DemoPerson(
                "client",
                "Priya Nair",
                "priya@brightside.example",
                "Brightside Coffee",
                Bundle.FINANCE,
                is_new=True,
            ),
            DemoPerson("client", "Tom Becker", "tom@becker.example"),
            DemoPerson("client", "Charlie Oakley", "charlie@oakley.example", "Oakley & Sons"),
            DemoPerson("removed", "Rita Vogel", "rita@vogel.example", "Oakley & Sons"),
        ),
    ),
    DemoAgency(
        slug="harbour",
        name="Harbour & Co",
        plan=Plan.STARTER,
        accent="#b45309",
        welcome="",
        people=(
            DemoPerson("owner", "Hugo Lindt", "hugo@harbour.example"),
            DemoPerson("client", "Ines Faro", "ines@faro.example", "Faro Yachts"),
            DemoPerson("client", "Tom Becker", "tom@becker.example"),
        ),
    ),
    DemoAgency(
        slug="atelier",
        name="Atelier Sol",
        plan=Plan.SCALE,
        accent="#7c3aed",
        takes_cards=True,
        welcome="Good to have you here.",
        people=(
            DemoPerson("owner", "Sol Navarro", "sol@atelier.example"),
            DemoPerson("staff", "Noor Haddad", "noor@atelier.example"),
            DemoPerson("client", "Emma Lund", "emma@lund.example", "Lund Interiors"),
        ),
    ),
)


def make_demo_agencies() -> list[DemoAgency]:
    """Make those that are missing; all of them, as a script finds them in var/demo.json."""
    for wanted in AGENCIES:
        if not Agency.objects.filter(slug=wanted.slug).exists():
            _make(wanted)
        if wanted.takes_cards:
            _connect(wanted)
    return list(AGENCIES)


@transaction.atomic
def _make(wanted: DemoAgency) -> None:
    owner = wanted.people[0]
    account = _login(owner)
    agency = Agency(
        slug=wanted.slug,
        name=wanted.name,
        schema_name=f"a_{wanted.slug}",
        plan=wanted.plan,
        state=AgencyState.ACTIVE,
        zone="Europe/Berlin",
    )
    current = provision(agency, {"account_id": account.pk, "name": owner.name, "email": owner.email})
    Membership.objects.create(account=account, agency=agency, role=Role.OWNER)
    staff = [(_member(agency, person), person) for person in wanted.people if person.part == "staff"]
    with inside(current):
        _furnish(wanted)
        payments.furnish(current)
        for login, person in staff:
            Staff.objects.create(account_id=login.pk, name=person.name, email=person.email)
        cast = Cast(agency=current, staff=Staff.objects.get(account_id=account.pk))
        for person in wanted.people:
            if person.part in ("client", "removed"):
                _client(person, cast)
        records.furnish(cast.staff)
        # The modules first: what the shell shows is about what they hold.
        for module in [*registry.all_modules(), *registry.shell_parts()]:
            if module.demo and current.plan >= module.plan:
                module.demo(cast)
        if staff:
            team.furnish(cast.staff)


def _connect(wanted: DemoAgency) -> None:
    agency = Agency.objects.get(slug=wanted.slug).current()
    if not payments.connect(agency, wanted.people[0].email):
        return
    with inside(agency):
        for module in registry.all_modules():
            if module.demo_paid and agency.plan >= module.plan:
                module.demo_paid()


def _login(person: DemoPerson) -> Account:
    from allauth.account.models import EmailAddress

    account = Account.objects.create_user(person.email, PASSWORD, name=person.name)
    EmailAddress.objects.create(user=account, email=person.email, verified=True, primary=True)
    return account


def _member(agency: Agency, person: DemoPerson) -> Account:
    account = _login(person)
    Membership.objects.create(account=account, agency=agency, role=Role.MEMBER)
    return account


def _furnish(wanted: DemoAgency) -> None:
    settings: dict[str, Any] = {"accent": wanted.accent, "checklist_hidden": False}
    settings |= {"welcome_source": wanted.welcome, "welcome": welcome_html(wanted.welcome)}
    PortalSettings.objects.filter(pk=1).update(**settings)


def _client(person: DemoPerson, cast: Cast) -> None:
    client = Client.objects.create(email=person.email, name=person.name)
    if person.company:
        company, is_new = Company.objects.get_or_create(name=person.company)
        bundle = Bundle.OWNER if is_new else person.bundle
        since = clock.now() - timedelta(days=21) if person.is_new else None
        CompanyMembership.objects.create(client=client, company=company, bundle=bundle, sees_from=since)
        if is_new:
            cast.companies.append(company)
    if person.part == "removed":
        Client.objects.filter(pk=client.pk).update(removed_at=clock.now())
    else:
        cast.clients.append(client)
