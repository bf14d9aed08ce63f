"""Plan and billing: for owners only, open while all else is read-only, truthful about what exceeds a plan."""

from datetime import timedelta

import pytest
from django.test import Client as Browser

from kit import clock
from portal.people.models import Client, Staff
from portal.plan.usage import losses, meters
from portal.uploads.models import Upload
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency, AgencyState
from tenants.billing.models import AgencySubscription, PlanInvoice
from tenants.plans import Plan
from tenants.routing import hosts
from tests.cast import console_browser, portal_browser

PAGES = ["", "done/", "change/?plan=3&interval=month", "unpaid/", "ending/", "invoices/in_1/"]
BUTTONS = ["checkout/", "upgrade/", "drop/", "downgrade/", "stay/", "end/", "go-on/", "card/", "pay/"]


@pytest.fixture
def owner(alice: Account) -> Browser:
    return console_browser(alice)


def staff_of(agency: CurrentAgency, email: str, role: Role) -> Browser:
    account = Account.objects.create_user(email, None, name="Charlie")
    Membership.objects.create(account=account, agency_id=agency.id, role=role)
    with inside(agency):
        Staff.objects.create(account_id=account.pk, name="Charlie", email=email, role=role.value)
    return console_browser(account)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER])
def test_charlie_who_is_no_owner_is_refused_everywhere(northwind: CurrentAgency, role: Role) -> None:
    charlie = staff_of(northwind, "charlie@northwind.example", role)
    for page in PAGES:
        assert charlie.get(f"/northwind/plan/{page}").status_code == 403, page
    for button in BUTTONS:
        asked = charlie.post(f"/northwind/plan/{button}", {"plan": 3, "interval": "month", "at": 1})
        assert asked.status_code == 403, button
    assert "Plan and billing" not in charlie.get("/northwind/").content.decode()


def test_charlie_who_owns_another_agency_finds_nothing(northwind: CurrentAgency, hugo: Account) -> None:
    charlie = console_browser(hugo)
    for page in PAGES:
        assert charlie.get(f"/northwind/plan/{page}").status_code == 404
    for button in BUTTONS:
        assert charlie.post(f"/northwind/plan/{button}").status_code == 404


def test_a_client_has_no_such_page(northwind: CurrentAgency, maria: Client) -> None:
    assert portal_browser(northwind, maria).get("/plan/").status_code == 404


def test_another_agencys_invoice_is_not_there(
    owner: Browser, harbour: CurrentAgency, settings: object
) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_nobody"  # type: ignore[attr-defined]
    values = {"agency_id": harbour.id, "status": "paid", "minor": 1, "currency": "EUR"}
    PlanInvoice.objects.create(stripe_id="in_1", created_at=clock.now(), **values)
    assert owner.get("/northwind/plan/invoices/in_1/").status_code == 404
    assert "in_1" not in owner.get("/northwind/plan/").content.decode()


def test_without_stripe_the_page_says_that_nothing_is_sold(owner: Browser) -> None:
    page = owner.get("/northwind/plan/").content.decode()
    assert "cannot be bought on this installation" in page and "Choose Growth" not in page
    asked = owner.post("/northwind/plan/checkout/", {"plan": 2, "interval": "month"}, follow=True)
    assert "cannot be bought on this installation" in asked.content.decode()


@pytest.mark.parametrize("answers", [{}, {"plan": 9, "interval": "month"}, {"plan": "x", "interval": "week"}])
def test_nonsense_is_404(owner: Browser, answers: dict[str, str | int]) -> None:
    for button in ("checkout/", "upgrade/", "downgrade/"):
        assert owner.post(f"/northwind/plan/{button}", answers).status_code == 404
    assert owner.get("/northwind/plan/change/", answers).status_code == 404
    assert owner.get("/northwind/plan/?interval=x").status_code == 200


def test_a_trial_says_until_when_and_that_nothing_is_charged(
    owner: Browser, northwind: CurrentAgency
) -> None:
    Agency.objects.filter(pk=northwind.id).update(
        state=AgencyState.TRIAL, trial_ends_at=clock.now() + timedelta(days=5)
    )
    hosts.forget_all()
    page = owner.get("/northwind/plan/").content.decode()
    assert "nothing is charged by itself" in page and "left of the trial stays free" in page
    assert 'href="/northwind/plan/"' in owner.get("/northwind/").content.decode()


