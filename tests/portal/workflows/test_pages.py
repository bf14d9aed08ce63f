"""A workflow is put together by pages that read as sentences; only owners and admins open them."""

import re

import pytest
from django.core import mail
from django.test import Client as Browser

from modules.invoices import operations as invoices
from portal.people.models import Client, Invitation, Staff
from portal.workflows.models import Run, Workflow
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser, portal_browser
from tests.modules.invoices.scene import a_draft, northwind_bills
from tests.portal.workflows.scene import TASK, a_workflow, set_off
from tests.running_jobs import run_jobs

HOME = "/northwind/workflows/"


@pytest.fixture
def console(alice: Account) -> Browser:
    return console_browser(alice)


def _made(agency: CurrentAgency) -> Workflow:
    with inside(agency):
        return Workflow.objects.select_related("version").latest("pk")


def test_invoice_created_invites_once_built_by_hand(
    console: Browser, northwind: CurrentAgency, alice_staff: Staff, tom: Client
) -> None:
    console.post(f"{HOME}new/", {"name": "New invoices"})
    there = f"{HOME}{_made(northwind).pk}/"
    console.post(f"{there}trigger/", {"fact": "invoices.issued", "days": "", "once": "event"})
    console.post(f"{there}conditions/new/?offer=amount", {"is": "over", "value": "50"})
    console.post(f"{there}steps/new/", {"place": "root", "do": "people.invite"})
    page = console.get(there).content.decode()
    assert "When an invoice is issued" in page and "the amount is over 50" in page
    assert "Invite the client, if they have never signed in." in page
    answer = console.post(f"{there}switch/", {"on": "1"}, follow=True)
    assert "begins with what happens from now on" in answer.content.decode()
    with inside(northwind):
        northwind_bills()
        for _ in range(2):
            invoices.issue(a_draft(tom, alice_staff), by=alice_staff)
            run_jobs()
        assert Run.objects.count() == 2 and Invitation.objects.filter(client=tom).count() == 1
        assert Invitation.objects.get().next_path.startswith("/invoices/")
    assert len([one for one in mail.outbox if "portal is ready" in one.subject]) == 1


def test_a_recipe_is_a_workflow_that_is_off(console: Browser, northwind: CurrentAgency) -> None:
    assert "Invoice created → invite to pay" in console.get(HOME).content.decode()
    console.post(f"{HOME}new/", {"recipe": "invoice-late"})
    made = _made(northwind)
    assert not made.is_on
    console.post(f"{HOME}{made.pk}/switch/", {"on": "1"})
    assert _made(northwind).is_on


def test_what_is_missing_is_said_and_nothing_is_switched_on(
    console: Browser, northwind: CurrentAgency
) -> None:
    console.post(f"{HOME}new/", {"name": "Unfinished"})
    there = f"{HOME}{_made(northwind).pk}/"
    console.post(f"{there}trigger/", {"fact": "invoices.issued", "days": "", "once": "event"})
    answer = console.post(f"{there}switch/", {"on": "1"}, follow=True)
    assert "Add at least one step." in answer.content.decode() and not _made(northwind).is_on


@pytest.mark.parametrize(
    ("body", "words"),
    [("Hello {{ frist_name }}", "There is no “frist_name” here"), ("Hello {{ first_name", "is not closed")],
)
def test_placeholders_are_checked(console: Browser, northwind: CurrentAgency, body: str, words: str) -> None:
    console.post(f"{HOME}new/", {"recipe": "invoice-invite"})
    there = f"{HOME}{_made(northwind).pk}/"
    sent = {"place": "root", "do": "workflows.mail", "sent": "1", "subject": "Hi", "body": body, "button": ""}
    answer = console.post(f"{there}steps/new/", sent)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert len(_made(northwind).draft["steps"]) == 1


def test_steps_move_and_go(console: Browser, northwind: CurrentAgency) -> None:
    console.post(f"{HOME}new/", {"recipe": "welcome"})
    there = f"{HOME}{_made(northwind).pk}/"
    before = [step["do"] for step in _made(northwind).draft["steps"]]
    last = _made(northwind).draft["steps"][-1]["id"]
    console.post(f"{there}steps/{last}/move/", {"to": "up"})
    assert [s["do"] for s in _made(northwind).draft["steps"]] == [before[0], before[2], before[1]]
    console.post(f"{there}steps/{last}/removal/")
    assert [s["do"] for s in _made(northwind).draft["steps"]] == before[:2]
    assert (
        "was removed meanwhile" in console.post(f"{there}steps/{last}/removal/", follow=True).content.decode()
    )


