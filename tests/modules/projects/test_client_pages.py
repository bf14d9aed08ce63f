"""What clients see of projects, and what they are refused."""

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from modules.projects import operations
from modules.projects.models import Project, Update, UpdateComment
from portal.people.models import Client, CompanyMembership, Staff
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency, AgencyState
from tenants.routing import hosts
from tests.cast import portal_browser

UNKNOWN = 987_654_321


def comments_of(update: Update) -> str:
    return f"/projects/{update.project_id}/updates/{update.pk}/comments/"


def test_maria_sees_where_her_companys_project_stands(
    northwind: CurrentAgency, website: Project, news: Update, maria: Client
) -> None:
    page = portal_browser(northwind, maria).get(f"/projects/{website.pk}/").content.decode()
    for words in (
        "New website",
        "In progress",
        "On track",
        "17 %",
        "1 of 3 done, larger ones count more",
        "Alice Moreno",
    ):
        assert words in page
    for words in (
        "Site map",
        "Design",
        "Launch",
        "The drafts are ready.",
        "Faster and calmer.",
        "30 June 2026",
    ):
        assert words in page


def test_the_agencys_own_word_stands_for_the_status(
    northwind: CurrentAgency, website: Project, maria: Client, alice_staff: Staff
) -> None:
    with inside(northwind):
        operations.edit_project(website, by=alice_staff, status_label="Design sprint", health="at_risk")
    page = portal_browser(northwind, maria).get(f"/projects/{website.pk}/").content.decode()
    assert "Design sprint" in page and "At risk" in page


def test_without_milestones_it_says_so_instead_of_nought_per_cent(
    northwind: CurrentAgency, portfolio: Project, tom: Client
) -> None:
    browser = portal_browser(northwind, tom)
    for path in ("/", "/projects/", f"/projects/{portfolio.pk}/"):
        page = browser.get(path).content.decode()
        assert "No milestones yet" in page and "0 %" not in page


def test_deadlines_show_the_next_and_the_overdue(
    northwind: CurrentAgency, website: Project, maria: Client
) -> None:
    browser = portal_browser(northwind, maria)
    with inside(northwind):
        website.milestones.filter(name="Design").update(due_on=date(2026, 3, 1))
        website.milestones.filter(name="Launch").update(due_on=date(2026, 4, 1))
    with time_machine.travel("2026-03-01 12:00Z"):
        assert "Overdue" not in browser.get(f"/projects/{website.pk}/").content.decode()
        assert "Next: Design, 1 March" in browser.get("/").content.decode()
    with time_machine.travel("2026-03-02 12:00Z"):
        assert "Overdue" in browser.get(f"/projects/{website.pk}/").content.decode()
        assert "Overdue: Design, 1 March" in browser.get("/").content.decode()


def test_the_card_shows_three_and_leads_to_all(
    northwind: CurrentAgency, website: Project, maria: Client, alice_staff: Staff
) -> None:
    with inside(northwind):
        for name in ("Logo", "Film", "Posters"):
            operations.create_project(owner=website.owner, by=alice_staff, name=name)
    response = portal_browser(northwind, maria).get("/")
    (card,) = [card for card in response.context["cards"] if card.module.key == "projects"]
    assert [project.name for project in card.words["projects"]] == ["Posters", "Film", "Logo"]
    assert "All projects" in response.content.decode()


def test_tom_reads_what_is_his_alone(
    northwind: CurrentAgency, website: Project, portfolio: Project, tom: Client
) -> None:
    page = portal_browser(northwind, tom).get("/projects/").content.decode()
    assert "Portfolio" in page and "New website" not in page


def test_charlie_gets_the_same_404_for_anothers_project_as_for_none(
    northwind: CurrentAgency, website: Project, portfolio: Project, news: Update, charlie: Client
) -> None:
    browser = portal_browser(northwind, charlie)
    unknown = browser.get(f"/projects/{UNKNOWN}/")
    assert unknown.status_code == 404
    for project in (website, portfolio):
        foreign = browser.get(f"/projects/{project.pk}/")
        assert (foreign.status_code, foreign.content) == (404, unknown.content)
    nowhere = browser.post(f"/projects/{UNKNOWN}/updates/{UNKNOWN}/comments/", {"text": "Hello"})
    foreign = browser.post(comments_of(news), {"text": "Hello"})
    assert (foreign.status_code, foreign.content) == (nowhere.status_code, nowhere.content)
    assert foreign.status_code == 404
    with inside(northwind):
        assert not UpdateComment.objects.exists()


def test_charlie_finds_no_section_no_card_and_an_empty_list(
    northwind: CurrentAgency, website: Project, charlie: Client
) -> None:
    browser = portal_browser(northwind, charlie)
    home = browser.get("/")
    assert home.context["cards"] == [] and "/projects/" not in home.content.decode()
    assert "New website" not in browser.get("/projects/").content.decode()


def test_ines_of_another_agency_finds_nothing(
    northwind: CurrentAgency, harbour: CurrentAgency, website: Project, boat: Project, ines: Client
) -> None:
    browser = portal_browser(harbour, ines)
    assert "Boat brochure" in browser.get(f"/projects/{boat.pk}/").content.decode()
    for project_id in {website.pk, UNKNOWN} - {boat.pk}:
        assert browser.get(f"/projects/{project_id}/").status_code == 404


