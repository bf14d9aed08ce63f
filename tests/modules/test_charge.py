"""Nobody is put in charge of what they do not see: not by a page, an operation, a file or a workflow."""

from typing import Any

import pytest

from modules.feedback import operations as feedback
from modules.files import operations as files
from modules.projects.models import Project
from modules.projects.models import Task as ProjectTask
from modules.projects.operations import add_task as add_project_task
from modules.projects.operations import archive_project, create_project, edit_project, edit_task
from portal.audit.models import AuditEntry
from portal.imports import checking, running
from portal.imports.models import ImportRow
from portal.people import charge, roles
from portal.people.models import Client, Company, Staff, StaffScope
from portal.people.refusals import NotServed, StillInCharge
from portal.people.serving import serves
from portal.records import asking
from portal.records.details import set_details
from portal.tasks.models import Task
from portal.tasks.operations import add_task, hand_to
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.current import CurrentAgency, inside, outside_agencies
from tenants.agencies.models import Agency
from tests.cast import PASSWORD
from tests.modules.deliverables.scene import Visitor, visit_console
from tests.modules.feedback.scene import wrote
from tests.modules.files.scene import SVG, asked, sent
from tests.running_jobs import run_jobs

WORDS = "Jonas Weber does not see Oakley. Give them the company under Team first."


@pytest.fixture
def jonas_login(northwind: CurrentAgency) -> Account:
    with outside_agencies():
        account = Account.objects.create_user("jonas@northwind.example", PASSWORD, name="Jonas Weber")
        agency = Agency.objects.get(slug="northwind")
        Membership.objects.create(account=account, agency=agency, role=Role.MEMBER)
    with inside(northwind):
        Staff.objects.create(account_id=account.pk, name="Jonas Weber", email=account.email, sees_all=False)
    return account


@pytest.fixture
def jonas(jonas_login: Account, brightside: Company) -> Staff:
    """A member who sees Brightside and nobody else."""
    staff = Staff.objects.get(account_id=jonas_login.pk)
    StaffScope.objects.create(staff=staff, company=brightside)
    return staff


@pytest.fixture
def oakley(in_northwind: CurrentAgency, charlie: Client) -> Company:
    """Charlie's company, which Jonas does not see."""
    return charlie.companies.get()


@pytest.fixture
def console(in_northwind: CurrentAgency, alice: Account) -> Visitor:
    return visit_console(in_northwind, alice)


def name_of(company: Company) -> str:
    Company.objects.filter(pk=company.pk).update(name="Oakley")
    return "Oakley"


def test_choices_and_rule_agree_for_everybody(
    in_northwind: CurrentAgency, jonas: Staff, alice_staff: Staff, tom: Client, harbour: CurrentAgency
) -> None:
    ida = Staff.objects.create(account_id=991, name="Ida Berg", email="ida@northwind.example", sees_all=False)
    StaffScope.objects.create(staff=ida, client=tom)
    Staff.objects.create(account_id=992, name="Gone", email="gone@northwind.example", is_active=False)
    Staff.objects.create(account_id=993, name="All", email="all@northwind.example")
    for owner in [*Company.objects.all(), *Client.objects.all()]:
        offered = set(charge.possible(owner))
        assert offered == {one for one in Staff.objects.filter(is_active=True) if serves(one, owner)}, owner
        assert alice_staff in offered


def test_a_lead_or_assignee_who_does_not_see_the_client_is_refused_in_words(
    oakley: Company, brightside: Company, charlie: Client, maria: Client, jonas: Staff, alice_staff: Staff
) -> None:
    project = create_project(owner=oakley, by=alice_staff, name="Shop")
    theirs = add_project_task(project, by=alice_staff, title="Call")
    thread = wrote(charlie, company=oakley)
    task = add_task("Call Charlie", by=alice_staff, about=charlie)
    refused: list[tuple[Any, str]] = [
        (lambda: create_project(owner=oakley, by=alice_staff, name="Other", lead=jonas), "lead"),
        (lambda: edit_project(project, by=alice_staff, lead=jonas), "lead"),
        (lambda: add_project_task(project, by=alice_staff, title="New", assignee=jonas), "assignee"),
        (lambda: edit_task(theirs, by=alice_staff, assignee=jonas), "assignee"),
        (lambda: feedback.assign(thread, jonas, by=alice_staff), "to"),
        (lambda: set_details(charlie, {"lead": jonas}, {}, by=alice_staff), "lead"),
        (lambda: add_task("Write", by=alice_staff, about=oakley, assignee=jonas), "assignee"),
        (lambda: hand_to(task, jonas, by=alice_staff), "assignee"),
    ]
    for act, field in refused:
        with pytest.raises(NotServed, match="Jonas Weber does not see .* under Team first") as said:
            act()
        assert said.value.field == field
    assert not Project.objects.filter(lead=jonas).exists() and Project.objects.count() == 1
    assert not Task.objects.filter(assignee=jonas).exists()
    assert not ProjectTask.objects.filter(assignee=jonas).exists()
    charlie.refresh_from_db()
    assert charlie.lead is None
    # Of whom he sees he may have all of it.
    mine = create_project(owner=brightside, by=alice_staff, name="Site", lead=jonas)
    add_project_task(mine, by=alice_staff, title="Draw", assignee=jonas)
    set_details(maria, {"lead": jonas}, {}, by=alice_staff)
    hand_to(add_task("Call", by=alice_staff, about=maria), jonas, by=alice_staff)


