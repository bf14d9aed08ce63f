"""The clients' pages of the console, and who may do what there."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kit import clock
from portal.people.models import Client, Company, CompanyMembership, Invitation, Staff
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tests.cast import PASSWORD, console_browser
from tests.portal.people.inviting import after, latest
from tests.running_jobs import run_jobs

CLIENTS = "/northwind/clients/"


@pytest.fixture
def jonas(northwind: CurrentAgency) -> Account:
    """A member of Northwind's staff."""
    from allauth.account.models import EmailAddress

    account = Account.objects.create_user("jonas@northwind.example", PASSWORD, name="Jonas Weber")
    EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    agency = Agency.objects.get(slug="northwind")
    Membership.objects.create(account=account, agency=agency, role=Role.MEMBER)
    with inside(northwind):
        Staff.objects.create(account_id=account.pk, name="Jonas Weber", email=account.email)
    return account


def test_the_list_shows_who_has_access_and_who_was_invited(
    northwind: CurrentAgency, alice: Account, maria: Client, tom: Client, charlie: Client
) -> None:
    with inside(northwind):
        yesterday = northwind.today() - timedelta(days=1)
        Client.objects.filter(pk=tom.pk).update(access_until=yesterday)
        Client.objects.filter(pk=charlie.pk).update(removed_at=clock.now())
        later = clock.now() + timedelta(days=14)
        Invitation.objects.create(client=maria, expires_at=later, sent_at=clock.now(), opened_at=clock.now())
    browser = console_browser(alice)
    page = browser.get(CLIENTS).content.decode()
    for words in ("Maria Silva", "Brightside", "Has access", "Opened", "Ended", "Removed", "Not invited"):
        assert words in page
    for query, found, missing in (
        ("q=brightside", "Maria Silva", "Tom Becker"),
        ("q=TOM+becker", "Tom Becker", "Maria Silva"),
        ("access=removed", "Charlie Oakley", "Maria Silva"),
        ("access=ended", "Tom Becker", "Maria Silva"),
        ("access=waiting", "Maria Silva", "Tom Becker"),
        ("q=nobody-at-all", "Nobody fits", "Maria Silva"),
        ("q=%25", "Nobody fits", "Maria Silva"),
    ):
        page = browser.get(f"{CLIENTS}?{query}").content.decode()
        assert found in page and missing not in page, query


def test_an_agency_without_clients_is_told_what_comes_here(northwind: CurrentAgency, alice: Account) -> None:
    with inside(northwind):
        Client.objects.all().delete()
    page = console_browser(alice).get(CLIENTS)
    assert "No clients yet" in page.content.decode()


def test_thousands_of_clients_are_paged_with_few_queries(northwind: CurrentAgency, alice: Account) -> None:
    with inside(northwind):
        Client.objects.bulk_create(
            Client(email=f"c{n}@x.example", name=f"Client {n:04}") for n in range(3000)
        )
    browser = console_browser(alice)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        first = browser.get(CLIENTS).content.decode()
    asked = [query["sql"] for query in queries if not query["sql"].startswith("SET ")]
    assert len(asked) <= 16, "\n".join(asked)
    assert first.count("<tr>") == 51 and "Client 2999" in first
    cursor = first.split("after=")[1].split('"')[0]
    second = browser.get(f"{CLIENTS}?after={cursor}").content.decode()
    assert "Client 2949" in second and "Client 2950" not in second
    assert browser.get(f"{CLIENTS}?after=nonsense").status_code == 404


