"""What the tests of deliverables start from: Maria's project at Northwind, small real files."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from modules.deliverables import operations
from modules.deliverables.models import Deliverable, Version
from modules.projects.models import Project
from portal.people.models import Bundle, Client, Company, CompanyMembership, Staff

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
