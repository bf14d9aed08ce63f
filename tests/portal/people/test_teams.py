"""Who joins a company, what each may do there, who leaves: in the console and in the portal."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from kit import clock
from kit.refused import Refused
from modules.projects.models import Project
from portal.audit.models import AuditEntry
from portal.people import teams
from portal.people.models import Bundle, Client, Company, CompanyMembership, Right
from portal.people.refusals import NotAllowed
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.modules.deliverables.scene import visit_console, visit_portal
from tests.running_jobs import run_jobs

LIAM = {"name": "Liam Chen", "email": "liam@client.example", "bundle": "member", "with_history": "now"}


@pytest.fixture
def in_northwind(
    northwind: CurrentAgency, harbour: CurrentAgency, alice: Account, hugo: Account, ines: Client
) -> Iterator[CurrentAgency]:
    with inside(northwind):
        yield northwind


@pytest.fixture
def brightside(in_northwind: CurrentAgency) -> Company:
    return Company.objects.get(name="Brightside")


def joined(company: Company, name: str, bundle: Bundle, since: datetime | None = None) -> CompanyMembership:
    client, _ = Client.objects.get_or_create(email=f"{name.lower()}@client.example", defaults={"name": name})
    return CompanyMembership.objects.create(client=client, company=company, bundle=bundle, sees_from=since)


def of(name: str) -> CompanyMembership:
    return CompanyMembership.objects.get(client__name__startswith=name)


def test_a_client_invites_a_colleague_who_sees_from_now_on(
    in_northwind: CurrentAgency, brightside: Company, maria: Client
) -> None:
    old = Project.objects.create(name="Old", company=brightside)
    browser = visit_portal(in_northwind, maria)
    response = browser.post(f"/team/{brightside.pk}/invitations/", LIAM, follow=True)
    assert "Invitation sent. Liam Chen gets it by mail now." in response.content.decode()
    run_jobs()
    (sent,) = mail.outbox
    assert sent.to == ["liam@client.example"]
    assert "Maria Silva has invited you to the space of Brightside at Northwind Studio" in str(sent.body)
    new = Project.objects.create(name="New", company=brightside)
    liam = of("Liam").client
    assert list(Project.objects.visible_to(liam)) == [new]
    assert visit_portal(in_northwind, liam).get(f"/projects/{old.pk}/").status_code == 404
    assert visit_portal(in_northwind, liam).get(f"/projects/{new.pk}/").status_code == 200
    entry = AuditEntry.objects.get(verb="people.joined_company")
    assert entry.actor_name == "Maria Silva" and entry.subject == f"client:{liam.pk}"


def test_the_whole_history_is_never_more_than_the_own(
    in_northwind: CurrentAgency, brightside: Company
) -> None:
    since = clock.now() - timedelta(days=3)
    vera = joined(brightside, "Vera", Bundle.OWNER, since)
    teams.invite_colleague(
        brightside, email="liam@client.example", name="Liam", rights=[], by=vera.client, with_history=True
    )
    assert of("Liam").sees_from == since


def test_nobody_gives_more_than_the_own_rights(in_northwind: CurrentAgency, brightside: Company) -> None:
    inviter = joined(brightside, "Vera", Bundle.MEMBER)
    inviter.rights = [Right.INVITE, Right.APPROVE]
    inviter.save()
    browser = visit_portal(in_northwind, inviter.client)
    path = f"/team/{brightside.pk}/invitations/"
    page = browser.get(path).content.decode()
    assert "Approve" in page and "See money" not in page
    for more in ({"bundle": "finance"}, {"bundle": "single", "rights": ["pay"]}):
        assert browser.post(path, LIAM | more).status_code == 422
    with pytest.raises(NotAllowed):
        teams.invite_colleague(
            brightside, email="l@x.example", name="L", rights=[Right.PAY], by=inviter.client
        )
    assert not Client.objects.filter(name="Liam Chen").exists()


@pytest.mark.parametrize("name", ["Charlie Oakley", "Tom Becker", "Vera"])
def test_who_has_no_right_there_finds_no_such_page(
    in_northwind: CurrentAgency, brightside: Company, maria: Client, name: str
) -> None:
    """Charlie of another company, Tom on his own, a colleague who only looks."""
    joined(brightside, "Vera", Bundle.VIEWER)
    client = Client.objects.get(name=name)
    browser = visit_portal(in_northwind, client)
    marias = maria.memberships.get()
    for path in (
        f"/team/{brightside.pk}/invitations/",
        f"/team/{brightside.pk}/people/{marias.pk}/",
        f"/team/{brightside.pk}/people/{marias.pk}/removal/",
    ):
        assert browser.get(path).status_code == 404
        assert browser.post(path, LIAM).status_code == 404
    page = browser.get("/team/").content.decode()
    assert ("Maria Silva" in page) == (name == "Vera") and "Invite a colleague to Brightside" not in page
    for refused in (
        lambda: teams.invite_colleague(brightside, email="l@x.example", name="L", rights=[], by=client),
        lambda: teams.set_rights(marias, rights=[], by=client),
        lambda: teams.leave_company(marias, by=client),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert marias.company.memberships.count() == 2


def test_a_client_of_another_agency_is_not_let_in(
    in_northwind: CurrentAgency, harbour: CurrentAgency, ines: Client, brightside: Company
) -> None:
    assert visit_portal(harbour, ines).get(f"/team/{brightside.pk}/invitations/").status_code == 404
    browser = visit_portal(in_northwind, None)
    assert browser.get("/team/")["Location"].startswith("/sign-in/")


def test_whoever_manages_the_team_changes_and_ends_what_others_may_do(
    in_northwind: CurrentAgency, brightside: Company, maria: Client
) -> None:
    vera = joined(brightside, "Vera", Bundle.VIEWER)
    project = Project.objects.create(name="Website", company=brightside)
    browser = visit_portal(in_northwind, maria)
    path = f"/team/{brightside.pk}/people/{vera.pk}/"
    assert browser.post(path, {"bundle": "single", "rights": ["pay"]}).status_code == 302
    vera.refresh_from_db()
    assert vera.rights == [Right.VIEW_MONEY, Right.PAY] and vera.bundle == Bundle.FINANCE
    assert browser.get(f"{path}removal/").status_code == 200
    assert browser.post(f"{path}removal/").status_code == 302
    assert not Project.objects.visible_to(vera.client).filter(pk=project.pk).exists()
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs[-2:] == ["people.rights_set", "people.left_company"]


def test_nobody_touches_the_own_rights_or_those_of_somebody_who_may_do_more(
    in_northwind: CurrentAgency, brightside: Company, maria: Client
) -> None:
    marias = maria.memberships.get()
    vera = joined(brightside, "Vera", Bundle.MEMBER)
    vera.rights = [Right.MANAGE_TEAM, Right.APPROVE]
    vera.save()
    for by, other in ((maria, marias), (vera.client, marias), (vera.client, vera)):
        browser = visit_portal(in_northwind, by)
        path = f"/team/{brightside.pk}/people/{other.pk}/"
        assert browser.get(path).status_code == browser.post(f"{path}removal/").status_code == 404
        with pytest.raises(NotAllowed):
            teams.set_rights(other, rights=[], by=by)
        with pytest.raises(NotAllowed):
            teams.leave_company(other, by=by)
    assert CompanyMembership.objects.filter(pk=marias.pk, bundle=Bundle.OWNER).exists()


def test_a_full_plan_and_a_removed_person_are_refused_in_words_for_clients(
    in_northwind: CurrentAgency, brightside: Company, maria: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Client.objects.filter(name="Charlie Oakley").update(removed_at=clock.now())
    browser = visit_portal(in_northwind, maria)
    path = f"/team/{brightside.pk}/invitations/"
    page = browser.post(path, LIAM | {"email": "charlie@client.example"})
    assert page.status_code == 422 and "We could not invite this address." in page.content.decode()
    from portal.people import access

    monkeypatch.setattr(access, "limits", lambda plan: type("Limits", (), {"clients": 1}))
    page = browser.post(path, LIAM)
    assert page.status_code == 422 and "There is no free place right now." in page.content.decode()
    assert brightside.memberships.count() == 1 and not mail.outbox


def test_one_invites_no_crowd(in_northwind: CurrentAgency, brightside: Company, maria: Client) -> None:
    def invite(number: int) -> None:
        teams.invite_colleague(brightside, email=f"p{number}@x.example", name="P", rights=[], by=maria)

    with time_machine.travel("2026-06-15 10:00Z", tick=False):
        for number in range(teams.MOST_COLLEAGUES_PER_HOUR):
            invite(number)
        with pytest.raises(Refused, match="go on in an hour"):
            invite(99)


def test_staff_make_a_company_and_say_who_acts_for_it_since_when(
    in_northwind: CurrentAgency, alice: Account, tom: Client
) -> None:
    browser = visit_console(in_northwind, alice)
    response = browser.post("/companies/new/", {"name": " Faro  Yachts "})
    faro = Company.objects.get(name="Faro Yachts")
    assert response["Location"] == f"/northwind/companies/{faro.pk}/"
    fields = {"name": "Tom", "email": tom.email, "bundle": "finance", "with_history": "now", "then": "later"}
    assert browser.post(f"/companies/{faro.pk}/people/new/", fields).status_code == 302
    membership = tom.memberships.get()
    assert membership.rights == [Right.VIEW_MONEY, Right.PAY] and membership.sees_from is not None
    again = browser.post(f"/companies/{faro.pk}/people/new/", fields)
    assert again.status_code == 422 and "is in Faro Yachts already" in again.content.decode()
    path = f"/companies/{faro.pk}/people/{membership.pk}/"
    before = membership.sees_from
    same_day = before.astimezone(in_northwind.tzinfo).date().isoformat()
    assert browser.post(path, {"bundle": "viewer", "sees_from": same_day}).status_code == 302
    membership.refresh_from_db()
    assert membership.rights == [] and membership.sees_from == before, "the same day is no change"
    browser.post(path, {"bundle": "viewer", "sees_from": ""})
    membership.refresh_from_db()
    assert membership.sees_from is None
    assert browser.post(path, {"bundle": "viewer", "sees_from": "soon"}).status_code == 422
    assert "the whole history" in browser.get(f"/companies/{faro.pk}/").content.decode()
    assert browser.post(f"{path}removal/").status_code == 302 and not tom.memberships.exists()


def test_a_name_is_there_once_and_is_searched(in_northwind: CurrentAgency, alice: Account) -> None:
    browser = visit_console(in_northwind, alice)
    oakley = Company.objects.get(name="Oakley")
    for name in ("brightside", "  ", "x" * 161):
        assert browser.post(f"/companies/{oakley.pk}/name/", {"name": name}).status_code == 422
        assert browser.post("/companies/new/", {"name": name}).status_code == 422
    assert browser.post(f"/companies/{oakley.pk}/name/", {"name": "Oak"}).status_code == 302
    page = browser.get("/companies/?q=oak").content.decode()
    assert ">Oak<" in page and "Brightside" not in page
    assert "No company fits" in browser.get("/companies/?q=zzz").content.decode()
    assert browser.get("/companies/?after=rubbish").status_code == 404


def test_the_company_pages_are_the_agencys_own(
    in_northwind: CurrentAgency, hugo: Account, brightside: Company, maria: Client
) -> None:
    browser = visit_console(in_northwind, hugo)
    member = maria.memberships.get().pk
    for path in ("", f"{brightside.pk}/", f"{brightside.pk}/people/{member}/", f"{brightside.pk}/name/"):
        assert browser.get(f"/companies/{path}").status_code == 404


def test_the_invitation_dialogue_asks_what_is_seen(
    in_northwind: CurrentAgency, alice: Account, brightside: Company
) -> None:
    browser = visit_console(in_northwind, alice)
    fields: dict[str, Any] = {"name": "Liam", "email": "liam@client.example", "company": "Brightside"}
    browser.post("/clients/new/", fields | {"history": "now"})
    assert of("Liam").sees_from is not None
    browser.post("/clients/new/", fields | {"name": "Vera", "email": "vera@client.example"})
    assert of("Vera").sees_from is None
