"""Sections: on or off, names, order."""

from typing import Any

import pytest

from portal import registry
from portal.branding import queries
from portal.branding.models import Section
from portal.branding.operations import BadSections, NeedsFullBranding, Wish, arrange_sections
from portal.module import Module
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tenants.plans import Plan
from tenants.routing import hosts
from tests.cast import console_browser, portal_browser
from tests.portal.branding.pictures import recorded

SECTIONS = "/northwind/branding/sections/"


def send(account: Account, path: str = SECTIONS, **fields: Any) -> Any:
    usual = {"on_projects": "on", "on_deliverables": "on", "name_projects": "", "name_deliverables": ""}
    return console_browser(account).post(path, {k: v for k, v in (usual | fields).items() if v is not None})


def shown(agency: CurrentAgency) -> list[tuple[str, str]]:
    with inside(agency):
        return [(key, section.name) for key, section in queries.sections_on().items()]


@pytest.fixture(autouse=True)
def _two_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The portal has these two, whatever else is installed."""
    two = [module for module in registry.all_modules() if module.key in ("projects", "deliverables")]
    monkeypatch.setattr(registry, "all_modules", lambda: two)


@pytest.fixture
def with_a_scale_module(monkeypatch: pytest.MonkeyPatch, _two_modules: None) -> None:
    """A third module that only Scale opens."""
    affiliates = Module(key="affiliates", name="Affiliates", icon="affiliates", order=90, plan=Plan.SCALE)
    real = registry.all_modules
    monkeypatch.setattr(registry, "all_modules", lambda: [*real(), affiliates])


def test_a_section_switched_off_is_gone_for_clients_and_stays_for_staff(
    northwind: CurrentAgency, alice: Account, maria: Client
) -> None:
    assert portal_browser(northwind, maria).get("/projects/").status_code == 200
    assert send(alice, on_projects=None).status_code == 302
    assert portal_browser(northwind, maria).get("/projects/").status_code == 404
    assert console_browser(alice).get("/northwind/projects/").status_code == 200
    [entry] = recorded(northwind, "branding.sections")
    assert entry.change["sections"][1][0] == ["projects", False, ""]


def test_names_of_ones_own(northwind: CurrentAgency, alice: Account) -> None:
    send(alice, name_projects="  Our   work ", name_deliverables="Deliverables")
    assert shown(northwind) == [("projects", "Our work"), ("deliverables", "Deliverables")]
    with inside(northwind):
        assert (
            Section.objects.get(module="deliverables").name == ""
        )  # its own name is not a name of one's own
    send(alice)
    assert shown(northwind)[0] == ("projects", "Projects")


def test_a_name_is_words_not_html(northwind: CurrentAgency, alice: Account) -> None:
    send(alice, name_projects="<b>x</b>")
    assert "<b>x</b>" not in console_browser(alice).get(SECTIONS).content.decode()


def test_two_sections_of_one_name_or_a_name_too_long_are_field_errors(
    northwind: CurrentAgency, alice: Account
) -> None:
    response = send(alice, name_projects="deliverables")
    assert response.status_code == 422 and "cannot have the same name" in response.content.decode()
    assert send(alice, name_projects="x" * 41).status_code == 422
    assert send(alice, name_projects="a\x00").status_code == 422
    assert not recorded(northwind, "branding.sections")


def test_a_button_moves_a_section_and_saves_the_rest_with_it(
    northwind: CurrentAgency, alice: Account
) -> None:
    response = send(alice, move="down:projects", name_projects="Work")
    assert response["Location"] == SECTIONS + "#section-projects"
    assert shown(northwind) == [("deliverables", "Deliverables"), ("projects", "Work")]
    send(alice, move="up:projects", name_projects="Work")
    assert [key for key, _ in shown(northwind)] == ["projects", "deliverables"]


@pytest.mark.parametrize(
    "move", ["up:projects", "down:deliverables", "left:projects", "down:nothing", "down:", ":", "x"]
)
def test_a_move_that_cannot_be_changes_nothing(move: str, northwind: CurrentAgency, alice: Account) -> None:
    assert send(alice, move=move).status_code == 302
    assert [key for key, _ in shown(northwind)] == ["projects", "deliverables"]


def test_sections_outside_the_plan_are_shown_locked_and_cannot_be_sent(
    with_a_scale_module: None, northwind: CurrentAgency, alice: Account
) -> None:
    page = console_browser(alice).get(SECTIONS).content.decode()
    assert "Affiliates" in page and "Opens with Scale" in page and 'name="on_affiliates"' not in page
    send(alice, on_affiliates="on", name_affiliates="Partners", move="up:affiliates")
    with inside(northwind):
        assert not Section.objects.filter(module="affiliates").exists()


def test_the_operation_takes_only_the_sections_of_the_plan(
    with_a_scale_module: None, northwind: CurrentAgency
) -> None:
    with inside(northwind):
        by = Staff.objects.get()
        both = [Wish("projects", True), Wish("deliverables", True)]
        for wishes in ([*both, Wish("affiliates", True)], both[:1], [*both, Wish("nothing", True)], []):
            with pytest.raises(BadSections):
                arrange_sections(by=by, wishes=wishes)


def test_starter_switches_sections_but_neither_names_nor_orders_them(
    harbour: CurrentAgency, hugo: Account
) -> None:
    path = "/harbour/branding/sections/"
    page = console_browser(hugo).get(path).content.decode()
    assert "From Growth on" in page and 'name="move"' not in page and 'name="name_projects"' not in page
    send(hugo, path, on_deliverables=None, name_projects="Work")
    assert shown(harbour) == [("projects", "Projects")]
    assert send(hugo, path, move="down:projects").status_code == 422
    assert [key for key, _ in shown(harbour)][:1] == ["projects"]
    with inside(harbour), pytest.raises(NeedsFullBranding):
        wishes = [Wish("projects", True, "Work"), Wish("deliverables", True)]
        arrange_sections(by=Staff.objects.get(), wishes=wishes)


def test_names_and_order_rest_on_a_lower_plan_and_come_back(northwind: CurrentAgency, alice: Account) -> None:
    send(alice, move="down:projects", name_projects="Work")
    for plan, wanted in (
        (Plan.STARTER, [("projects", "Projects"), ("deliverables", "Deliverables")]),
        (Plan.SCALE, [("deliverables", "Deliverables"), ("projects", "Work")]),
    ):
        Agency.objects.filter(pk=northwind.id).update(plan=plan)
        hosts.forget_all()
        assert shown(Agency.objects.get(pk=northwind.id).current()) == wanted


def test_nothing_changed_is_not_recorded(northwind: CurrentAgency, alice: Account) -> None:
    send(alice)
    assert not recorded(northwind, "branding.sections")
