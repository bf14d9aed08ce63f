"""What the tests of deliverables start from: Maria's project at Northwind, small real files."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from PIL import Image

from modules.deliverables import operations
from modules.deliverables.models import Deliverable, Version
from modules.projects.models import Project
from portal.people.models import Bundle, Client, Company, CompanyMembership, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, connection, outside_agencies
from tests.cast import console_browser, portal_browser

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
VIDEO = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(4000)


def png(name: str = "homepage.png", colour: tuple[int, int, int] = (40, 90, 80)) -> SimpleUploadedFile:
    written = BytesIO()
    Image.new("RGB", (64, 48), colour).save(written, "PNG")
    return SimpleUploadedFile(name, written.getvalue(), "image/png")


def a_project(owner: Company | Client, name: str = "New website") -> Project:
    if isinstance(owner, Company):
        return Project.objects.create(company=owner, name=name)
    return Project.objects.create(client=owner, name=name)


def colleague(company: Company, name: str, bundle: Bundle = Bundle.MEMBER) -> Client:
    client = Client.objects.create(email=f"{name.split()[0].lower()}@client.example", name=name)
    CompanyMembership.objects.create(client=client, company=company, bundle=bundle)
    return client


def a_draft(project: Project, staff: Staff, **fields: Any) -> Deliverable:
    return operations.create_deliverable(project, by=staff, **{"name": "Homepage design", **fields})


def in_review(project: Project, staff: Staff, **fields: Any) -> Version:
    deliverable = a_draft(project, staff, **fields)
    operations.add_version(deliverable, files=[png()], by=staff, note="The first idea.")
    return operations.mark_ready(deliverable, by=staff)


class Visitor:
    """A browser whose requests leave the test in the agency in which it was."""

    def __init__(self, browser: Browser, prefix: str = "") -> None:
        self._browser, self._prefix = browser, prefix

    def get(self, path: str, **options: Any) -> Any:
        return self._ask("get", path, **options)

    def post(self, path: str, sent: dict[str, Any] | None = None, **options: Any) -> Any:
        return self._ask("post", path, data=sent or {}, **options)

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        before = connection.tenant
        try:
            return getattr(self._browser, method)(self._prefix + path, **options)
        finally:
            connection.set_tenant(before, include_public=False)


def visit_portal(agency: CurrentAgency, client: Client | None) -> Visitor:
    return Visitor(portal_browser(agency, client))


def visit_console(agency: CurrentAgency, account: Account) -> Visitor:
    with outside_agencies():
        return Visitor(console_browser(account), f"/{agency.slug}")


def body(response: Any) -> bytes:
    """All bytes of an answer, streamed or not."""
    return b"".join(response.streaming_content) if response.streaming else response.content
