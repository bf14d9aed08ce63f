"""Waiting on you: one queue over all modules, handed over to colleagues who may, mailed once a week."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from kit import clock
from portal import registry
from portal.mail.models import Message
from portal.people.models import Bundle, Client, Company, CompanyMembership, Right
from portal.waiting import jobs, operations, queries
from portal.waiting.models import HandedOn, WaitingSettings
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser, portal_browser
from tests.portal.waiting.asked import ask_for_review, colleague

MONDAY_MORNING = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)  # 8:30 in Berlin


@pytest.fixture
def nora(northwind: CurrentAgency, maria: Client) -> Client:
    """Maria's colleague, who may approve."""
    return colleague(northwind, "Nora Lind", Bundle.APPROVER)


@pytest.fixture
def key(northwind: CurrentAgency) -> str:
    """A line that waits on everybody of Brightside who may approve."""
    return ask_for_review(northwind, "The homepage")


def labels(agency: CurrentAgency, client: Client) -> list[str]:
    with inside(agency):
        return [line.label for line in queries.mailed_lines(client)]


def test_every_line_of_every_module_can_be_named(northwind: CurrentAgency, maria: Client, key: str) -> None:
    with inside(northwind):
        lines = queries.lines_of(maria)
        assert [line.key for line in lines] == [key]
        assert lines[0].url.startswith("/deliverables/")


def test_a_line_is_handed_to_a_colleague_who_may(
    northwind: CurrentAgency, maria: Client, nora: Client, key: str
) -> None:
    browser = portal_browser(northwind, maria)
    assert b"Hand over" in browser.get("/").content
    answer = browser.post(f"/waiting/hand-over/?line={key}", {"to": nora.pk, "note": "You know it best."})
    assert answer.status_code == 302
    page = browser.get("/").content.decode()
    assert "Nora Lind has it since" in page and "Waiting on you" not in page
    assert (
        "Maria Silva asks you: You know it best." in portal_browser(northwind, nora).get("/").content.decode()
    )
    with inside(northwind):
        message = Message.objects.get(email="waiting.handed_on")
        assert message.client == nora and message.words["line"]["url"].startswith("http")
    assert labels(northwind, maria) == [] and labels(northwind, nora) == ["Review The homepage"]


def test_it_is_taken_back(northwind: CurrentAgency, maria: Client, nora: Client, key: str) -> None:
    browser = portal_browser(northwind, maria)
    browser.post(f"/waiting/hand-over/?line={key}", {"to": nora.pk})
    browser.post("/waiting/return/", {"line": key})
    assert "Waiting on you" in browser.get("/").content.decode()


def test_two_colleagues_cannot_give_it_to_each_other(
    northwind: CurrentAgency, maria: Client, nora: Client, key: str
) -> None:
    portal_browser(northwind, maria).post(f"/waiting/hand-over/?line={key}", {"to": nora.pk})
    portal_browser(northwind, nora).post(f"/waiting/hand-over/?line={key}", {"to": maria.pk})
    assert labels(northwind, maria) and not labels(northwind, nora)


@pytest.mark.parametrize("who", ["viewer", "charlie", "tom", "removed", "nobody"])
def test_nobody_gets_a_line_who_may_not_do_it(
    northwind: CurrentAgency, maria: Client, nora: Client, charlie: Client, tom: Client, key: str, who: str
) -> None:
    if who == "removed":
        with inside(northwind):
            Client.objects.filter(pk=nora.pk).update(removed_at=clock.now())
    viewer = colleague(northwind, "Vera Lund", Bundle.VIEWER)
    to = {"viewer": viewer.pk, "charlie": charlie.pk, "tom": tom.pk, "removed": nora.pk, "nobody": 0}[who]
    answer = portal_browser(northwind, maria).post(f"/waiting/hand-over/?line={key}", {"to": to})
    assert answer.status_code == 422
    with inside(northwind):
        assert (
            not HandedOn.objects.exists() and not Message.objects.filter(email="waiting.handed_on").exists()
        )


def test_a_line_of_others_is_not_there(
    northwind: CurrentAgency, maria: Client, charlie: Client, key: str
) -> None:
    for line in (key, "deliverables.deliverable:999", "", "x" * 500):
        assert (
            portal_browser(northwind, charlie).get("/waiting/hand-over/", {"line": line}).status_code == 404
        )


