"""The lists of clients and companies are narrowed by the agency's own fields, each by what fits its kind."""

from urllib.parse import parse_qs

import pytest
from django.test import Client as Browser

from portal.people.models import Client, Company, Staff
from portal.records.fields import archive_field, define_field, set_values
from portal.records.models import CustomField
from portal.records.tags import put_tag
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser
from tests.portal.records.people import look_after

KINDS = {
    "Trade": "choice",
    "Vip": "yes_no",
    "Motto": "text",
    "Site": "link",
    "Budget": "number",
    "Since": "date",
}
VALUES = {
    "Maria Silva": {"Trade": "Food", "Vip": "yes", "Motto": "100% „fresh“", "Site": "https://a.example/Shop",
                    "Budget": "9.5", "Since": "2024-03-01"},
    "Charlie Oakley": {"Trade": "Craft", "Vip": "no", "Motto": "Slow and sure", "Budget": "100", "Since": "2025-12-31"},
    "Tom Becker": {"Budget": "-3"},
}  # fmt: skip
COMPANIES = {"Brightside": VALUES["Maria Silva"], "Oakley": VALUES["Charlie Oakley"]}
Names = dict[str, str]


@pytest.fixture
def names(northwind: CurrentAgency, alice_staff: Staff) -> Names:
    """Fields of every kind for clients, filled in; the address's name for each."""
    with inside(northwind):
        made = fields_about("client", alice_staff)
        for name, values in VALUES.items():
            fill_in(Client.objects.get(name=name), values, made, alice_staff)
        return {name: f"field_{one.pk}" for name, one in made.items()}


@pytest.fixture
def company_names(northwind: CurrentAgency, alice_staff: Staff) -> Names:
    """The same for companies."""
    with inside(northwind):
        made = fields_about("company", alice_staff)
        for name, values in COMPANIES.items():
            fill_in(Company.objects.get(name=name), values, made, alice_staff)
        return {name: f"field_{one.pk}" for name, one in made.items()}


def fields_about(about: str, by: Staff) -> dict[str, CustomField]:
    return {
        name: define_field(name=name, kind=kind, about=about, choices=["Food", "Craft"], by=by)
        for name, kind in KINDS.items()
    }


def fill_in(owner: Client | Company, values: Names, made: dict[str, CustomField], by: Staff) -> None:
    set_values(owner, {made[name].pk: value for name, value in values.items()}, by=by)


def address(names: Names, asked: str) -> Names:
    """ "Budget_from=3" as the address asks it."""
    query = {}
    for key, (value,) in parse_qs(asked, keep_blank_values=True).items():
        name, end, _ = key.partition("_")
        query[names.get(name, name) + end + key[len(name) + len(end) :]] = value
    return query


def found(browser: Browser, asked: Names, of: str = "clients") -> set[str]:
    """First names of clients, or companies, that the list shows."""
    answer = browser.get(f"/northwind/{of}/", asked)
    assert answer.status_code == 200
    rows = answer.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    known = [*VALUES, *COMPANIES] if of == "clients" else [*COMPANIES]
    return {name.partition(" ")[0] for name in known if f">{name}</a>" in rows}


CASES = [
    ("Trade=Food", "Maria"), ("Trade=Craft", "Charlie"), ("Vip=yes", "Maria"), ("Vip=no", "Charlie"),
    ("Motto=FRESH", "Maria"), ("Motto=0%25", "Maria"), ("Motto=s_ow", ""), ("Site=shop", "Maria"),
    ("Budget_from=9,5", "Maria Charlie"), ("Budget_from=10", "Charlie"), ("Budget_to=-3", "Tom"),
    ("Budget_from=9.50&Budget_to=9.5", "Maria"), ("Since_from=2024-03-01", "Maria Charlie"),
    ("Since_from=2024-03-02", "Charlie"), ("Since_to=2024-03-01", "Maria"), ("Trade=Food&Vip=no", ""),
    ("Trade=&Vip=&Motto=&Budget_from=&Since_to=", "Maria Charlie Tom"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "fit"), CASES)
def test_the_list_of_clients_shows_who_fits(alice: Account, names: Names, asked: str, fit: str) -> None:
    assert found(console_browser(alice), address(names, asked)) == set(fit.split())


@pytest.mark.parametrize(("asked", "fit"), CASES)
def test_the_list_of_companies_shows_which_fit(
    alice: Account, company_names: Names, asked: str, fit: str
) -> None:
    browser, query = console_browser(alice), address(company_names, asked)
    meant = {"Maria": "Brightside", "Charlie": "Oakley"}
    assert found(browser, query, "companies") == {meant[one] for one in fit.split() if one in meant}