def test_adding_with_an_invitation_mails_at_once(northwind: CurrentAgency, alice: Account) -> None:
    browser = console_browser(alice)
    until = northwind.today() + timedelta(days=30)
    form = {"name": "Nora Berg", "email": "nora@berg.example", "company": "brightside", "bundle": "finance"}
    answer = browser.post(CLIENTS + "new/", {**form, "access_until": until.isoformat(), "then": "invite"})
    with inside(northwind):
        nora = Client.objects.get(email="nora@berg.example")
        membership = nora.memberships.get()
        assert (membership.company.name, membership.rights) == ("Brightside", ["view_money", "pay"])
        assert nora.access_until == until and Company.objects.count() == 2
    assert answer["Location"] == f"{CLIENTS}{nora.pk}/"
    run_jobs()
    assert mail.outbox[-1].to == ["nora@berg.example"]
    page = browser.get(answer["Location"]).content.decode()
    assert (
        "Sent" in page and "Brightside" in page and "See money, Pay" in page and "Nora Berg invited" in page
    )


def test_adding_without_a_mail_and_with_a_new_company_or_none(
    northwind: CurrentAgency, alice: Account
) -> None:
    browser = console_browser(alice)
    browser.post(
        CLIENTS + "new/", {"name": "A", "email": "a@x.example", "company": "New Co", "then": "later"}
    )
    browser.post(CLIENTS + "new/", {"name": "B", "email": "b@x.example", "then": "later"})
    run_jobs()
    assert mail.outbox == []
    with inside(northwind):
        assert Client.objects.get(email="a@x.example").memberships.get().company.name == "New Co"
        assert not Client.objects.get(email="b@x.example").memberships.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email": "no address"}, "valid email"),
        ({"email": "MARIA@client.example"}, "Maria Silva already has this address"),
        ({"name": " "}, "required"),
        ({"access_until": "2020-01-01"}, "This day is over"),
        ({"access_until": "31.31.31"}, "valid date"),
        ({"bundle": "king"}, "valid choice"),
        ({"company": "x" * 161}, "at most 160"),
        ({"name": "a\x00b"}, "Null characters"),
    ],
)
def test_bad_input_is_a_field_error(
    northwind: CurrentAgency, alice: Account, change: dict[str, str], words: str
) -> None:
    form = {"name": "N", "email": "n@x.example", "company": "", "bundle": "", "access_until": "", **change}
    answer = console_browser(alice).post(CLIENTS + "new/", form)
    assert answer.status_code == 200 and words in answer.content.decode()
    with inside(northwind):
        assert not Client.objects.filter(email="n@x.example").exists()
        assert not Company.objects.filter(name__startswith="xxx").exists()


def test_a_full_plan_is_a_field_error(harbour: CurrentAgency, hugo: Account) -> None:
    with inside(harbour):
        Client.objects.bulk_create(Client(email=f"c{n}@x.example", name=f"C{n}") for n in range(25))
    browser = console_browser(hugo)
    assert "All 25 places" in browser.get("/harbour/clients/new/").content.decode()
    answer = browser.post("/harbour/clients/new/", {"name": "N", "email": "n@x.example", "company": "Stray"})
    assert "has room for 25 clients" in answer.content.decode()
    with inside(harbour):
        assert not Company.objects.filter(name="Stray").exists()


def test_send_again_and_revoke(northwind: CurrentAgency, alice: Account, maria: Client) -> None:
    browser, page = console_browser(alice), f"{CLIENTS}{maria.pk}/"
    assert "Not invited yet" in browser.get(page).content.decode()
    browser.post(page + "invitations/")
    run_jobs()
    assert "a moment ago" in after(browser, browser.post(page + "invitations/"))
    invitation = latest(northwind, maria)
    revocation = f"{page}invitations/{invitation.pk}/revocation/"
    assert "no longer works" in after(browser, browser.post(revocation))
    assert "not open any more" in after(browser, browser.post(revocation))
    assert latest(northwind, maria).state == "revoked"
    assert "Revoked" in browser.get(page).content.decode()


def test_an_invitation_is_revoked_on_its_own_clients_page_only(
    northwind: CurrentAgency, alice: Account, maria: Client, tom: Client
) -> None:
    browser = console_browser(alice)
    browser.post(f"{CLIENTS}{maria.pk}/invitations/")
    wrong = f"{CLIENTS}{tom.pk}/invitations/{latest(northwind, maria).pk}/revocation/"
    assert browser.post(wrong).status_code == 404
    assert latest(northwind, maria).revoked_at is None