def test_past_due_has_a_banner_with_the_way_out_for_owners(owner: Browser, northwind: CurrentAgency) -> None:
    row = AgencySubscription(agency_id=northwind.id, status="past_due", plan=2, interval="month")
    row.past_due_since = clock.now()
    row.save()
    Agency.objects.filter(pk=northwind.id).update(state=AgencyState.PAST_DUE)
    hosts.forget_all()
    assert "did not go through" in owner.get("/northwind/").content.decode()
    assert "becomes read-only" in owner.get("/northwind/plan/").content.decode()
    member = staff_of(northwind, "m@northwind.example", Role.MEMBER).get("/northwind/").content.decode()
    assert "did not go through" in member and "See what to do" not in member


def test_an_owner_of_a_read_only_agency_may_still_buy(owner: Browser, northwind: CurrentAgency) -> None:
    Agency.objects.filter(pk=northwind.id).update(state=AgencyState.READ_ONLY)
    hosts.forget_all()
    asked = owner.post("/northwind/plan/checkout/", {"plan": 2, "interval": "month"})
    assert asked["Location"] == "/northwind/plan/"  # refused for want of Stripe, not for being read-only
    assert "nothing was changed" not in owner.get("/northwind/plan/").content.decode()


def test_what_exceeds_a_lower_plan_is_listed_and_nothing_goes(northwind: CurrentAgency) -> None:
    with inside(northwind):
        Client.objects.bulk_create(Client(email=f"c{n}@x.example", name="C") for n in range(30))
        for n in range(3):
            Staff.objects.create(account_id=900 + n, name="S", email=f"s{n}@x.example")
        Upload.objects.create(name="a", content_type="x", size=11 * 1024**3, sha256="", storage_key="k")
        titles = [loss.title for loss in losses(Plan.STARTER)]
        assert "Clients: 33 of 25" in titles and "People of your agency: 4 of 2" in titles
        assert "Storage: 11 GB of 10 GB" in titles
        assert losses(Plan.GROWTH) == []
        assert Client.objects.count() >= 33


def test_four_fifths_is_short_of_room_and_the_limit_is_full(northwind: CurrentAgency) -> None:
    with inside(northwind):
        Client.objects.bulk_create(Client(email=f"c{n}@x.example", name="C") for n in range(16))
        assert not meters(Plan.STARTER)[0].is_short
        Client.objects.create(email="d@x.example", name="D")
        assert meters(Plan.STARTER)[0].is_short and not meters(Plan.STARTER)[0].is_full
        Client.objects.bulk_create(Client(email=f"e{n}@x.example", name="E") for n in range(5))
        assert meters(Plan.STARTER)[0].is_full


def test_home_says_that_room_gets_short_to_those_who_manage(owner: Browser, harbour: CurrentAgency) -> None:
    hugo = console_browser(Account.objects.get(email="hugo@harbour.example"))
    assert "See larger plans" not in hugo.get("/harbour/").content.decode()
    with inside(harbour):
        Client.objects.bulk_create(Client(email=f"c{n}@x.example", name="C") for n in range(19))
    assert "20 of 25 in your plan Starter" in hugo.get("/harbour/").content.decode()
    assert "See larger plans" in hugo.get("/harbour/").content.decode()
    member = staff_of(harbour, "m@harbour.example", Role.MEMBER)
    assert "in your plan" not in member.get("/harbour/").content.decode()


def test_browsers_may_follow_a_form_to_the_hosted_pages_and_nowhere_else(owner: Browser) -> None:
    policy = owner.get("/northwind/plan/")["Content-Security-Policy"]
    (forms,) = [part for part in policy.split(";") if "form-action" in part]
    assert forms.split() == [
        "form-action",
        "'self'",
        "https://checkout.stripe.com",
        "https://billing.stripe.com",
        "https://invoice.stripe.com",
    ]
    assert "stripe" not in owner.get("/northwind/")["Content-Security-Policy"]
