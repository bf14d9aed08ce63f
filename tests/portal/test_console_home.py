"""The first steps of a founder, ticked by what is there and by nothing else."""

import pytest

from modules.projects.models import Project
from portal.branding.models import PortalSettings
from portal.people.models import Client, Staff
from portal.people.operations import invite
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tenants.domains.models import Domain, DomainState
from tenants.routing import hosts
from tests.cast import console_browser
from tests.modules.invoices.scene import northwind_bills


def steps(alice: Account) -> dict[str, bool]:
    hosts.forget_all()
    checklist = console_browser(alice).get("/northwind/").context["checklist"]
    return {step.label: step.is_done for step in checklist}


def test_each_step_is_ticked_when_it_is_done(
    northwind: CurrentAgency, alice: Account, alice_staff: Staff, tom: Client
) -> None:
    assert set(steps(alice).values()) == {False}
    with inside(northwind):
        PortalSettings.objects.update(accent="#0f766e")
        Project.objects.create(name="Website", client=tom)
        invite(tom, by=alice_staff)
    assert steps(alice) == {
        "Make it yours": True,
        "Invite your first client": True,
        "Get ready to send invoices": False,
        "Create your first project": True,
        "Use your own domain": False,
    }


def test_once_all_are_done_the_list_is_gone(
    northwind: CurrentAgency, alice: Account, alice_staff: Staff, tom: Client
) -> None:
    Domain.objects.create(host="portal.northwind.example", agency_id=northwind.id, state=DomainState.ACTIVE)
    assert steps(alice)["Use your own domain"] is True
    with inside(northwind):
        PortalSettings.objects.update(accent="#0f766e")
        Project.objects.create(name="Website", client=tom)
        invite(tom, by=alice_staff)
        northwind_bills()
    assert steps(alice) == {}


@pytest.mark.parametrize("role", ["member", "owner"])
def test_the_list_is_for_those_who_may_act_on_it(
    role: str, northwind: CurrentAgency, alice: Account, alice_staff: Staff
) -> None:
    with inside(northwind):
        Staff.objects.filter(pk=alice_staff.pk).update(role=role)
    assert bool(steps(alice)) == (role == "owner")


def test_it_can_be_hidden(northwind: CurrentAgency, alice: Account) -> None:
    assert console_browser(alice).post("/northwind/checklist/").status_code == 302
    assert steps(alice) == {}
