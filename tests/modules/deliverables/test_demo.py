"""The demo's deliverables: one to review, one approved and locked, one sent back; on Starter one to look at."""

from modules.deliverables.demo import make_demo
from modules.deliverables.models import Deliverable, State
from modules.projects.models import Project
from portal.demo import Cast
from portal.mail.models import Message
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency, inside
from tests.modules.deliverables.scene import a_project


def test_it_shows_the_three_states(project: Project, northwind: CurrentAgency, alice_staff: Staff) -> None:
    make_demo(Cast(agency=northwind, staff=alice_staff))
    states = dict(Deliverable.objects.values_list("name", "state"))
    assert states == {
        "Logo and colours": State.APPROVED,
        "Spring brochure": State.CHANGES,
        "Homepage design": State.READY,
    }
    assert Deliverable.objects.get(state=State.APPROVED).is_locked
    assert Message.objects.filter(state=Message.State.QUEUED).count() == 1


def test_on_starter_there_is_something_to_look_at(harbour: CurrentAgency, ines: Client) -> None:
    with inside(harbour):
        a_project(ines)
        make_demo(Cast(agency=harbour, staff=Staff.objects.get()))
        assert Deliverable.objects.get().state == State.READY


def test_without_a_project_there_is_nothing_to_show(northwind: CurrentAgency, alice_staff: Staff) -> None:
    with inside(northwind):
        make_demo(Cast(agency=northwind, staff=alice_staff))
        assert not Deliverable.objects.exists()
