"""What staff do on the console, by its forms, as a browser without scripts sends them."""

from typing import Any

import pytest
from django.test import Client as Browser

from modules.projects import operations
from modules.projects.models import InternalComment, Milestone, Project, Task, Update, UpdateComment
from portal.audit.models import AuditEntry
from portal.people.models import Client, Staff
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser

UNKNOWN = 987_654_321


@pytest.fixture
def console(alice: Account) -> Browser:
    return console_browser(alice)


@pytest.fixture
def member(northwind: CurrentAgency) -> Browser:
    """Jonas, who is neither owner nor admin."""
    account = Account.objects.create_user("jonas@northwind.example", "x", name="Jonas Weber")
    Membership.objects.create(account=account, agency_id=northwind.id, role=Role.MEMBER)
    with inside(northwind):
        Staff.objects.create(account_id=account.pk, name="Jonas Weber", email=account.email)
    return console_browser(account)


def at(project: Project, rest: str = "") -> str:
    return f"/northwind/projects/{project.pk}/{rest}"


def settings_of(project: Project, **other: Any) -> dict[str, Any]:
    fields = {"name": project.name, "status": project.status, "health": project.health, "rounds_included": 2}
    return fields | other


def test_every_tab_opens(console: Browser, website: Project, portfolio: Project, news: Update) -> None:
    tabs = ["", "updates/", "tasks/", "notes/", "access/", "settings/", f"updates/{news.pk}/"]
    for project in (website, portfolio):
        for tab in tabs[: None if project == website else -1]:
            response = console.get(at(project, tab))
            assert response.status_code == 200 and project.name in response.content.decode(), tab
    for path in ("/northwind/projects/", "/northwind/projects/new/", "/northwind/"):
        assert console.get(path).status_code == 200


def test_a_project_is_made_from_the_form(
    console: Browser, northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    with inside(northwind):
        company = maria.companies.get()
    fields = {"name": "Logo", "owner": f"company-{company.pk}", "status": "planned", "health": "on_track"}
    response = console.post("/northwind/projects/new/", fields | {"lead": alice_staff.pk})
    with inside(northwind):
        project = Project.objects.get()
        assert (project.company, project.lead, project.status) == (company, alice_staff, "planned")
        assert AuditEntry.objects.latest("pk").actor_id == alice_staff.pk
    assert response["Location"] == at(project)


def test_a_project_is_made_for_a_lone_client(console: Browser, northwind: CurrentAgency, tom: Client) -> None:
    fields = {"name": "Logo", "owner": f"client-{tom.pk}", "status": "active", "health": "on_track"}
    assert console.post("/northwind/projects/new/", fields).status_code == 302
    with inside(northwind):
        assert Project.objects.get().client == tom


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"owner": ""}, "owner"),
        ({"owner": f"company-{UNKNOWN}"}, "owner"),
        ({"owner": "client-x"}, "owner"),
        ({"status": "asleep"}, "status"),
        ({"lead": "x"}, "lead"),
        ({"lead": str(10**30)}, "lead"),
        ({"starts_on": "2026-02-30"}, "starts_on"),
        ({"starts_on": "2026-02-02", "ends_on": "2026-02-01"}, "ends_on"),
    ],
)
def test_a_new_project_with_a_mistake_comes_back_with_it_at_the_field(
    console: Browser, northwind: CurrentAgency, tom: Client, wrong: dict[str, str], field: str
) -> None:
    fields = {"name": "Logo", "owner": f"client-{tom.pk}", "status": "active", "health": "on_track"}
    response = console.post("/northwind/projects/new/", fields | wrong)
    assert response.status_code == 422 and list(response.context["form"].errors) == [field]
    with inside(northwind):
        assert not Project.objects.exists()


def test_settings_are_saved(console: Browser, northwind: CurrentAgency, website: Project) -> None:
    sent = settings_of(website, health="late", progress_override="70", progress_reason="Launch is small")
    assert console.post(at(website, "settings/"), sent).status_code == 302
    page = console.get(at(website)).content.decode()
    assert "70 %" in page and "Launch is small" in page and "Late" in page


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"progress_override": "70"}, "progress_reason"),
        ({"progress_override": "170", "progress_reason": "x"}, "progress_override"),
        ({"starts_on": "2026-02-02", "ends_on": "2026-02-01"}, "ends_on"),
        ({"rounds_included": ""}, "rounds_included"),
    ],
)
def test_settings_with_a_mistake_come_back_with_it_at_the_field(
    console: Browser, website: Project, wrong: dict[str, str], field: str
) -> None:
    response = console.post(at(website, "settings/"), settings_of(website, **wrong))
    assert response.status_code == 422 and list(response.context["form"].errors) == [field]


