"""Promises that every module keeps. A new module is tested the moment its folder exists."""

import json

import pytest
from django.urls import NoReverseMatch, get_resolver, reverse

from kit import clock
from portal import registry
from portal.branding.models import Section
from portal.mail.rendering import render_mail
from portal.module import Email, Module
from portal.people.models import Client
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tenants.plans import Plan, needs_plan
from tenants.routing import hosts
from tenants.routing.middleware import CONSOLE_URLS, PORTAL_URLS
from tests.cast import console_browser, portal_browser

every_module = pytest.mark.parametrize("module", registry.all_modules(), ids=lambda m: m.key)
every_email = pytest.mark.parametrize("email", registry.emails().values(), ids=lambda e: e.key)


def index(module: Module, urlconf: str) -> str:
    return reverse(f"{module.key}:index", urlconf=urlconf)


def put_on(agency: CurrentAgency, plan: Plan) -> CurrentAgency:
    Agency.objects.filter(pk=agency.id).update(plan=plan)
    hosts.forget_all()
    changed: Agency = Agency.objects.get(pk=agency.id)
    return changed.current()


@every_module
def test_its_pages_open_on_its_plan(
    module: Module, northwind: CurrentAgency, maria: Client, alice: Account
) -> None:
    agency = put_on(northwind, module.plan)
    assert portal_browser(agency, maria).get(index(module, PORTAL_URLS)).status_code == 200
    assert console_browser(alice).get("/northwind" + index(module, CONSOLE_URLS)).status_code == 200


@every_module
def test_a_lower_plan_keeps_clients_out_and_shows_staff_the_upgrade(
    module: Module, northwind: CurrentAgency, maria: Client, alice: Account
) -> None:
    for plan in [p for p in Plan if p < module.plan]:
        agency = put_on(northwind, plan)
        assert portal_browser(agency, maria).get(index(module, PORTAL_URLS)).status_code == 404
        assert console_browser(alice).get("/northwind" + index(module, CONSOLE_URLS)).status_code == 402


@every_module
def test_switched_off_it_is_not_there(module: Module, northwind: CurrentAgency, maria: Client) -> None:
    agency = put_on(northwind, module.plan)
    with inside(agency):
        Section.objects.create(module=module.key, is_on=False)
    assert portal_browser(agency, maria).get(index(module, PORTAL_URLS)).status_code == 404


@every_module
def test_sign_in_is_asked(module: Module, northwind: CurrentAgency) -> None:
    agency = put_on(northwind, module.plan)
    response = portal_browser(agency).get(index(module, PORTAL_URLS))
    assert response.status_code == 302 and response["Location"].startswith("/sign-in/?next=")
    response = console_browser().get("/northwind" + index(module, CONSOLE_URLS))
    assert response.status_code == 302 and response["Location"].startswith("/accounts/login/")


@every_module
def test_who_lost_access_is_out_at_the_next_request(
    module: Module, northwind: CurrentAgency, maria: Client
) -> None:
    agency = put_on(northwind, module.plan)
    browser = portal_browser(agency, maria)
    with inside(agency):
        Client.objects.filter(pk=maria.pk).update(removed_at=clock.now())
    assert browser.get(index(module, PORTAL_URLS)).status_code == 302


@every_module
def test_staff_of_another_agency_find_nothing(
    module: Module, northwind: CurrentAgency, hugo: Account
) -> None:
    assert console_browser(hugo).get("/northwind" + index(module, CONSOLE_URLS)).status_code == 404


@every_module
def test_unknown_rows_are_not_there(module: Module, northwind: CurrentAgency, maria: Client) -> None:
    """Every address of the module that takes numbers answers 404 for numbers of nobody."""
    browser = portal_browser(put_on(northwind, Plan.SCALE), maria)
    for path in addresses_with_numbers(module, PORTAL_URLS):
        response = browser.get(path)
        assert response.status_code in (404, 405), (path, response.status_code)


@every_module
def test_its_card_is_left_out_for_an_empty_client(
    module: Module, northwind: CurrentAgency, maria: Client
) -> None:
    agency = put_on(northwind, Plan.SCALE)
    if module.card is not None:
        response = portal_browser(agency, maria).get("/")
        assert module.card.template not in [t.name for t in response.templates]


@every_email
def test_every_mail_renders_in_the_agencys_brand(
    email: Email, northwind: CurrentAgency, maria: Client
) -> None:
    json.dumps(dict(email.sample), default=str)
    with inside(northwind):
        mail = render_mail(email, {"person": maria, **email.sample})
    assert mail.subject and "\n" not in mail.subject
    assert northwind.name in mail.html and mail.text.strip()
    assert "Portico" not in mail.subject + mail.text + mail.html
    assert "{{" not in mail.html + mail.text and "{%" not in mail.html + mail.text


def test_the_plan_table_is_the_specifications() -> None:
    """modules.md §1, line by line, for what is built; later modules add their lines here."""
    from tenants.plans import plan_table

    table = {row.label: row.cells() for row in plan_table()}
    wanted = {
        "Project progress view": ["✓", "✓", "✓"],
        "Deliverable approvals": ["Read-only", "Interactive", "Interactive"],
        "Custom branding": ["Partial", "Full", "Full"],
        "Feedback module": ["–", "✓", "✓"],
    }
    assert {label: table.get(label) for label in wanted} == wanted
    assert needs_plan("deliverables.approve") == Plan.GROWTH
    assert needs_plan("branding.full") == Plan.GROWTH


def addresses_with_numbers(module: Module, urlconf: str) -> list[str]:
    """Paths of the module whose arguments are all integers, filled with an id that nobody has."""
    resolver = get_resolver(urlconf)
    _, namespace = resolver.namespace_dict[module.key]
    paths = []
    for name in (n for n in namespace.reverse_dict if isinstance(n, str)):
        for possibility, *_ in namespace.reverse_dict.getlist(name):
            arguments = possibility[0][1]
            if arguments:
                try:
                    paths.append(
                        reverse(f"{module.key}:{name}", urlconf=urlconf, args=[987654321 for _ in arguments])
                    )
                except NoReverseMatch:
                    continue
    return paths