def test_pages_offer_only_who_sees_the_client_and_refuse_a_forged_choice(
    oakley: Company, charlie: Client, tom: Client, jonas: Staff, alice_staff: Staff, console: Visitor
) -> None:
    name_of(oakley)
    project = create_project(owner=oakley, by=alice_staff, name="Shop")
    thread = wrote(charlie, company=oakley)
    task = add_task("Call Charlie", by=alice_staff, about=charlie)
    pages: dict[str, dict[str, Any]] = {
        f"/projects/{project.pk}/settings/": {"lead": jonas.pk, "name": "Shop", "status": "active"},
        f"/projects/{project.pk}/tasks/": {"assignee": jonas.pk, "title": "New"},
        f"/clients/{charlie.pk}/details/": {"lead": jonas.pk},
        f"/to-do/{task.pk}/": {"assignee": jonas.pk},
    }
    for path, forged in pages.items():
        text = console.get(path).text
        assert "Alice Moreno" in text and "Jonas Weber" not in text, path
        assert console.post(path, forged).status_code == 422, path
    console.post(f"/feedback/{thread.pk}/assignment/", {"to": jonas.pk})
    thread.refresh_from_db()
    assert thread.assignee != jonas
    new = {"name": "New", "owner": f"company-{oakley.pk}", "lead": jonas.pk, "status": "active"}
    answer = console.post("/projects/new/", new | {"health": "on_track"})
    assert answer.status_code == 422 and WORDS in answer.text
    assert not Project.objects.filter(lead=jonas).exists()


def test_what_comes_in_by_itself_goes_to_nobody_who_does_not_see_it(
    oakley: Company, charlie: Client, jonas: Staff, alice_staff: Staff, mailoutbox: list[Any]
) -> None:
    # As it stood before there was the rule.
    Client.objects.filter(pk=charlie.pk).update(lead=jonas)
    charlie.refresh_from_db()
    Project.objects.create(company=oakley, name="Shop", lead=jonas)
    asking.ask(charlie, "data")
    assert Task.objects.get(source__startswith="records.data").assignee is None
    thread = wrote(charlie, company=oakley, project=Project.objects.get())
    assert thread.assignee == alice_staff
    request = asked(oakley, jonas, project=Project.objects.get())
    item = request.items.all()[0]
    files.hand_in(item, files=[sent(SVG, "logo.svg")], client=charlie)
    assert Task.objects.get(source=f"files.item:{item.pk}").assignee == alice_staff
    run_jobs()
    assert not [mail for mail in mailoutbox if jonas.email in mail.to]


def test_a_workflow_makes_the_project_without_a_lead_who_does_not_see_the_client(
    oakley: Company, brightside: Company, charlie: Client, jonas: Staff, alice_staff: Staff
) -> None:
    from modules.projects.workflows import make_project
    from portal.module import Act, Happening
    from portal.tasks import workflows

    like = create_project(owner=brightside, by=alice_staff, name="Template", lead=jonas)
    happening = Happening("people.client:1", "Charlie", [charlie], oakley, {})
    act = Act(charlie, happening, "key", "occasion", "Welcome")
    said = make_project(act, {"template": like, "name": "New"})
    assert Project.objects.get(name="New").lead is None and "Jonas Weber does not see" in said
    settings = {"title": "Call", "note": "", "days": None, "assignee": jonas}
    said = workflows.ask(act, settings)
    assert Task.objects.get(title="Call").assignee is None and "does not see" in said
    own = Act(charlie, Happening("people.client:2", "B", [charlie], brightside, {}), "k", "o", "Welcome")
    make_project(own, {"template": like, "name": "Theirs"})
    assert Project.objects.get(name="Theirs").lead == jonas


