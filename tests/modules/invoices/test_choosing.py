"""Clients choose to pay in parts, within limits that are checked on the server."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.refused import Refused
from modules.invoices import operations
from modules.invoices.models import Invoice, InvoiceSettings
from modules.invoices.operations.choosing import Limits, _parts, _usual
from portal.mail.models import Message
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tests.modules.deliverables.scene import visit_console, visit_portal
from tests.modules.invoices.scene import fresh


@pytest.fixture
def offered(invoice: Invoice) -> Invoice:
    """€100.00 for Brightside: up to 6 parts, the first at least 20 %."""
    InvoiceSettings.objects.update(plan_parts=6, plan_first_percent=20, plan_days=30)
    return fresh(invoice)


def amounts(invoice: Invoice) -> list[int]:
    return [part.minor for part in fresh(invoice).instalments.all()]


def choose(invoice: Invoice, client: Client, count: int, first: int | None = None) -> None:
    operations.choose_plan(invoice, count=count, first_minor=first, client=client)


def refused(invoice: Invoice, client: Client, count: int) -> None:
    """Neither another choice nor none."""
    with pytest.raises(operations.WrongState):
        choose(invoice, client, count)
    with pytest.raises(operations.WrongState):
        operations.withdraw_plan(invoice, client=client)


def test_nothing_is_offered_until_staff_say_so(invoice: Invoice, maria: Client) -> None:
    assert operations.options_of(invoice) == []
    with pytest.raises(operations.WrongState):
        choose(invoice, maria, 2)


def test_parts_up_to_the_limit_the_first_due_with_the_invoice(offered: Invoice, maria: Client) -> None:
    assert [option.count for option in operations.options_of(offered)] == [2, 3, 4, 5, 6]
    choose(offered, maria, 6)
    assert amounts(offered) == [20_00, 16_00, 16_00, 16_00, 16_00, 16_00]
    due_on = offered.due_on
    assert due_on is not None
    days = [part.due_on for part in fresh(offered).instalments.all()]
    assert days == [due_on + timedelta(days=30 * place) for place in range(6)]
    assert fresh(offered).next_due_on == due_on and fresh(offered).plan_chosen_by == maria
    assert [one.key for one in operations.choices_of(fresh(offered))][::5] == ["next", "all"]
    assert Message.objects.filter(email="invoices.attention").count() == 1


@pytest.mark.parametrize(
    ("count", "first", "field"),
    [(1, None, "count"), (0, None, "count"), (-3, None, "count"), (7, None, "count"), (600, None, "count"),
     (3, 19_99, "first_minor"), (3, 0, "first_minor"), (3, -5_00, "first_minor"), (3, 100_00, "first_minor"),
     (3, 99_99, "first_minor"), (3, 10**9, "first_minor")],
)  # fmt: skip
def test_outside_the_limits_is_refused(
    offered: Invoice, maria: Client, count: int, first: int | None, field: str
) -> None:
    with pytest.raises(operations.NotValid) as refused:
        choose(offered, maria, count, first)
    assert refused.value.field == field and amounts(offered) == []


def test_more_may_come_first(offered: Invoice, maria: Client) -> None:
    choose(offered, maria, 3, 50_01)
    assert amounts(offered) == [50_01, 25_00, 24_99]


def test_another_choice_until_the_first_payment_and_none_after_it(
    offered: Invoice, maria: Client, alice_staff: Staff
) -> None:
    choose(offered, maria, 4)
    choose(offered, maria, 2)
    assert amounts(offered) == [50_00, 50_00]
    operations.withdraw_plan(offered, client=maria)
    assert amounts(offered) == [] and fresh(offered).next_due_on == offered.due_on
    choose(offered, maria, 2)
    operations.mark_paid(offered, minor=10_00, note="", by=alice_staff)
    refused(offered, maria, 3)
    assert amounts(offered) == [50_00, 50_00]


def test_what_staff_planned_stays(offered: Invoice, maria: Client, alice_staff: Staff) -> None:
    parts = [
        operations.Part("A", 60_00, due_on=date(2099, 1, 1)),
        operations.Part("B", 40_00, due_on=date(2099, 2, 1)),
    ]
    operations.set_plan(offered, parts, by=alice_staff)
    refused(offered, maria, 2)
    assert amounts(offered) == [60_00, 40_00]


def test_staff_plan_over_a_clients_choice(offered: Invoice, maria: Client, alice_staff: Staff) -> None:
    choose(offered, maria, 2)
    operations.set_plan(offered, [operations.Part("All", 100_00, due_on=date(2099, 1, 1))], by=alice_staff)
    with pytest.raises(operations.WrongState):
        operations.withdraw_plan(offered, client=maria)


@pytest.mark.parametrize(
    "why", [{"is_processing": True}, {"is_disputed": True}, {"plan_parts": 0}, {"plan_parts": 1}]
)
def test_not_while_something_is_in_question_or_switched_off(
    offered: Invoice, maria: Client, why: dict[str, Any]
) -> None:
    Invoice.objects.filter(pk=offered.pk).update(**why)
    with pytest.raises(operations.WrongState):
        choose(offered, maria, 2)


def test_one_invoice_may_have_limits_of_its_own(offered: Invoice, maria: Client, alice_staff: Staff) -> None:
    operations.set_ways(offered, autopay="", plan_parts=3, plan_first_percent=50, by=alice_staff)
    assert [option.count for option in operations.options_of(fresh(offered))] == [2, 3]
    with pytest.raises(operations.NotValid):
        choose(offered, maria, 3, 49_99)
    for wrong in (
        {"plan_parts": 25},
        {"plan_first_percent": 91},
        {"autopay": "sometimes"},
        {"plan_parts": -1},
    ):
        given_: dict[str, Any] = {"autopay": "", "plan_parts": None, "plan_first_percent": None} | wrong
        with pytest.raises(operations.NotValid):
            operations.set_ways(offered, by=alice_staff, **given_)


def test_strangers_and_who_may_not_pay_choose_nothing(
    offered: Invoice, maria: Client, tom: Client, charlie: Client
) -> None:
    maria.memberships.update(rights=["view_money"])
    for stranger in (charlie, tom, maria):
        with pytest.raises(Refused):
            choose(offered, stranger, 2)
        with pytest.raises(Refused):
            operations.withdraw_plan(offered, client=stranger)
    assert amounts(offered) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(2, 10**10), st.integers(0, 90), st.integers(2, 24))
def test_every_choice_adds_up(total: int, percent: int, count: int) -> None:
    invoice = Invoice(gross_minor=total, due_on=date(2030, 1, 1))
    limits = Limits(24, max(1, -(-total * percent // 100)), 30)
    option = _usual(invoice, limits, count)
    if option is not None:
        assert sum(part.minor for part in option.parts) == total
        assert all(part.minor > 0 for part in option.parts) and option.parts[0].minor >= limits.first_minor
        assert list(option.parts) == _parts(invoice, limits, count, option.parts[0].minor)


# --- pages --------------------------------------------------------------------------------------------------


def test_maria_chooses_on_the_page(in_northwind: CurrentAgency, offered: Invoice, maria: Client) -> None:
    browser = visit_portal(in_northwind, maria)
    here = f"/invoices/{offered.pk}/plan/"
    words = browser.get(here).content.decode()
    assert "6 payments" in words and "€20.00 by" in words and "At least €20.00" in words
    for wrong in (
        {"count": "7"},
        {"count": "x"},
        {},
        {"count": "3", "first_minor": "19.99"},
        {"count": "3", "first_minor": "a"},
    ):
        assert browser.post(here, wrong).status_code == 422
    assert amounts(offered) == []
    assert browser.post(here, {"count": "3", "first_minor": "40,00"}).status_code == 302
    assert amounts(offered) == [40_00, 30_00, 30_00]
    assert browser.post(f"/invoices/{offered.pk}/plan/deletion/").status_code == 302
    assert amounts(offered) == []


def test_strangers_find_no_page(
    in_northwind: CurrentAgency, offered: Invoice, charlie: Client, maria: Client
) -> None:
    here = f"/invoices/{offered.pk}/plan/"
    assert visit_portal(in_northwind, charlie).get(here).status_code == 404
    for rest in ("plan/", "plan/deletion/", "autopay/"):
        answer = visit_portal(in_northwind, charlie).post(
            f"/invoices/{offered.pk}/{rest}", {"count": "2", "on": "yes"}
        )
        assert answer.status_code == 404
    maria.memberships.update(rights=["view_money"])
    assert visit_portal(in_northwind, maria).get(here).status_code == 404


def test_staff_set_the_limits(
    in_northwind: CurrentAgency, invoice: Invoice, alice: Account, hugo: Account
) -> None:
    here = f"/invoices/{invoice.pk}/ways/"
    form = {"autopay": "required", "plan_parts": "4", "plan_first_percent": ""}
    assert visit_console(in_northwind, hugo).post(here, form).status_code == 404
    assert visit_console(in_northwind, alice).post(here, form | {"plan_parts": "99"}).status_code == 422
    assert visit_console(in_northwind, alice).post(here, form).status_code == 302
    changed = fresh(invoice)
    assert (changed.autopay, changed.plan_parts, changed.plan_first_percent) == ("required", 4, None)
