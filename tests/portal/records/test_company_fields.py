"""The agency's own fields of companies: defined, filled in, seen and changed by who looks after the company."""

from typing import Any

import pytest
from django.test import Client as Browser

from portal.audit.models import AuditEntry
from portal.people.models import Client, Company, Staff
from portal.records.erasing import erase
from portal.records.export import person
from portal.records.fields import archive_field, define_field, set_values
from portal.records.models import CustomField
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser, portal_browser
from tests.portal.records.people import look_after

FIELDS = "/northwind/clients/fields/"


@pytest.fixture
def brightside(northwind: CurrentAgency) -> Company:
    with inside(northwind):
        return Company.objects.get(name="Brightside")


@pytest.fixture
def trade(northwind: CurrentAgency, alice_staff: Staff) -> CustomField:
    return a_field(northwind, alice_staff, "Trade", "choice", choices=["Food", "Craft"])


def a_field(
    agency: CurrentAgency, by: Staff, name: str, kind: str, *, about: str = "company", choices: Any = ()
) -> CustomField:
    with inside(agency):
        return define_field(name=name, kind=kind, about=about, choices=choices, by=by)


def page(browser: Browser, company: Company, part: str = "") -> str:
    answer = browser.get(f"/northwind/companies/{company.pk}/{part}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_fields_of_clients_and_of_companies_are_defined_on_one_page_and_kept_apart(
    northwind: CurrentAgency, alice: Account, maria: Client, brightside: Company
) -> None:
    browser = console_browser(alice)
    assert "Add fields of your own" in page(browser, brightside)
    for about, name in (("client", "Birthday"), ("company", "Founded"), ("company", "Birthday")):
        answer = browser.post(FIELDS, {"name": name, "about": about, "kind": "date"})
        assert answer.status_code == 302
    again = browser.post(FIELDS, {"name": "founded", "about": "company", "kind": "text"})
    assert again.status_code == 422 and "no other field has" in again.content.decode()
    assert browser.post(FIELDS, {"name": "X", "about": "staff", "kind": "text"}).status_code == 422
    of_clients, of_companies = browser.get(FIELDS).content.decode().split("Fields of companies")
    assert "Birthday" in of_clients and "Founded" not in of_clients and "Founded" in of_companies
    form = page(browser, brightside, "details/")
    assert "Founded" in form and "Birthday" in form and "Phone" not in form
    assert "Founded" not in browser.get(f"/northwind/clients/{maria.pk}/details/").content.decode()


def test_they_are_filled_in_changed_and_emptied_with_an_entry_for_each(
    northwind: CurrentAgency, alice: Account, brightside: Company, trade: CustomField
) -> None:
    browser, path = console_browser(alice), f"/northwind/companies/{brightside.pk}/details/"
    assert "Nothing is filled in yet." in page(browser, brightside)
    name = f"field_{trade.pk}"
    assert browser.post(path, {name: "Food"})["Location"] == f"/northwind/companies/{brightside.pk}/"
    text = page(browser, brightside)
    assert "<dt>Trade</dt>" in text and "Brightside: Trade filled in" in text and "Alice Moreno" in text
    assert '<option value="Food" selected>' in page(browser, brightside, "details/")
    assert "Brightside: Trade filled in" in page(browser, brightside, "timeline/")
    browser.post(path, {name: "Food"})  # the same is no change
    browser.post(path, {name: ""})
    with inside(northwind):
        brightside.refresh_from_db()
        assert brightside.custom == {}
        entries = AuditEntry.objects.filter(verb="records.fields_set").order_by("pk")
        assert [one.change for one in entries] == [{"Trade": [None, "Food"]}, {"Trade": ["Food", None]}]
        assert {one.subject for one in entries} == {f"company:{brightside.pk}"}


def test_a_value_that_does_not_fit_is_refused_at_its_field_and_nothing_is_changed(
    northwind: CurrentAgency, alice: Account, alice_staff: Staff, brightside: Company, trade: CustomField
) -> None:
    day = a_field(northwind, alice_staff, "Founded", "date")
    rate = a_field(northwind, alice_staff, "Rate", "number")
    browser, path = console_browser(alice), f"/northwind/companies/{brightside.pk}/details/"
    good = {f"field_{trade.pk}": "Food", f"field_{day.pk}": "2001-02-03", f"field_{rate.pk}": "12,5"}
    for one, wrong in ((day, "2026-13-45"), (trade, "Fish"), (rate, "much"), (rate, "1e-40"), (rate, "\x00")):
        answer = browser.post(path, good | {f"field_{one.pk}": wrong})
        assert answer.status_code == 422 and f'id="id_field_{one.pk}_error"' in answer.content.decode()
    with inside(northwind):
        brightside.refresh_from_db()
        assert brightside.custom == {}
    assert browser.post(path, good).status_code == 302
    with inside(northwind):
        brightside.refresh_from_db()
        assert brightside.custom == {
            str(trade.pk): "Food", str(day.pk): "2001-02-03", str(rate.pk): "12.5",
        }  # fmt: skip