def test_a_file_of_clients_names_no_lead_who_does_not_see_them(
    oakley: Company, brightside: Company, maria: Client, charlie: Client, jonas: Staff, alice_staff: Staff
) -> None:
    name_of(oakley)
    Company.objects.filter(pk=brightside.pk).update(name="Brightside")
    rows = (
        "Name;E-Mail;Company;Lead\n"
        "Nora;nora@x.example;brightside;Jonas Weber\n"
        "Otto;otto@x.example;Oakley;jonas@northwind.example\n"
        "Lone;lone@x.example;;Jonas Weber\n"
        f"Charlie;{charlie.email};Brightside;Alice Moreno\n"
        f"Maria;{maria.email.upper()};;Jonas Weber\n"
    )
    one = checking.begin(rows.encode(), "clients.csv", by=alice_staff)
    checking.check(one, one.mapping, updates_known=True)
    one.refresh_from_db()
    states = dict(one.rows.values_list("cells__0", "state"))
    assert states == {"Nora": "new", "Otto": "bad", "Lone": "bad", "Charlie": "known", "Maria": "known"}
    bad = ImportRow.objects.get(cells__0="Otto")
    assert bad.problems == {
        "3": "Jonas Weber does not see this client. Give them the company under Team first."
    }
    # Taken away between the dry run and the import.
    StaffScope.objects.filter(staff=jonas).delete()
    running.start(one, all_or_none=False, by=alice_staff)
    run_jobs()
    assert not Client.objects.filter(lead=jonas).exists()
    assert Client.objects.get(pk=charlie.pk).lead == alice_staff


def test_what_a_member_is_in_charge_of_is_not_taken_out_of_their_sight(
    oakley: Company, brightside: Company, maria: Client, jonas: Staff, alice_staff: Staff
) -> None:
    project = create_project(owner=brightside, by=alice_staff, name="Site", lead=jonas)

    def take_away() -> None:
        roles.set_scope(jonas, sees_all=False, company_ids=[oakley.pk], by=alice_staff)

    with pytest.raises(StillInCharge, match="the project “Site”. Give that to somebody else first"):
        take_away()
    assert [one.company for one in jonas.scopes.all()] == [brightside]
    assert not AuditEntry.objects.filter(verb="people.scope_changed").exists()
    archive_project(project, by=alice_staff)
    set_details(maria, {"lead": jonas}, {}, by=alice_staff)
    with pytest.raises(StillInCharge, match="the client Maria"):
        take_away()
    set_details(maria, {"lead": alice_staff}, {}, by=alice_staff)
    task = add_task("Call", by=alice_staff, about=maria, assignee=jonas)
    with pytest.raises(StillInCharge, match="the task “Call”"):
        take_away()
    hand_to(task, None, by=alice_staff)
    thread = wrote(maria, company=brightside)
    feedback.assign(thread, jonas, by=alice_staff)
    with pytest.raises(StillInCharge, match="the conversation"):
        take_away()
    feedback.assign(thread, alice_staff, by=alice_staff)
    take_away()
    assert [one.company for one in jonas.scopes.all()] == [oakley]


def test_an_admin_becomes_a_member_only_without_what_they_would_not_see(
    oakley: Company, jonas: Staff, alice_staff: Staff
) -> None:
    roles.change_role(jonas, Staff.Role.ADMIN, by=alice_staff)
    jonas.refresh_from_db()
    project = create_project(owner=oakley, by=alice_staff, name="Shop", lead=jonas)
    with pytest.raises(StillInCharge, match="“Shop”"):
        roles.change_role(jonas, Staff.Role.MEMBER, by=alice_staff)
    assert Staff.objects.get(pk=jonas.pk).role == Staff.Role.ADMIN
    edit_project(project, by=alice_staff, lead=None)
    roles.change_role(jonas, Staff.Role.MEMBER, by=alice_staff)


def test_what_stood_before_stays_and_keeps_nobody_from_being_given_less(
    oakley: Company, brightside: Company, jonas: Staff, alice_staff: Staff
) -> None:
    old = Project.objects.create(company=oakley, name="Shop", lead=jonas)
    edit_project(old, by=alice_staff, lead=jonas, name="Shop 2")
    roles.set_scope(jonas, sees_all=False, by=alice_staff)
    assert not jonas.scopes.exists()


def test_the_team_page_says_what_is_in_the_way(
    in_northwind: CurrentAgency,
    jonas: Staff,
    console: Visitor,
    alice_staff: Staff,
    brightside: Company,
    harbour: CurrentAgency,
    hugo: Account,
    jonas_login: Account,
) -> None:
    create_project(owner=brightside, by=alice_staff, name="Site", lead=jonas)
    path, some = f"/team/{jonas.pk}/clients/", {"sees": "some"}
    for stranger in (visit_console(harbour, hugo), visit_console(in_northwind, jonas_login)):
        assert stranger.post(path, some).status_code in (403, 404)
    assert console.post(path, some).status_code == 302
    page = console.get(f"/team/{jonas.pk}/").text
    assert "would not see any more what is theirs: the project “Site”" in page
    assert jonas.scopes.count() == 1