def test_milestones_are_added_edited_moved_done_and_deleted(
    console: Browser, northwind: CurrentAgency, website: Project
) -> None:
    added = console.post(
        at(website, "milestones/"), {"name": "Training", "weight": "2", "due_on": "2026-05-01"}
    )
    assert added["Location"] == at(website, "#milestones")
    with inside(northwind):
        training = website.milestones.get(name="Training")
    here = at(website, f"milestones/{training.pk}/")
    changed = {"name": "Training day", "weight": "4", "state": "in_review", "note": "Bring a laptop."}
    assert console.post(here, changed).status_code == 302
    console.post(here + "position/", {"to": "up"})
    console.post(here + "state/", {"state": "done"})
    with inside(northwind):
        training = Milestone.objects.get(pk=training.pk)
        assert (training.name, training.weight, training.position) == ("Training day", 4, 2)
        assert training.is_done and training.note == "Bring a laptop."
    console.post(here + "deletion/")
    with inside(northwind):
        assert website.milestones.count() == 3
    assert console.get(at(website, "milestones/"))["Location"] == at(website, "#milestones")


@pytest.mark.parametrize("weight", ["0", "101", "-1", "", "many"])
def test_a_bad_weight_comes_back_at_its_field(
    console: Browser, northwind: CurrentAgency, website: Project, weight: str
) -> None:
    response = console.post(at(website, "milestones/"), {"name": "Extra", "weight": weight})
    assert response.status_code == 422 and list(response.context["form"].errors) == ["weight"]
    with inside(northwind):
        assert website.milestones.count() == 3


def test_a_state_that_does_not_exist_is_refused(
    console: Browser, northwind: CurrentAgency, website: Project
) -> None:
    with inside(northwind):
        design = website.milestones.get(name="Design")
    console.post(at(website, f"milestones/{design.pk}/state/"), {"state": "asleep"})
    assert "There is no such state." in console.get(at(website)).content.decode()


def test_an_update_is_posted_corrected_and_answered(
    console: Browser, northwind: CurrentAgency, website: Project
) -> None:
    console.post(at(website, "updates/"), {"text": "We begin."})
    page = console.get(at(website, "updates/")).content.decode()
    assert "Posted. Maria Silva gets it by mail." in page
    with inside(northwind):
        update = Update.objects.get()
    console.post(at(website, f"updates/{update.pk}/"), {"text": "We have begun."})
    console.post(at(website, f"updates/{update.pk}/comments/"), {"text": "Ask us anything."})
    page = console.get(at(website, "updates/")).content.decode()
    assert "We have begun." in page and "edited" in page and "Ask us anything." in page
    assert console.post(at(website, "updates/"), {"text": " "}).status_code == 422
    assert console.post(at(website, f"updates/{update.pk}/comments/"), {"text": ""}).status_code == 422
    with inside(northwind):
        assert UpdateComment.objects.count() == 1


def test_tasks_and_notes(
    console: Browser, northwind: CurrentAgency, website: Project, alice_staff: Staff
) -> None:
    console.post(at(website, "tasks/"), {"title": "Call Maria", "assignee": alice_staff.pk})
    with inside(northwind):
        task = Task.objects.get()
    here = at(website, f"tasks/{task.pk}/")
    console.post(here, {"title": "Call Maria again", "due_on": "2020-01-01"})
    assert "Overdue" in console.get(at(website, "tasks/")).content.decode()
    console.post(here + "completion/", {"done": "yes"})
    with inside(northwind):
        assert Task.objects.get().done_at is not None
    console.post(here + "completion/", {"done": "no"})
    console.post(here + "deletion/")
    console.post(at(website, "notes/"), {"text": "They pay late."})
    with inside(northwind):
        assert not Task.objects.exists() and InternalComment.objects.get().staff == alice_staff
    assert "They pay late." in console.get(at(website, "notes/")).content.decode()
    assert console.post(at(website, "tasks/"), {"title": ""}).status_code == 422
    assert console.post(at(website, "notes/"), {"text": ""}).status_code == 422


def test_a_client_is_added_and_invited_from_the_project(
    console: Browser, northwind: CurrentAgency, website: Project
) -> None:
    sent = {"email": "lea@brightside.example", "name": "Lea Brandt", "access_until": "2099-12-31"}
    assert console.post(at(website, "access/"), sent).status_code == 302
    page = console.get(at(website, "access/")).content.decode()
    assert "Lea Brandt gets the invitation by mail now." in page
    assert "lea@brightside.example" in page and "31 December 2099" in page
    bad = console.post(at(website, "access/"), {"email": "nobody", "name": ""})
    assert bad.status_code == 422 and set(bad.context["form"].errors) == {"email", "name"}