def test_a_field_of_clients_or_an_archived_one_is_not_filled_in(
    northwind: CurrentAgency, alice: Account, alice_staff: Staff, brightside: Company, trade: CustomField
) -> None:
    pet = a_field(northwind, alice_staff, "Pet", "text", about="client")
    with inside(northwind):
        set_values(brightside, {trade.pk: "Food"}, by=alice_staff)
        archive_field(trade, is_archived=True, by=alice_staff)
    browser = console_browser(alice)
    assert "<dt>Trade</dt>" not in page(browser, brightside)
    wrong = {f"field_{pet.pk}": "Cat", f"field_{trade.pk}": "Craft"}
    browser.post(f"/northwind/companies/{brightside.pk}/details/", wrong)
    with inside(northwind):
        brightside.refresh_from_db()
        assert brightside.custom == {str(trade.pk): "Food"}  # kept, for when the field comes back


@pytest.mark.parametrize("part", ["details/", "timeline/"])
def test_a_member_sees_and_changes_them_for_the_companies_it_looks_after_only(
    northwind: CurrentAgency,
    jonas: Account,
    hugo: Account,
    brightside: Company,
    trade: CustomField,
    part: str,
) -> None:
    with inside(northwind):
        oakley = Company.objects.get(name="Oakley")
    browser, wanted = look_after(northwind, jonas, "Oakley"), {f"field_{trade.pk}": "Craft"}
    assert page(browser, oakley, part)
    assert "Add fields of your own" not in page(browser, oakley)
    assert browser.post(f"/northwind/companies/{oakley.pk}/details/", wanted).status_code == 302
    path = f"/northwind/companies/{brightside.pk}/{part}"
    for stranger in (browser, console_browser(hugo)):
        assert stranger.get(path).status_code == 404 and stranger.post(path, wanted).status_code in (404, 405)
    assert console_browser().get(path).status_code == 302
    with inside(northwind):
        brightside.refresh_from_db()
        oakley.refresh_from_db()
        assert brightside.custom == {} and oakley.custom == {str(trade.pk): "Craft"}


def test_clients_see_nothing_of_them(
    northwind: CurrentAgency, alice_staff: Staff, maria: Client, brightside: Company
) -> None:
    secret = a_field(northwind, alice_staff, "Zqxfield", "text")
    with inside(northwind):
        set_values(brightside, {secret.pk: "Zqxvalue"}, by=alice_staff)
        assert "Zqx" not in person(maria)
    portal = portal_browser(northwind, maria)
    for path in ("/", "/profile/", "/team/"):
        answer = portal.get(path)
        assert answer.status_code == 200 and "Zqx" not in answer.content.decode()
    for part in ("details/", "timeline/", ""):
        assert portal.get(f"/companies/{brightside.pk}/{part}").status_code == 404


def test_whoever_is_erased_is_named_in_no_field(
    northwind: CurrentAgency, alice_staff: Staff, maria: Client, tom: Client, brightside: Company
) -> None:
    contact = a_field(northwind, alice_staff, "Contact", "text")
    site = a_field(northwind, alice_staff, "Site", "link")
    friend = a_field(northwind, alice_staff, "Friend", "text", about="client")
    with inside(northwind):
        link = f"https://people.example/?mail={maria.email}"
        set_values(brightside, {contact.pk: "Ask maria silva", site.pk: link}, by=alice_staff)
        set_values(tom, {friend.pk: "Maria Silva, Ulm"}, by=alice_staff)
        erase(maria, typed_name="Maria Silva", by=alice_staff)
        brightside.refresh_from_db()
        tom.refresh_from_db()
        assert brightside.custom == {str(contact.pk): f"Ask Erased person {maria.pk}"}
        assert tom.custom == {str(friend.pk): f"Erased person {maria.pk}, Ulm"}
        entries = AuditEntry.objects.filter(verb="records.fields_set")
        assert entries.count() == 2
        assert "silva" not in str(list(entries.values_list("change", "summary"))).casefold()
