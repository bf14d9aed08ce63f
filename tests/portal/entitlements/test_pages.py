"""What staff see and do: who may use what and why; give by hand, another last day, pause, end."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from kit import clock
from portal.entitlements import operations, things
from portal.entitlements.models import Entitlement
from portal.entitlements.queries import may_use, opened_since
from portal.people.models import Client, Company, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.api.conftest import caller, key_for
from tests.cast import console_browser

AT = "/northwind/entitlements/"
COURSE = "courses.course:12"


def words(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def buy(
    owner: Company | Client, source: str = "subscriptions.subscription:7", key: str = COURSE
) -> Entitlement:
    purchase = Entitlement.Reason.PURCHASE
    return operations.grant(owner=owner, key=key, source=source, reason=purchase, note="Website care")


@pytest.fixture
def course() -> Iterator[None]:
    """A module that says what its keys name."""
    things.openable("courses.course", label="Course", titles=lambda: {"12": "Brand basics"})
    yield
    things._openable.clear()


def test_staff_give_by_hand_with_a_last_day(northwind: CurrentAgency, alice: Account, tom: Client) -> None:
    browser = console_browser(alice)
    assert "Nothing is open yet" in words(browser.get(AT))
    day = northwind.today() + timedelta(days=3)
    sent = {"owner": f"client-{tom.pk}", "key": COURSE, "until": f"{day:%Y-%m-%d}", "note": "A gift"}
    response = browser.post(f"{AT}new/", sent)
    with inside(northwind):
        made = Entitlement.objects.get()
        assert response["Location"] == f"{AT}{made.pk}/"
        assert may_use(tom, COURSE) and made.given_by is not None
        assert made.until is not None
        with time_machine.travel(made.until - timedelta(minutes=1)):
            assert may_use(tom, COURSE)
        with time_machine.travel(made.until + timedelta(seconds=1)):
            assert not may_use(tom, COURSE)
        assert made.until.astimezone(northwind.tzinfo).date() == day
    page = words(browser.get(f"{AT}{made.pk}/"))
    assert "Given by staff: A gift" in page and "Alice Moreno" in page and "Tom Becker may use" in page
    assert "Given by staff: A gift" in words(browser.get(AT))
    assert "Course 12" in words(browser.get(f"/northwind/clients/{tom.pk}/"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"owner": "client-0"}, "owner"),
        ({"key": "everything"}, "key"),
        ({"until": "2001-01-01"}, "until"),
        ({"until": "soon"}, "until"),
        ({"note": "a\x00b"}, "note"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    northwind: CurrentAgency, alice: Account, tom: Client, change: dict[str, str], field: str
) -> None:
    sent = {"owner": f"client-{tom.pk}", "key": COURSE, "until": "", "note": ""} | change
    response = console_browser(alice).post(f"{AT}new/", sent)
    assert response.status_code == 422 and field in response.context["form"].errors
    with inside(northwind):
        assert not Entitlement.objects.exists()


def test_twice_by_hand_is_refused(northwind: CurrentAgency, alice: Account, tom: Client) -> None:
    browser = console_browser(alice)
    sent = {"owner": f"client-{tom.pk}", "key": COURSE}
    browser.post(f"{AT}new/", sent)
    assert b"by hand already" in browser.post(f"{AT}new/", sent).content
    with inside(northwind):
        assert Entitlement.objects.count() == 1
        buy(tom)  # another reason is another row
        assert Entitlement.objects.count() == 2


def test_a_pause_stops_the_clock_and_the_end_ends(
    northwind: CurrentAgency, alice: Account, tom: Client
) -> None:
    browser = console_browser(alice)
    day = northwind.today() + timedelta(days=9)
    browser.post(f"{AT}new/", {"owner": f"client-{tom.pk}", "key": COURSE, "until": f"{day:%Y-%m-%d}"})
    with inside(northwind):
        given = Entitlement.objects.get()
        before, begun = given.until, opened_since(tom, COURSE)
    browser.post(f"{AT}{given.pk}/pause/")
    with inside(northwind):
        assert not may_use(tom, COURSE) and opened_since(tom, COURSE) is None
    with time_machine.travel(clock.now() + timedelta(days=5)):
        assert "Paused" in words(browser.get(f"{AT}{given.pk}/"))
        browser.post(f"{AT}{given.pk}/resumption/")
        with inside(northwind):
            given.refresh_from_db()
            assert before and given.until and (given.until - before).days == 5
            since = opened_since(tom, COURSE)
            assert begun and since and (since - begun).days == 5
            assert may_use(tom, COURSE)
        browser.post(f"{AT}{given.pk}/end/")
        with inside(northwind):
            assert not may_use(tom, COURSE)
        assert b"ended already" in browser.post(f"{AT}{given.pk}/end/", follow=True).content


def test_another_last_day(northwind: CurrentAgency, alice: Account, tom: Client) -> None:
    browser = console_browser(alice)
    browser.post(f"{AT}new/", {"owner": f"client-{tom.pk}", "key": COURSE})
    with inside(northwind):
        given = Entitlement.objects.get()
    day = northwind.today() + timedelta(days=2)
    assert browser.post(f"{AT}{given.pk}/last-day/", {"until": "2001-01-01"}).status_code == 422
    assert browser.post(f"{AT}{given.pk}/last-day/", {"until": f"{day:%Y-%m-%d}"}).status_code == 302
    with inside(northwind):
        given.refresh_from_db()
        assert given.until is not None and given.until.astimezone(northwind.tzinfo).date() == day
    browser.post(f"{AT}{given.pk}/last-day/", {"until": ""})
    with inside(northwind):
        given.refresh_from_db()
        assert given.until is None


def test_what_was_bought_is_not_changed_by_hand(
    northwind: CurrentAgency, alice: Account, maria: Client
) -> None:
    browser = console_browser(alice)
    with inside(northwind):
        bought = buy(Company.objects.get(name="Brightside"))
    page = words(browser.get(f"{AT}{bought.pk}/"))
    assert "it pauses and ends with it" in page and "/northwind/subscriptions/7/" in page
    for verb in ("end", "pause", "resumption"):
        browser.post(f"{AT}{bought.pk}/{verb}/")
    assert browser.post(f"{AT}{bought.pk}/last-day/", {"until": ""}).status_code == 422
    with inside(northwind):
        assert may_use(maria, COURSE)


def test_a_member_looks_and_changes_nothing(northwind: CurrentAgency, alice: Account, tom: Client) -> None:
    with inside(northwind):
        given = buy(tom, source="portal.hand:1")
        Entitlement.objects.update(reason="hand")
        Staff.objects.update(role=Staff.Role.MEMBER)
    browser = console_browser(alice)
    assert "End it" not in words(browser.get(f"{AT}{given.pk}/"))
    assert browser.get(f"{AT}new/").status_code == 403
    for verb in ("end", "pause", "resumption", "last-day"):
        assert browser.post(f"{AT}{given.pk}/{verb}/").status_code == 403
    with inside(northwind):
        assert may_use(tom, COURSE)


def test_nothing_of_another_agency_shows(
    northwind: CurrentAgency, harbour: CurrentAgency, alice: Account, tom: Client, ines: Client
) -> None:
    with inside(harbour):
        buy(ines)
        buy(ines, key="courses.course:99")
        theirs = Entitlement.objects.get(key="courses.course:99").pk
    browser = console_browser(alice)
    assert "Nothing is open yet" in words(browser.get(AT))
    assert browser.get(f"{AT}{theirs}/").status_code == 404
    assert browser.get("/harbour/entitlements/").status_code in (302, 404)


def test_the_list_of_one_client_holds_its_companies_and_nobody_elses(
    northwind: CurrentAgency, alice: Account, maria: Client, tom: Client
) -> None:
    with inside(northwind):
        buy(Company.objects.get(name="Brightside"))
        buy(tom, key="courses.course:99")
        operations.revoke(source="subscriptions.subscription:7", key="courses.course:99")
        buy(tom, key="courses.course:50")
    browser = console_browser(alice)
    page = words(browser.get(f"{AT}?client={maria.pk}"))
    assert "Course 12" in page and "Course 50" not in page
    page = words(browser.get(f"{AT}?which=over"))
    assert "Course 99" in page and "Course 50" not in page
    assert "Course 50" in words(browser.get(f"{AT}?q=becker"))
    assert "Nothing fits" in words(browser.get(f"{AT}?q=nobody"))
    for wrong in ("client=x", "client=0", "client=99999999999999999999", "after=%00"):
        assert browser.get(f"{AT}?{wrong}").status_code == 404


def test_a_module_names_what_its_keys_open(
    northwind: CurrentAgency, alice: Account, tom: Client, course: None
) -> None:
    browser = console_browser(alice)
    assert "Brand basics" in words(browser.get(f"{AT}new/?client={tom.pk}"))
    browser.post(f"{AT}new/", {"owner": f"client-{tom.pk}", "key": COURSE})
    assert "Course: Brand basics" in words(browser.get(AT))
    wrong = browser.post(f"{AT}new/", {"owner": f"client-{tom.pk}", "key": "courses.course:13"})
    assert wrong.status_code == 422


def test_programs_read_who_may_use_what(northwind: CurrentAgency, tom: Client, maria: Client) -> None:
    with inside(northwind):
        buy(tom)
        buy(Company.objects.get(name="Brightside"), key="courses.course:50")
    call = caller(key_for(northwind, "entitlements:read"))
    rows = call("GET", "entitlements/").json()["items"]
    assert [row["key"] for row in rows] == ["courses.course:50", COURSE]
    assert rows[1]["state"] == "open" and rows[1]["client_id"] == tom.pk and rows[1]["name"] == "Course 12"
    rows = call("GET", f"entitlements/?client_id={maria.pk}").json()["items"]
    assert [row["key"] for row in rows] == ["courses.course:50"]
    assert call("GET", f"entitlements/?key={COURSE}").json()["items"][0]["id"] == rows[0]["id"] - 1
    assert call("GET", f"entitlements/{rows[0]['id']}/").json()["source"] == "subscriptions.subscription:7"
    assert call("GET", "entitlements/?client_id=0").status_code == 404
    assert call("GET", "entitlements/0/").status_code == 404
    assert caller(key_for(northwind, "clients:read"))("GET", "entitlements/").status_code == 403
