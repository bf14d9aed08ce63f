"""The timeline has what concerns a client, in all modules, and nothing else."""

from modules.projects.models import Project
from portal.audit.models import AuditEntry
from portal.audit.operations import record
from portal.people.models import Client, Company, Staff
from portal.records.tags import put_tag
from portal.records.timeline import entries_of
from portal.tasks.operations import add_task
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser


def test_everything_about_a_client_is_on_it_with_links_and_pages(
    northwind: CurrentAgency, alice: Account, alice_staff: Staff, maria: Client, tom: Client
) -> None:
    with inside(northwind):
        ours = Project.objects.create(name="Website", company=Company.objects.get(name="Brightside"))
        other = Project.objects.create(name="Yachts", client=tom)
        record("projects.created", ours, by=alice_staff, summary="Project Website created")
        record("projects.created", other, by=alice_staff, summary="Project Yachts created")
        record("people.signed_in", maria, by=maria, summary="link")
        put_tag([maria], "VIP", by=alice_staff)
        add_task("Call Maria", by=alice_staff, about=maria)
        add_task("Call Tom", by=alice_staff, about=tom)
        said = set(entries_of(maria).values_list("summary", flat=True))
        assert said == {
            "Project Website created",
            "link",
            "Maria Silva: tag “VIP” put on",
            "Task added: Call Maria",
        }
    browser = console_browser(alice)
    path = f"/northwind/clients/{maria.pk}/timeline/"
    page = browser.get(path).content.decode()
    assert f'href="/northwind/projects/{ours.pk}/"' in page and "Yachts" not in page
    page = browser.get(path + "?section=records").content.decode()
    assert "VIP" in page and "Website" not in page
    assert browser.get(path + "?section=nonsense").status_code == 404
    assert browser.get(path + "?after=nonsense").status_code == 404


def test_a_long_timeline_is_paged(northwind: CurrentAgency, alice: Account, maria: Client) -> None:
    with inside(northwind):
        for number in range(35):
            record("people.client_edited", maria, summary=f"Change {number:02}")
        assert AuditEntry.objects.count() == 35
    browser = console_browser(alice)
    path = f"/northwind/clients/{maria.pk}/timeline/"
    first = browser.get(path).content.decode()
    assert "Change 34" in first and "Change 04" not in first
    cursor = first.split("after=")[1].split('"')[0]
    assert "Change 04" in browser.get(f"{path}?section=&after={cursor}").content.decode()


def test_another_agency_sees_nothing_of_it(northwind: CurrentAgency, hugo: Account, maria: Client) -> None:
    assert console_browser(hugo).get(f"/northwind/clients/{maria.pk}/timeline/").status_code == 404
    assert console_browser(hugo).get(f"/harbour/clients/{maria.pk + 1000}/timeline/").status_code == 404