def test_a_change_counts_when_it_is_used_and_can_be_taken_back(
    console: Browser, northwind: CurrentAgency
) -> None:
    console.post(f"{HOME}new/", {"recipe": "invoice-invite"})
    there = f"{HOME}{_made(northwind).pk}/"
    console.post(f"{there}switch/", {"on": "1"})
    console.post(f"{there}trigger/", {"fact": "invoices.paid", "days": "", "once": "event"})
    assert _made(northwind).fact == "invoices.issued"
    assert "do not count yet" in console.get(there).content.decode()
    console.post(f"{there}use/")
    assert _made(northwind).fact == "invoices.paid"
    console.post(f"{there}versions/1/return/")
    console.post(f"{there}use/")
    made = _made(northwind)
    assert made.fact == "invoices.issued"
    assert made.version is not None and made.version.number == 3
    assert "Alice Moreno" in console.get(f"{there}versions/").content.decode()
    assert console.get(f"{there}versions/1/").status_code == 200


def test_a_look_back_says_how_often_and_writes_nothing(
    console: Browser, northwind: CurrentAgency, alice_staff: Staff, tom: Client
) -> None:
    with inside(northwind):
        northwind_bills()
        for _ in range(3):
            invoices.issue(a_draft(tom, alice_staff), by=alice_staff)
        run_jobs()
    console.post(f"{HOME}new/", {"recipe": "invoice-invite"})
    there = f"{HOME}{_made(northwind).pk}/"
    assert "It would have begun 3 times" in console.get(f"{there}past/").content.decode()
    console.post(f"{there}trigger/", {"fact": "invoices.issued", "days": "", "once": "client"})
    assert "It would have begun 1 time<" in console.get(f"{there}past/").content.decode()
    page = console.get(f"{there}test/?client={tom.pk}").content.decode()
    assert "would be invited" in page
    with inside(northwind):
        assert not Run.objects.exists() and not Invitation.objects.exists()


def test_it_can_really_be_done_for_the_example_client(
    console: Browser, northwind: CurrentAgency, alice_staff: Staff, tom: Client
) -> None:
    with inside(northwind):
        northwind_bills()
        invoices.issue(a_draft(tom, alice_staff), by=alice_staff)
        run_jobs()
    console.post(f"{HOME}new/", {"recipe": "invoice-invite"})
    there = f"{HOME}{_made(northwind).pk}/"
    answer = console.post(f"{there}test/run/", {"client": tom.pk, "event": "0"}, follow=True)
    assert "has begun for the example client" in answer.content.decode()
    with inside(northwind):
        run_jobs()
        assert Invitation.objects.get().client.is_example
        assert _made(northwind).version is None


def test_a_run_shows_its_steps_and_its_buttons(
    console: Browser, northwind: CurrentAgency, alice_staff: Staff, tom: Client
) -> None:
    with inside(northwind):
        workflow = a_workflow(("wait", {"kind": "for", "amount": "3", "unit": "days"}), TASK, by=alice_staff)
        set_off(tom, alice_staff)
        run = Run.objects.get()
    page = console.get(f"{HOME}runs/{run.pk}/").content.decode()
    assert "Wait 3 days" in page and "Skip this step" in page
    assert "Test" in console.get(f"/northwind/clients/{tom.pk}/").content.decode()
    step = re.search(r'name="step" value="(\w+)"', page)
    assert step is not None
    console.post(f"{HOME}runs/{run.pk}/skip/", {"step": step[1]})
    assert (
        "has moved on"
        in console.post(f"{HOME}runs/{run.pk}/skip/", {"step": step[1]}, follow=True).content.decode()
    )
    with inside(northwind):
        run_jobs()
        run.refresh_from_db()
        assert run.state == "done"
    assert str(tom) in console.get(f"{HOME}{workflow.pk}/runs/").content.decode()
    console.post(f"{HOME}{workflow.pk}/deletion/")
    assert console.get(f"{HOME}{workflow.pk}/").status_code == 404


