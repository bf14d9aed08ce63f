"""A full plan: nothing more on any way in, in plain words; nothing that is there is hidden; a larger plan opens."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from portal.people.access import remove_access, restore_access
from portal.people.models import Client
from portal.people.operations import add_client
from portal.people.refusals import ClientLimitReached
from portal.plan.usage import losses
from portal.uploads.models import Upload
from portal.uploads.operations import NoRoom, UploadRule, store, store_image
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tenants.plans import Plan
from tenants.routing import hosts
from tests.cast import console_browser, portal_browser
from tests.portal.uploads.samples import picture, uploaded

GIB = 1024**3


@pytest.fixture
def hugos(hugo: Account) -> Browser:
    """Harbour is on Starter: 25 clients, 10 GB."""
    return console_browser(hugo)


def fill(agency: CurrentAgency, clients: int) -> None:
    with inside(agency):
        missing = clients - Client.objects.filter(removed_at__isnull=True, is_example=False).count()
        first = Client.objects.filter(email__endswith="@x.example").count()
        numbers = range(first, first + missing)
        Client.objects.bulk_create(Client(email=f"c{n}@x.example", name=f"Client {n}") for n in numbers)


def on(agency: CurrentAgency, plan: Plan) -> CurrentAgency:
    Agency.objects.filter(pk=agency.id).update(plan=plan)
    hosts.forget_all()
    found: Agency = Agency.objects.get(pk=agency.id)
    return found.current()


def test_no_way_leads_a_client_past_the_limit(hugos: Browser, harbour: CurrentAgency) -> None:
    fill(harbour, 25)
    with inside(harbour):
        gone = Client.objects.get(email="c0@x.example")
        remove_access(gone, by=None)
    fill(harbour, 25)
    asked = hugos.post("/harbour/clients/new/", {"name": "One More", "email": "more@x.example"})
    assert "has room for 25 clients" in asked.content.decode()
    restored = hugos.post(f"/harbour/clients/{gone.pk}/restoration/", follow=True)
    assert "has room for 25 clients" in restored.content.decode()
    with inside(harbour):
        with pytest.raises(ClientLimitReached):
            add_client(email="more@x.example", name="One More", by=None)
        with pytest.raises(ClientLimitReached):
            restore_access(gone, by=None)
        assert not Client.objects.filter(email="more@x.example").exists()


def test_before_the_limit_is_hit_it_is_said_and_how_much_is_left(
    hugos: Browser, harbour: CurrentAgency
) -> None:
    assert "Nearly full" not in hugos.get("/harbour/plan/").content.decode()
    fill(harbour, 20)
    assert "Nearly full" in hugos.get("/harbour/plan/").content.decode()
    assert "20 of 25 in your plan Starter" in hugos.get("/harbour/").content.decode()
    fill(harbour, 25)
    assert "Nothing can be added until there is room" in hugos.get("/harbour/plan/").content.decode()


def test_no_way_leads_bytes_past_the_limit_and_every_file_stays(harbour: CurrentAgency) -> None:
    with inside(harbour):
        Upload.objects.create(name="a", content_type="x", size=10 * GIB, sha256="", storage_key="k")
        with pytest.raises(NoRoom, match="10 GB of 10 GB are in use"):
            store(SimpleUploadedFile("a.txt", b"x"), UploadRule())
        with pytest.raises(NoRoom):
            store_image(uploaded(picture()))
        assert Upload.objects.count() == 1
    with inside(on(harbour, Plan.GROWTH)):
        store(SimpleUploadedFile("a.txt", b"x"), UploadRule())


def test_a_smaller_plan_hides_nobody_and_opens_again_with_the_larger_one(
    northwind: CurrentAgency, maria: Client, alice: Account
) -> None:
    fill(northwind, 30)
    lower = on(northwind, Plan.STARTER)
    console = console_browser(alice)
    with inside(lower):
        assert "Clients: 30 of 25" in [loss.title for loss in losses(Plan.STARTER)]
        last = Client.objects.order_by("-pk")[0]
    assert portal_browser(lower, maria).get("/").status_code == 200
    assert portal_browser(lower, last).get("/").status_code == 200
    assert console.get(f"/northwind/clients/{last.pk}/").status_code == 200
    page = console.get("/northwind/plan/").content.decode()
    assert "30 of 25" in page and "Nothing can be added until there is room" in page
    on(northwind, Plan.GROWTH)
    made = console.post("/northwind/clients/new/", {"name": "One More", "email": "more@x.example"})
    assert made.status_code == 302
