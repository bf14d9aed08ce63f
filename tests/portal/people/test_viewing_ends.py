"""However a look at the portal as a client ends, it is written down once; and errors met meanwhile show the way out."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from time_machine import travel

from kit import clock
from portal.audit.models import AuditEntry
from portal.people import roles, viewing_ends
from portal.people.jobs import note_ended_viewings
from portal.people.models import VIEWING_LASTS, Client, Staff, TeamSettings, ViewAs
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import portal_browser
from tests.portal.people.test_viewing import jonas, looking

__all__ = ["jonas"]
BANNER = "You see the portal as Maria"


def entries() -> list[str]:
    found = AuditEntry.objects.filter(verb="people.viewing_ended").order_by("pk")
    return list(found.values_list("summary", flat=True))


def has_way_out(page: Any) -> bool:
    text = page.content.decode()
    return BANNER in text and 'action="/viewing/end/"' in text and "csrfmiddlewaretoken" in text


def test_errors_met_while_looking_show_whose_portal_it_is_and_the_way_out(
    northwind: CurrentAgency, alice: Account, maria: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal = looking(alice, maria, northwind)
    portal.raise_request_exception = False
    for path in ("/nowhere/at/all/", "/projects/987654/", "/files/requests/987654/"):
        page = portal.get(path)
        assert page.status_code == 404 and has_way_out(page), path
    assert (page := portal.get("/waiting/hand/")).status_code in (403, 404, 405) and has_way_out(page)
    from modules.projects.models import Project

    def past_our_eyes() -> None:
        with connection.cursor() as cursor:
            cursor.execute("WITH a AS (UPDATE people_client SET name = 'X' RETURNING 1) SELECT * FROM a")

    def broken() -> None:
        raise ValueError("broken")

    for fails, status in ((past_our_eyes, 403), (broken, 500)):
        monkeypatch.setattr(Project.objects.__class__, "visible_to", lambda self, client, do=fails: do())
        page = portal.get("/projects/")
        assert page.status_code == status and has_way_out(page), status
        monkeypatch.undo()
    ended = portal.post("/viewing/end/")
    assert ended.status_code == 200 and portal.get("/").status_code == 302


def test_a_method_that_a_page_does_not_take_is_answered_with_a_page(
    northwind: CurrentAgency, alice: Account, maria: Client
) -> None:
    portal = looking(alice, maria, northwind)
    page = portal.get("/projects/1/updates/1/comments/")
    assert page.status_code == 405 and has_way_out(page) and "POST" in page["Allow"]


def test_errors_of_others_show_no_banner(northwind: CurrentAgency, maria: Client) -> None:
    for browser in (portal_browser(northwind, maria), portal_browser(northwind)):
        assert "You see the portal as" not in browser.get("/nowhere/at/all/").content.decode()


def test_one_that_ends_by_itself_is_shown_to_the_client_and_written_down_once(
    northwind: CurrentAgency, alice: Account, maria: Client
) -> None:
    now = clock.now()
    with travel(now, tick=False):
        looking(alice, maria, northwind)
        log = portal_browser(northwind, maria).get("/profile/").content.decode()
        assert "at most, not ended yet" in log
        with inside(northwind):
            assert viewing_ends.end_those_over() == 0
    with inside(northwind):
        row = ViewAs.objects.get()
    zone, begun = northwind.tzinfo, row.begun_at
    assert begun is not None
    over = (begun + VIEWING_LASTS).astimezone(zone)
    said = f"{begun.astimezone(zone):%H:%M} to {over:%H:%M} ·"
    with travel(now + timedelta(minutes=45), tick=False):
        assert said in portal_browser(northwind, maria).get("/profile/").content.decode(), "before the job"
        with inside(northwind):
            note_ended_viewings()
            note_ended_viewings()
            assert [viewing_ends._end_by_itself(row), len(entries())] == [False, 1], "and never twice"
            assert "ended by itself" in entries()[0] and f"{over:%H:%M}" in entries()[0]
            row.refresh_from_db()
            assert row.ended_at == row.expires_at
            entry = AuditEntry.objects.get(verb="people.viewing_ended")
            assert entry.subject == f"client:{maria.pk}"
        assert said in portal_browser(northwind, maria).get("/profile/").content.decode()


def test_one_that_was_left_is_not_written_down_again(
    northwind: CurrentAgency, alice: Account, maria: Client
) -> None:
    portal = looking(alice, maria, northwind)
    portal.post("/viewing/end/")
    with travel(clock.now() + timedelta(hours=2), tick=False), inside(northwind):
        note_ended_viewings()
        assert len(entries()) == 1 and "by itself" not in entries()[0]


def test_one_that_is_not_allowed_any_more_ends_at_the_next_click_and_that_is_written_down(
    northwind: CurrentAgency, jonas: Account, maria: Client
) -> None:
    portal = looking(jonas, maria, northwind)
    with inside(northwind):
        TeamSettings.objects.create(pk=1, members_may_view=False)
    assert portal.get("/").status_code == 403
    assert portal.get("/profile/").status_code in (302, 403)
    with inside(northwind):
        assert len(entries()) == 1 and "not allowed any more" in entries()[0]
        assert ViewAs.objects.get().ended_at is not None
        TeamSettings.objects.update(members_may_view=True)
    assert portal.get("/").status_code in (302, 403), "it does not come back"


def test_who_leaves_the_team_looks_no_longer_and_that_is_written_down(
    northwind: CurrentAgency, alice: Account, jonas: Account, maria: Client
) -> None:
    portal = looking(jonas, maria, northwind)
    with inside(northwind):
        staff = {one.account_id: one for one in Staff.objects.all()}
        roles.remove_staff(staff[jonas.pk], by=staff[alice.pk])
        assert len(entries()) == 1 and "not of the team" in entries()[0]
    assert portal.get("/").status_code in (302, 403)


def test_one_that_was_over_before_somebody_left_keeps_its_moment(
    northwind: CurrentAgency, alice: Account, jonas: Account, maria: Client
) -> None:
    looking(jonas, maria, northwind)
    with travel(clock.now() + timedelta(hours=5), tick=False), inside(northwind):
        staff = {one.account_id: one for one in Staff.objects.all()}
        roles.remove_staff(staff[jonas.pk], by=staff[alice.pk])
        row = ViewAs.objects.get()
        assert row.ended_at == row.expires_at and len(entries()) == 1
