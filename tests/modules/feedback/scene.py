"""What the tests of feedback start from: words, small real files, mails as programs send them."""

from email.message import EmailMessage
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from modules.feedback import operations
from modules.feedback.models import IncomingMail, Thread
from modules.feedback.queries.addresses import reply_address
from portal.intake import receiving
from portal.intake.addresses import read_address
from portal.people.models import Bundle, Client, Company, CompanyMembership, Staff
from tenants.agencies.current import connection
from tests.modules.deliverables.scene import visit_console, visit_portal
from tests.running_jobs import run_jobs

TEXT = "The form on the contact page says that it was sent.\n\nBut nothing arrives."
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

__all__ = ["visit_console", "visit_portal"]


def wrote(client: Client, text: str = TEXT, **fields: Any) -> Thread:
    return operations.submit(client, **{"kind": "problem", "text": text, **fields})


def colleague(company: Company, name: str, bundle: Bundle = Bundle.VIEWER) -> Client:
    client = Client.objects.create(email=f"{name.split()[0].lower()}@client.example", name=name)
    CompanyMembership.objects.create(client=client, company=company, bundle=bundle)
    return client


def png(name: str = "screen.png", *, secret: bytes = b"") -> SimpleUploadedFile:
    written = BytesIO()
    Image.new("RGB", (64, 48), (40, 90, 80)).save(written, "PNG")
    return SimpleUploadedFile(name, written.getvalue() + secret, "image/png")


def mail_of(person: Client | Staff, text: str = "It works again.", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = f"{person.name} <{person.email}>"
    mail["Subject"] = "Re: Your message"
    mail["Message-ID"] = "<1@client.example>"
    for name, value in headers.items():
        name = name.replace("_", "-")
        del mail[name]
        mail[name] = value
    mail.set_content(text)
    return mail


def arrive(
    thread: Thread, person: Client | Staff, mail: EmailMessage | bytes, *, envelope: str = "x@y.example"
) -> None:
    """The mail comes in at the person's address of the thread, and whatever follows from it happens."""
    raw = mail if isinstance(mail, bytes) else bytes(mail)
    destination = read_address(reply_address(thread.pk, person))
    assert destination is not None
    before = connection.tenant
    receiving.store([destination], envelope, raw)
    connection.set_tenant(before, include_public=False)
    run_jobs()


def settled(thread: Thread) -> IncomingMail:
    """What became of the newest mail."""
    found = IncomingMail.objects.filter(thread=thread).order_by("-pk").first()
    assert found is not None
    return found
