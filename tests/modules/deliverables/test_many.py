"""An agency with more deliverables than fit on one page."""

from modules.deliverables.models import Deliverable, State, Version
from modules.projects.models import Project
from portal.people.models import Client, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside, leave_agency
from tests.cast import console_browser, portal_browser


def test_all_of_them_can_be_reached_page_by_page(
    northwind: CurrentAgency,
    project: Project,
    alice: Account,
    alice_staff: Staff,
    maria: Client,
    charlie: Client,
) -> None:
    with inside(northwind):
        made = Deliverable.objects.bulk_create(
            [
                Deliverable(project=project, name=f"Piece {number:03}", state=State.READY)
                for number in range(60)
            ]
        )
        Version.objects.bulk_create(
            [
                Version(deliverable=each, number=1, shown_at=each.created_at, made_by=alice_staff)
                for each in made
            ]
        )
    leave_agency()
    staff, client = console_browser(alice), portal_browser(northwind, maria)
    for browser, path in ((staff, "/northwind/deliverables/"), (client, "/deliverables/")):
        pages = [browser.get(path, {"page": number}).content.decode() for number in (1, 2)]
        found = {number for number in range(60) if any(f"Piece {number:03}" in page for page in pages)}
        assert found == set(range(60))
        assert "of 60" in pages[0]
    nothing = portal_browser(northwind, charlie).get("/deliverables/", {"page": 2}).content.decode()
    assert "Piece" not in nothing