def test_removing_asks_first_and_can_be_taken_back(
    northwind: CurrentAgency, alice: Account, maria: Client
) -> None:
    browser, page = console_browser(alice), f"{CLIENTS}{maria.pk}/"
    assert "Remove the access of Maria Silva?" in browser.get(page + "removal/").content.decode()
    with inside(northwind):
        assert Client.objects.get(pk=maria.pk).has_access
    browser.post(page + "removal/")
    shown = browser.get(page).content.decode()
    assert "Removed" in shown and "Restore access" in shown and "Send again" not in shown
    browser.post(page + "restoration/")
    browser.post(page + "access/", {"access_until": northwind.today().isoformat()})
    assert "Last day" in browser.get(page).content.decode()
    refused = browser.post(page + "access/", {"access_until": "2020-01-01"}).content.decode()
    assert "This day is over" in refused


def test_members_add_and_invite_but_owners_and_admins_end_access(
    northwind: CurrentAgency, jonas: Account, maria: Client
) -> None:
    browser, page = console_browser(jonas), f"{CLIENTS}{maria.pk}/"
    assert browser.post(page + "invitations/").status_code == 302
    assert latest(northwind, maria).sent_by_id is not None
    added = browser.post(CLIENTS + "new/", {"name": "N", "email": "n@x.example", "then": "later"})
    assert added.status_code == 302
    shown = browser.get(page).content.decode()
    assert "removal/" not in shown and "Owners and admins" in shown
    for closed in ("removal/", "restoration/", "access/"):
        assert browser.post(page + closed).status_code == 403
    with inside(northwind):
        assert Client.objects.get(pk=maria.pk).removed_at is None


@pytest.mark.parametrize(
    "page", ["", "new/", "{id}/", "{id}/edit/", "{id}/access/", "{id}/removal/", "{id}/photo/"]
)
def test_staff_of_another_agency_get_404_and_strangers_the_login(
    northwind: CurrentAgency, hugo: Account, maria: Client, page: str
) -> None:
    address = CLIENTS + page.format(id=maria.pk)
    assert console_browser(hugo).get(address).status_code == 404
    assert console_browser(hugo).get(address.replace("northwind", "harbour") + "x/").status_code == 404
    assert console_browser().get(address)["Location"].startswith("/accounts/login/")


def test_a_foreign_id_is_as_unknown_as_one_that_never_was(
    northwind: CurrentAgency, alice: Account, harbour: CurrentAgency
) -> None:
    browser = console_browser(alice)
    for page in ("{id}/", "{id}/edit/", "{id}/access/", "{id}/removal/", "{id}/photo/"):
        assert browser.get(CLIENTS + page.format(id=999_999)).status_code == 404
    assert browser.get(f"{CLIENTS}99999999999999999999/").status_code == 404


def test_the_example_client_is_marked_and_takes_no_place(northwind: CurrentAgency, alice: Account) -> None:
    with inside(northwind):
        example, _ = Client.objects.get_or_create(
            is_example=True, defaults={"email": "alice+client@northwind.example", "name": "Example client"}
        )
    page = console_browser(alice).get(f"{CLIENTS}{example.pk}/").content.decode()
    assert "Example" in page and "takes no place of your plan" in page


def test_names_are_shown_as_text(northwind: CurrentAgency, alice: Account) -> None:
    with inside(northwind):
        evil = Client.objects.create(email="e@x.example", name="<script>alert(1)</script>")
        company = Company.objects.create(name="<b>Co</b>")
        CompanyMembership.objects.create(client=evil, company=company)
    for page in (CLIENTS, f"{CLIENTS}{evil.pk}/", f"{CLIENTS}{evil.pk}/removal/", CLIENTS + "new/"):
        words = console_browser(alice).get(page).content.decode()
        assert "<script>alert" not in words and "<b>Co" not in words