def test_a_number_that_both_agencies_have_opens_ones_own_project(
    northwind: CurrentAgency, harbour: CurrentAgency, website: Project, boat: Project, maria: Client
) -> None:
    page = portal_browser(northwind, maria).get(f"/projects/{boat.pk}/").content.decode()
    assert "Boat brochure" not in page


def test_who_leaves_the_company_is_out_at_the_next_request(
    northwind: CurrentAgency, website: Project, maria: Client
) -> None:
    browser = portal_browser(northwind, maria)
    assert browser.get(f"/projects/{website.pk}/").status_code == 200
    with inside(northwind):
        CompanyMembership.objects.filter(client=maria).delete()
    assert browser.get(f"/projects/{website.pk}/").status_code == 404


def test_a_comment_is_posted_and_says_who_gets_it(
    northwind: CurrentAgency, website: Project, news: Update, maria: Client
) -> None:
    browser = portal_browser(northwind, maria)
    response = browser.post(comments_of(news), {"text": "Lovely! <script>alert(1)</script>"})
    assert response.status_code == 302
    assert response["Location"] == f"/projects/{website.pk}/#update-{news.pk}"
    page = browser.get(f"/projects/{website.pk}/").content.decode()
    assert "Comment posted. Alice Moreno gets it by mail now." in page
    assert "Lovely! &lt;script&gt;" in page and "<script>alert" not in page


@pytest.mark.parametrize("text", ["", "  ", "x" * 10_001, "a\x00b"])
def test_a_bad_comment_comes_back_with_the_reason_and_the_words(
    northwind: CurrentAgency, news: Update, maria: Client, text: str
) -> None:
    response = portal_browser(northwind, maria).post(comments_of(news), {"text": text})
    assert response.status_code == 422 and "field__error" in response.content.decode()
    with inside(northwind):
        assert not UpdateComment.objects.exists()


def test_an_update_of_one_project_is_not_there_under_another(
    northwind: CurrentAgency, portfolio: Project, news: Update, maria: Client
) -> None:
    browser = portal_browser(northwind, maria)
    wrong = f"/projects/{portfolio.pk}/updates/{news.pk}/comments/"
    assert browser.post(wrong, {"text": "x"}).status_code == 404


def test_an_archived_project_is_read_but_not_commented(
    northwind: CurrentAgency, website: Project, news: Update, maria: Client, alice_staff: Staff
) -> None:
    with inside(northwind):
        operations.archive_project(website, by=alice_staff)
    browser = portal_browser(northwind, maria)
    page = browser.get(f"/projects/{website.pk}/").content.decode()
    assert "The drafts are ready." in page and "This project is archived" in page
    assert "Post comment" not in page
    assert browser.post(comments_of(news), {"text": "Still there?"}).status_code == 422
    with inside(northwind):
        assert not UpdateComment.objects.exists()


def test_a_read_only_agency_takes_no_comment(northwind: CurrentAgency, news: Update, maria: Client) -> None:
    Agency.objects.filter(pk=northwind.id).update(state=AgencyState.READ_ONLY)
    hosts.forget_all()
    browser = portal_browser(northwind, maria)
    assert browser.get(f"/projects/{news.project_id}/").status_code == 200
    assert browser.post(comments_of(news), {"text": "Hello"}).status_code == 403


def test_moments_are_shown_in_the_clients_zone(
    northwind: CurrentAgency, website: Project, maria: Client, alice_staff: Staff
) -> None:
    with inside(northwind), time_machine.travel("2026-03-01 23:30Z", tick=False):
        operations.post_update(website, text="Late news.", by=alice_staff)
    browser = portal_browser(northwind, maria)
    assert "2 March 2026, 00:30" in browser.get(f"/projects/{website.pk}/").content.decode()
    with inside(northwind):
        Client.objects.filter(pk=maria.pk).update(zone="America/New_York")
    assert "1 March 2026, 18:30" in browser.get(f"/projects/{website.pk}/").content.decode()


def test_addresses_that_no_number_fits_are_not_there(
    northwind: CurrentAgency, website: Project, maria: Client
) -> None:
    browser = portal_browser(northwind, maria)
    for path in (f"/projects/{10**30}/", "/projects/0/", "/projects/new/", f"/projects/{website.pk}/tasks/"):
        assert browser.get(path).status_code == 404, path
    assert browser.get("/projects/?page=99%00").status_code == 200
    assert browser.get(f"/projects/{website.pk}/?page=-7").status_code == 200


def questions(browser: Browser, path: str) -> int:
    """How many questions about projects a page asks of the database."""
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(path).status_code == 200
    return sum("projects_" in query["sql"] for query in asked.captured_queries)


def test_a_page_asks_no_more_with_many_projects(
    northwind: CurrentAgency, website: Project, news: Update, maria: Client, alice_staff: Staff
) -> None:
    browser = portal_browser(northwind, maria)
    paths = ("/projects/", f"/projects/{website.pk}/", "/")
    with inside(northwind):
        operations.comment_as_client(news, client=maria, text="Thanks.")
    before = [questions(browser, path) for path in paths]
    with inside(northwind):
        for number in range(12):
            project = operations.create_project(owner=website.owner, by=alice_staff, name=f"No {number}")
            operations.add_milestone(project, by=alice_staff, name="Step")
            update = operations.post_update(website, text=f"News {number}", by=alice_staff)
            operations.comment_as_client(update, client=maria, text="Thanks.")
    assert [questions(browser, path) for path in paths] == before
