"""A member who sees chosen clients only sees nothing of the others: on every page, by every method."""

from typing import Any

import pytest

from modules.deliverables.models import Deliverable
from modules.feedback.models import Entry, Thread
from modules.files.models import File, FileRequest, Folder, RequestItem
from modules.invoices.models import Invoice, Quote, Repeating
from modules.projects.models import Project
from portal import registry
from portal.apikeys.keys import make_key
from portal.delivery.marks import mark
from portal.demo import Cast
from portal.mail.models import Message
from portal.people.models import Client, Company, CompanyMembership, Staff, StaffScope
from portal.people.owned import OwnedQuerySet
from portal.records.models import Note
from portal.records.notes import write_note
from portal.records.tags import put_tag
from portal.tasks.models import Task
from portal.tasks.operations import add_task, set_done
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tenants.routing.middleware import CONSOLE_URLS
from tests.cast import PASSWORD, console_browser
from tests.portal.people.walking import addresses, touched

# Shared by all staff: what is sold, replies that are used again, and the agency's own settings.
SHARED = ("offers/", "codes/", "/replies/", "/branding/", "/plan/", "/settings/", "/team/")

SEARCHES = (
    "clients/?q=zqx", "invoices/?q=Zqx", "projects/?q=Zqx", "deliverables/?q=a",
    "entitlements/?q=Zqx&which=all", "subscriptions/?q=Zqx&which=all", "invoices/quotes/?q=Zqx",
    "invoices/export/", "subscriptions/subscribers.csv", "files/?q=Zqx", "files/trash/",
    "files/requests/?q=Zqx&show=all", "feedback/?q=Zqx&shown=all", "feedback/?shown=all", "feedback/held/",
    "to-do/", "to-do/?which=all", "to-do/?which=done", "mails/?q=zqx", "mails/addresses/",
    "companies/?q=Zqx", "clients/tags/", "clients/?tag=VIP", "clients/export/", "clients/duplicates/",
)  # fmt: skip


@pytest.fixture
def jonas(northwind: CurrentAgency) -> Account:
    """A member of Northwind's staff who looks after Brightside only."""
    account = Account.objects.create_user("jonas@northwind.example", PASSWORD, name="Jonas Weber")
    Membership.objects.create(account=account, agency=Agency.objects.get(slug="northwind"), role=Role.MEMBER)
    with inside(northwind):
        staff = Staff.objects.create(
            account_id=account.pk, name="Jonas Weber", email=account.email, sees_all=False
        )
        StaffScope.objects.create(staff=staff, company=Company.objects.get(name="Brightside"))
    return account


def staff_of(account: Account) -> Staff:
    return Staff.objects.get(account_id=account.pk)


@pytest.fixture
def canaries(northwind: CurrentAgency, alice: Account, charlie: Client, tom: Client) -> list[str]:
    """Everything that modules show in the demo, all of it Oakley's and Charlie's; the words that tell it."""
    with inside(northwind):
        company = Company.objects.get(name="Oakley")
        Company.objects.filter(pk=company.pk).update(name="Zqxoakley")
        Client.objects.filter(pk=charlie.pk).update(name="Zqxcharlie", email="zqx@client.example")
        company.refresh_from_db()
        charlie.refresh_from_db()
        cast = Cast(agency=northwind, staff=staff_of(alice))
        cast.companies.append(company)
        cast.clients.append(charlie)
        for module in registry.all_modules():
            if module.demo:
                module.demo(cast)
        what_the_shell_keeps(company, charlie, cast.staff)
        found = {"Zqx", "zqx@", "Tom Becker"}
        for model, field in (
            (Project, "name"), (Deliverable, "name"), (Invoice, "title"), (Invoice, "number"),
            (Quote, "pattern__title"), (Quote, "number"), (Repeating, "pattern__title"),
            (File, "name"), (FileRequest, "title"), (Thread, "subject"), (Entry, "text"),
            (Task, "title"), (Note, "text"),
        ):  # fmt: skip
            assert model.objects.exists(), model
            found |= set(model.objects.values_list(field, flat=True))
    # The editor's own example reads like a title of the demo.
    return sorted(word for word in found if word and not word.startswith("Website care"))


def what_the_shell_keeps(company: Company, client: Client, staff: Staff) -> None:
    """Of both, what no module's demo makes; and names that pages have for other things."""
    write_note(client, "Zqx is often late", by=staff)
    put_tag([client], "VIP", by=staff)
    mail = Message.objects.create(
        email="people.invitation", client=client, address=client.email, subject="Zqx", words={}
    )
    mark(client.email, "bounced", words="Zqx is unknown here", message=mail)
    add_task("Call Zqx", by=staff, about=client)
    set_done(add_task("Write to Zqx", by=staff, about=company), is_done=True, by=staff)
    for model in (Folder, RequestItem):
        for row in model.objects.all():
            model.objects.filter(pk=row.pk).update(name=f"Zqx {row.pk}")


def ids_by_namespace() -> dict[str, list[Any]]:
    """The ids of all rows of a module's tables, in one list per module."""
    found: dict[str, list[Any]] = {}
    from django.apps import apps

    for model in apps.get_models():
        if model._meta.app_config and model._meta.app_config.name.startswith(("modules.", "portal.")):
            ids = [
                pk for pk in model._default_manager.values_list("pk", flat=True)[:400] if isinstance(pk, int)
            ]
            known = set(found.get(model._meta.app_label, []))
            found[model._meta.app_label] = sorted(known | set(ids))[:6]
    return found