PATHS = ["", "settings/", "{pk}/", "{pk}/trigger/", "{pk}/name/", "{pk}/test/", "{pk}/past/", "{pk}/runs/"]
PATHS += ["{pk}/deliveries/", "{pk}/versions/", "{pk}/versions/1/", "{pk}/conditions/new/?offer=client"]
PATHS += ["{pk}/steps/new/?do=wait&place=root", "runs/{run}/"]
POSTS = ["new/", "{pk}/switch/", "{pk}/use/", "{pk}/deletion/", "{pk}/runs/stop/", "{pk}/test/run/"]
POSTS += ["runs/{run}/stop/", "runs/{run}/skip/", "runs/{run}/retry/", "settings/secret/"]


@pytest.fixture
def one(northwind: CurrentAgency, alice_staff: Staff, tom: Client) -> dict[str, int]:
    with inside(northwind):
        workflow = a_workflow(TASK, by=alice_staff)
        set_off(tom, alice_staff)
        return {"pk": workflow.pk, "run": Run.objects.get().pk}


def test_owners_open_every_page(console: Browser, one: dict[str, int]) -> None:
    for path in PATHS:
        assert console.get(HOME + path.format(**one)).status_code == 200, path


def test_members_open_none(
    console: Browser, one: dict[str, int], alice_staff: Staff, northwind: CurrentAgency
) -> None:
    with inside(northwind):
        Staff.objects.filter(pk=alice_staff.pk).update(role=Staff.Role.MEMBER)
    for path in PATHS:
        assert console.get(HOME + path.format(**one)).status_code == 403, path
    for path in POSTS:
        assert console.post(HOME + path.format(**one)).status_code == 403, path
    assert "Workflows" not in console.get("/northwind/").content.decode()


def test_another_agencys_staff_and_clients_find_nothing(
    one: dict[str, int], hugo: Account, northwind: CurrentAgency, charlie: Client
) -> None:
    stranger, client = console_browser(hugo), portal_browser(northwind, charlie)
    for path in PATHS:
        there = path.format(**one)
        assert stranger.get(HOME + there).status_code == 404, path
        if path not in ("", "settings/") and "steps/new" not in path:
            assert stranger.get(f"/harbour/workflows/{there}").status_code == 404, path
        assert client.get(f"/workflows/{there}").status_code == 404, path


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("{pk}/trigger/", {"fact": "nothing.at_all", "once": "event"}),
        ("{pk}/trigger/", {"fact": "people.inactive", "days": "9999", "once": "event"}),
        ("{pk}/conditions/new/?offer=client", {"is": "over", "value": "x"}),
        (
            "{pk}/steps/new/",
            {"do": "wait", "place": "root", "sent": "1", "kind": "for", "amount": "-1", "unit": "days"},
        ),
        ("{pk}/name/", {"name": "\x00"}),
        ("settings/", {"quiet_from": "21:00", "quiet_until": ""}),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    console: Browser, one: dict[str, int], path: str, sent: dict[str, str]
) -> None:
    assert console.post(HOME + path.format(**one), sent).status_code == 422


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("{pk}/steps/new/", {"do": "wait", "place": "nowhere.yes"}, 404),
        ("{pk}/steps/new/", {"do": "rm.rf", "place": "root"}, 302),
        ("{pk}/steps/nothing/", {}, 404),
        ("{pk}/conditions/new/?offer=password", {}, 404),
        ("{pk}/versions/99/return/", {}, 302),
        ("new/", {"recipe": "contract-invite"}, 404),
        ("{pk}/test/run/", {"client": "999999", "event": "x"}, 302),
    ],
)
def test_what_is_not_there_is_no_error_of_ours(
    console: Browser, one: dict[str, int], path: str, sent: dict[str, str], status: int
) -> None:
    assert console.post(HOME + path.format(**one), sent).status_code == status


def test_the_secret_is_the_owners_and_changes(
    console: Browser, northwind: CurrentAgency, settings: object
) -> None:
    from tenants.agencies.models import Agency
    from tenants.plans import Plan

    assert "whsec_" not in console.get(f"{HOME}settings/").content.decode()
    Agency.objects.filter(slug="northwind").update(plan=Plan.SCALE)
    from tenants.routing import hosts

    hosts.forget_all()
    first = re.findall(r"whsec_\S+?=", console.get(f"{HOME}settings/").content.decode())
    console.post(f"{HOME}settings/secret/")
    second = re.findall(r"whsec_\S+?=", console.get(f"{HOME}settings/").content.decode())
    assert first and second and first != second