def test_it_goes_with_search_tag_and_access_and_into_the_export(
    northwind: CurrentAgency, alice: Account, alice_staff: Staff, maria: Client, tom: Client, names: Names
) -> None:
    with inside(northwind):
        put_tag([maria, tom], "VIP", by=alice_staff)
    browser = console_browser(alice)
    low = address(names, "Budget_to=50")
    assert found(browser, low) == {"Maria", "Tom"}
    assert found(browser, low | {"q": "Tom"}) == {"Tom"}
    assert found(browser, low | {"q": "Brightside", "tag": "VIP", "access": "waiting"}) == {"Maria"}
    assert found(browser, low | {"access": "removed"}) == set()
    asked = address(names, "Budget_to=0") | {"tag": "VIP", "access": "waiting"}
    text = browser.get("/northwind/clients/", asked).content.decode()
    link = text.partition("/clients/export/?")[2].partition('"')[0].replace("&amp;", "&")
    assert {name: value for name, (value,) in parse_qs(link).items()} == asked
    lines = b"".join(browser.get(f"/northwind/clients/export/?{link}")).decode().splitlines()
    assert len(lines) == 2 and lines[1].startswith("Tom Becker")


def test_it_is_kept_from_page_to_page(
    northwind: CurrentAgency,
    alice: Account,
    alice_staff: Staff,
    names: Names,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("portal.people.queries.PAGE_SIZE", 1)
    browser, asked = console_browser(alice), address(names, "Budget_from=1")
    first = browser.get("/northwind/clients/", asked).content.decode()
    older = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    query = {name: value for name, (value,) in parse_qs(older[1:]).items()}
    assert found(browser, asked) == {"Charlie"} and found(browser, query) == {"Maria"}
    assert 'rel="next"' not in browser.get(f"/northwind/clients/{older}").content.decode()


def test_an_archived_field_or_one_of_the_others_narrows_nothing(
    northwind: CurrentAgency, alice: Account, alice_staff: Staff, names: Names, company_names: Names
) -> None:
    browser, everybody = console_browser(alice), {"Maria", "Charlie", "Tom"}
    assert found(browser, address(company_names, "Trade=Craft")) == everybody
    asked = address(names, "Trade=Craft")
    with inside(northwind):
        archive_field(CustomField.objects.get(about="client", name="Trade"), is_archived=True, by=alice_staff)
    assert found(browser, asked) == everybody
    assert asked.popitem()[0] not in browser.get("/northwind/clients/").content.decode()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("field_9999=x", ""), ("field_x=1&field_=2&field_9999_from=3", ""), ("Motto=%00", "Null characters"),
        ("Motto=" + "x" * 10_000, "at most 100"), ("Since_from=2026-13-45", "Enter a valid date"),
        ("Since_to=" + "9" * 10_000, "Enter a valid date"), ("Since=2024-03-01", ""),
        ("Trade=Fish", "Select a valid choice"),
        ("Trade=%00", "Select a valid choice"), ("Vip=maybe", "Select a valid choice"),
        ("Budget_from=much", "is no number"),
        ("Budget_to=NaN", "too large"), ("Budget_to=1e999999", "too large"),
        ("Budget_to=1e-999999", "digits after the point"),
        ("Budget_from=" + "9" * 10_000, "at most 40"), ("Budget_from=%00", "Null characters"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_narrows_nothing_and_says_why(
    alice: Account, names: Names, company_names: Names, asked: str, words: str
) -> None:
    browser = console_browser(alice)
    for of, own, all_of_them in (
        ("clients", names, {"Maria", "Charlie", "Tom"}), ("companies", company_names, set(COMPANIES)),
    ):  # fmt: skip
        query = address(own, asked)
        assert found(browser, query, of) == all_of_them
        text = browser.get(f"/northwind/{of}/", query).content.decode()
        assert words in text and text.count('<p class="field__error">') == (1 if words else 0)
        assert "after=" not in text and "?field" not in text and "&amp;field" not in text
        if of == "clients":
            exported = b"".join(browser.get("/northwind/clients/export/", query)).decode()
            assert all(name in exported for name in VALUES)


def test_a_kept_value_that_is_no_number_is_none(
    northwind: CurrentAgency, alice: Account, tom: Client, names: Names
) -> None:
    browser, key = console_browser(alice), names["Budget"].removeprefix("field_")
    for value in ("much", "1e5", "9" * 400, "", True, None, [1], {"a": 1}):
        with inside(northwind):
            Client.objects.filter(pk=tom.pk).update(custom={key: value})
        assert found(browser, address(names, "Budget_from=-99")) == {"Maria", "Charlie"}


def test_a_member_finds_only_whom_it_looks_after(
    northwind: CurrentAgency, jonas: Account, hugo: Account, names: Names, company_names: Names
) -> None:
    browser = look_after(northwind, jonas, "Oakley")
    assert found(browser, address(names, "Budget_from=-99")) == {"Charlie"}
    assert found(browser, address(names, "Trade=Food")) == set()
    assert found(browser, address(company_names, "Budget_from=-99"), "companies") == {"Oakley"}
    assert found(browser, address(company_names, "Trade=Food"), "companies") == set()
    assert console_browser(hugo).get("/northwind/clients/", address(names, "Trade=Food")).status_code == 404