def test_every_page_and_form_of_the_console_is_closed_to_who_does_not_serve_them(
    northwind: CurrentAgency, jonas: Account, canaries: list[str], charlie: Client
) -> None:
    browser = console_browser(jonas)
    with inside(northwind):
        ids: dict[str, list[Any]] = {
            **ids_by_namespace(),
            "people": [charlie.pk],
            "whose": [f"client-{charlie.pk}"],
        }
        company = Company.objects.get(name="Zqxoakley").pk
        ids["uuid"] = list(Message.objects.filter(client=charlie).values_list("pk", flat=True)[:3])
        assert ids["uuid"]
    ids |= {"domain_id": [1], "what": ["verify"]}
    ids["whose"].append(f"company-{company}")
    paths = addresses(CONSOLE_URLS, ids)
    assert len(paths) > 200
    browser.get("/northwind/")
    before = touched(northwind.schema_name)
    for path in paths:
        page = browser.get(f"/northwind{path}")
        text = (
            page.getvalue().decode(errors="replace")
            if page.streaming
            else page.content.decode(errors="replace")
        )
        assert page.status_code < 500, path
        assert not [word for word in canaries if word in text], (path, page.status_code)
        if not any(part in f"{path}/" for part in SHARED):
            for method in ("post", "put", "delete"):
                answer = getattr(browser, method)(f"/northwind{path}")
                assert answer.status_code < 500, (method, path, answer.status_code)
    assert touched(northwind.schema_name) == before


def test_searches_and_files_find_only_whom_one_serves(
    northwind: CurrentAgency, jonas: Account, canaries: list[str]
) -> None:
    browser = console_browser(jonas)
    words = [word for word in canaries if word not in ("Zqx", "zqx@")]
    for query in SEARCHES:
        answer = browser.get(f"/northwind/{query}")
        assert answer.status_code in (200, 403), query
        page = answer.getvalue().decode() if answer.streaming else answer.content.decode()
        assert not [word for word in words if word in page], query


def test_everybody_else_sees_what_is_theirs_to_see(
    northwind: CurrentAgency, jonas: Account, alice: Account, canaries: list[str]
) -> None:
    with inside(northwind):
        staff = staff_of(jonas)
        assert {str(one) for one in Company.objects.served_by(staff)} == {"Brightside"}
        assert {one.name for one in Client.objects.served_by(staff)} == {"Maria Silva"}
        for model in owned_models():
            assert not model._default_manager.served_by(staff).exists(), model
            assert (
                model._default_manager.served_by(staff_of(alice)).count() == model._default_manager.count()
            ), model
    show_all_to(northwind, jonas)
    assert "Zqxoakley" in console_browser(jonas).get("/northwind/clients/").content.decode()


def show_all_to(agency: CurrentAgency, account: Account) -> None:
    with inside(agency):
        Staff.objects.filter(account_id=account.pk).update(sees_all=True)


def test_who_leads_a_project_sees_it_and_its_work_and_nothing_else_of_that_client(
    northwind: CurrentAgency, jonas: Account, canaries: list[str], charlie: Client
) -> None:
    with inside(northwind):
        staff = staff_of(jonas)
        led = Deliverable.objects.order_by("pk")[:1].get().project
        Project.objects.filter(pk=led.pk).update(lead=staff)
        mine = set(Deliverable.objects.served_by(staff).values_list("project_id", flat=True))
        assert mine == {led.pk}
    browser = console_browser(jonas)
    assert browser.get(f"/northwind/projects/{led.pk}/").status_code == 200
    assert browser.get(f"/northwind/clients/{charlie.pk}/").status_code == 404


def test_a_member_who_adds_somebody_sees_them_and_cannot_pull_in_others(
    northwind: CurrentAgency, jonas: Account, charlie: Client
) -> None:
    browser = console_browser(jonas)
    new = {
        "name": "Nina Neu",
        "email": "nina@client.example",
        "company": "",
        "bundle": "member",
        "then": "later",
    }
    page = browser.post("/northwind/clients/new/", new, follow=True)
    assert page.status_code == 200 and "Nina Neu" in page.content.decode()
    taken = browser.post("/northwind/clients/new/", new | {"email": charlie.email.upper()})
    assert "Charlie" not in taken.content.decode() and "already" in taken.content.decode()
    foreign = browser.post("/northwind/clients/new/", new | {"email": "o@x.example", "company": "Oakley"})
    assert "looked after by colleagues" in foreign.content.decode()
    with inside(northwind):
        assert not Client.objects.with_email("o@x.example").exists()
        assert CompanyMembership.objects.filter(company__name="Oakley").count() == 1


def owned_models() -> list[Any]:
    from django.apps import apps

    return [model for model in apps.get_models() if isinstance(model._default_manager.all(), OwnedQuerySet)]


def test_the_api_is_the_agencys_and_members_make_no_keys(
    northwind: CurrentAgency, jonas: Account, alice: Account
) -> None:
    browser = console_browser(jonas)
    for path in ("/northwind/api-keys/", "/northwind/api-keys/new/"):
        assert browser.get(path).status_code in (403, 404), path
    for path in ("clients/", "invoices/", "projects/", "deliverables/", "subscriptions/", "entitlements/"):
        assert browser.get(f"/api/v1/{path}").status_code == 401, path
    with inside(northwind):
        _, text = make_key(name="Books", scopes=["clients:read"], by=staff_of(alice))
        Staff.objects.filter(account_id=alice.pk).update(role="member", sees_all=False)
    found = console_browser().get("/api/v1/clients/", headers={"Authorization": f"Bearer {text}"})
    assert "Tom Becker" in found.content.decode()