def test_it_is_the_givers_again_when_the_colleague_leaves(
    northwind: CurrentAgency, maria: Client, nora: Client, key: str
) -> None:
    browser = portal_browser(northwind, maria)
    browser.post(f"/waiting/hand-over/?line={key}", {"to": nora.pk})
    with inside(northwind):
        CompanyMembership.objects.filter(client=nora).delete()
    assert "Waiting on you" in browser.get("/").content.decode()


def test_it_is_the_givers_again_when_the_colleague_may_no_longer_do_it(
    northwind: CurrentAgency, maria: Client, nora: Client, key: str
) -> None:
    browser = portal_browser(northwind, maria)
    browser.post(f"/waiting/hand-over/?line={key}", {"to": nora.pk})
    with inside(northwind):
        CompanyMembership.objects.filter(client=nora).update(rights=[])
    assert "Waiting on you" in browser.get("/").content.decode()


def test_the_weekly_mail_goes_out_once_to_whom_something_waits_on(
    northwind: CurrentAgency, maria: Client, nora: Client, charlie: Client, key: str
) -> None:
    with time_machine.travel(MONDAY_MORNING, tick=False), inside(northwind):
        for _ in range(3):
            jobs.weekly_part(after=0)
        sent = Message.objects.filter(email="waiting.weekly")
        assert {message.client_id for message in sent} == {maria.pk, nora.pk} and sent.count() == 2
        assert sent[0].words["lines"][0]["label"] == "Review The homepage"
    with time_machine.travel(MONDAY_MORNING + timedelta(days=7), tick=False), inside(northwind):
        jobs.weekly_part(after=0)
        assert sent.all().count() == 4


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (MONDAY_MORNING, True),
        (MONDAY_MORNING - timedelta(minutes=31), False),
        (MONDAY_MORNING + timedelta(hours=23), True),
        (MONDAY_MORNING + timedelta(hours=24), False),
        (MONDAY_MORNING + timedelta(days=3), False),
    ],
)
def test_its_day_and_hour_are_the_agencys(northwind: CurrentAgency, moment: datetime, expected: bool) -> None:
    with time_machine.travel(moment, tick=False), inside(northwind):
        assert operations.is_time() is expected


def test_the_agency_can_turn_it_off(northwind: CurrentAgency, alice: Any) -> None:
    browser = console_browser(alice)
    assert browser.post("/northwind/to-do/weekly-mail/", {"weekday": "2", "hour": "9"}).status_code == 302
    with inside(northwind):
        assert str(WaitingSettings.load()) == "off"
    assert browser.post("/northwind/to-do/weekly-mail/", {"weekday": "9", "hour": "99"}).status_code == 422
    with time_machine.travel(MONDAY_MORNING, tick=False), inside(northwind):
        assert not operations.is_time()


def test_who_lost_access_is_not_mailed(northwind: CurrentAgency, maria: Client, key: str) -> None:
    with inside(northwind):
        Client.objects.filter(pk=maria.pk).update(removed_at=clock.now())
        assert not operations.mail_week(Client.objects.get(pk=maria.pk))


def test_staff_see_what_waits_on_them(northwind: CurrentAgency, alice: Any) -> None:
    from modules.deliverables.models import Deliverable, State

    ask_for_review(northwind, "The homepage")
    with inside(northwind):
        Deliverable.objects.update(state=State.CHANGES)
    for path in ("/northwind/", "/northwind/to-do/"):
        assert b"Changes to The homepage" in console_browser(alice).get(path).content


def test_lines_have_keys_in_every_module() -> None:
    """A line without a key could not be handed over; each module's source names one."""
    import inspect

    for module in registry.all_modules():
        if module.waiting:
            assert "key=" in inspect.getsource(inspect.getmodule(module.waiting)), module.key  # type: ignore[arg-type]


def test_right_that_counts_is_the_companys(northwind: CurrentAgency, maria: Client, key: str) -> None:
    """Who may approve elsewhere may not here."""
    with inside(northwind):
        oakley = Company.objects.get(name="Oakley")
        other = Client.objects.create(email="olga@client.example", name="Olga")
        brightside = Company.objects.get(name="Brightside")
        CompanyMembership.objects.create(client=other, company=oakley, bundle=Bundle.OWNER)
        CompanyMembership.objects.create(client=other, company=brightside, bundle=Bundle.VIEWER)
        assert other.may(Right.APPROVE, oakley)
    assert (
        portal_browser(northwind, maria).post(f"/waiting/hand-over/?line={key}", {"to": other.pk}).status_code
        == 422
    )