def test_a_lone_clients_project_explains_itself(
    console: Browser, northwind: CurrentAgency, website: Project, portfolio: Project, tom: Client
) -> None:
    page = console.get(at(portfolio, "access/")).content.decode()
    assert "only Tom Becker sees it" in page
    console.post(at(portfolio, "access/invitation/"))
    with inside(northwind):
        assert tom.invitations.get().next_path == f"/projects/{portfolio.pk}/"
    assert console.post(at(website, "access/invitation/")).status_code == 404
    other = console.post(at(portfolio, "access/"), {"email": "lea@x.example", "name": "Lea"})
    assert other.status_code == 422 and "email" in other.context["form"].errors


def test_archive_and_restore(console: Browser, northwind: CurrentAgency, website: Project) -> None:
    console.post(at(website, "archive/"))
    page = console.get(at(website)).content.decode()
    assert "This project is archived" in page and "Mark done" not in page
    assert console.post(at(website, "settings/"), settings_of(website, name="X")).status_code == 422
    assert website.name not in console.get("/northwind/projects/").content.decode()
    assert website.name in console.get("/northwind/projects/?show=archived").content.decode()
    console.post(at(website, "restoration/"))
    assert "Mark done" in console.get(at(website)).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=web", {"New website"}),
        ("q=bright", {"New website"}),
        ("q=becker", {"Portfolio"}),
        ("q=nothing", set()),
        ("status=active&health=on_track", {"New website", "Portfolio"}),
        ("status=paused", set()),
        ("lead=LEAD", {"New website"}),
        ("sort=name", {"New website", "Portfolio"}),
        ("status=asleep&health=ill&lead=x&show=y&sort=z&q=%00&page=x", {"New website", "Portfolio"}),
    ],
)
def test_the_list_is_searched_and_filtered(
    console: Browser, website: Project, portfolio: Project, alice_staff: Staff, query: str, found: set[str]
) -> None:
    response = console.get("/northwind/projects/?" + query.replace("LEAD", str(alice_staff.pk)))
    assert response.status_code == 200
    assert {project.name for project in response.context["page"]} == found


def test_the_list_is_paged_and_keeps_its_filters(
    console: Browser, northwind: CurrentAgency, tom: Client, alice_staff: Staff
) -> None:
    with inside(northwind):
        for number in range(26):
            operations.create_project(owner=tom, by=alice_staff, name=f"Project {number:02}")
    page = console.get("/northwind/projects/?sort=name").content.decode()
    assert "Project 24" in page and "Project 25" not in page and "?sort=name&amp;page=2" in page
    assert "Project 25" in console.get("/northwind/projects/?sort=name&page=2").content.decode()


def test_members_do_the_daily_work(member: Browser, northwind: CurrentAgency, website: Project) -> None:
    assert member.post(at(website, "updates/"), {"text": "From Jonas."}).status_code == 302
    assert member.post(at(website, "milestones/"), {"name": "Extra", "weight": "1"}).status_code == 302
    assert member.post(at(website, "archive/")).status_code == 302
    with inside(northwind):
        assert str(Update.objects.get().staff) == "Jonas Weber"


def test_what_is_not_there_is_not_there(console: Browser, website: Project, portfolio: Project) -> None:
    for rest in ("", "updates/", "tasks/", "notes/", "access/", "settings/"):
        assert console.get(f"/northwind/projects/{UNKNOWN}/{rest}").status_code == 404
    for rest in (f"milestones/{UNKNOWN}/", f"updates/{UNKNOWN}/", f"tasks/{UNKNOWN}/"):
        assert console.get(at(website, rest)).status_code == 404
        assert console.get(f"/northwind/projects/{10**30}/{rest}").status_code == 404


def test_a_part_of_one_project_is_not_there_under_another(
    console: Browser, northwind: CurrentAgency, website: Project, portfolio: Project
) -> None:
    with inside(northwind):
        design = website.milestones.get(name="Design")
    assert console.post(at(portfolio, f"milestones/{design.pk}/deletion/")).status_code == 404
    with inside(northwind):
        assert website.milestones.count() == 3


def test_staff_of_another_agency_change_nothing(
    northwind: CurrentAgency, harbour: CurrentAgency, website: Project, boat: Project, hugo: Account
) -> None:
    browser = console_browser(hugo)
    assert browser.post(at(website, "archive/")).status_code == 404
    assert browser.post(at(website, "updates/"), {"text": "x"}).status_code == 404
    page = browser.get("/harbour/projects/").content.decode()
    assert "Boat brochure" in page and "New website" not in page


def test_overdue_milestones_contradict_on_track(
    console: Browser, northwind: CurrentAgency, website: Project
) -> None:
    with inside(northwind):
        website.milestones.filter(name="Design").update(due_on="2020-01-01")
    assert (
        "1 milestone is overdue, yet your client reads “On track”"
        in console.get(at(website)).content.decode()
    )
