"""Answers by mail: what is taken, held back, refused and ignored; and that none is lost."""

import smtplib
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage

from kit import clock
from modules.feedback import operations
from modules.feedback.models import IncomingMail, State, Thread
from modules.feedback.operations import arriving, reading
from modules.feedback.queries.addresses import reply_address
from portal.intake.models import Arrival
from portal.people.models import Client, Company, Staff
from portal.uploads.rules import StoreAway
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, connection, inside
from tests.modules.feedback.scene import (
    PDF,
    arrive,
    colleague,
    mail_of,
    png,
    settled,
    visit_console,
    visit_portal,
    wrote,
)
from tests.running_jobs import run_jobs

QUOTED = """It works again, thank you!

And the phone number is wrong, too.

On Mon, 3 Nov 2025 at 10:00, Northwind Studio <mail@northwind.example> wrote:
> Which browser was it?
> Jonas
"""
GMAIL = """<html><head><style>p{color:red}</style></head><body><div dir="ltr">Hello Jonas,<div><br></div>
<div>it is <b>Firefox</b> &amp; Safari.</div><script>alert(1)</script></div>
<div class="gmail_quote"><div>On Monday somebody wrote:</div><blockquote>Which browser?</blockquote></div>
</body></html>"""


def said(thread: Thread) -> list[str]:
    return [entry.text for entry in thread.entries.in_order()][1:]


def fresh(thread: Thread) -> Thread:
    return Thread.objects.get(pk=thread.pk)


def test_a_reply_is_taken_without_what_it_quotes(thread: Thread, maria: Client, jonas: Staff) -> None:
    operations.reply_as_staff(thread, by=jonas, text="Which browser was it?")
    arrive(thread, maria, mail_of(maria, QUOTED))
    entry = thread.entries.order_by("pk").last()
    assert entry is not None and entry.client == maria and entry.is_by_mail
    assert entry.text == "It works again, thank you!\n\nAnd the phone number is wrong, too."
    assert fresh(thread).state == State.OPEN and settled(thread).state == "taken" and not settled(thread).raw


def test_a_mail_of_html_only_is_read_as_words(thread: Thread, maria: Client) -> None:
    mail = mail_of(maria)
    mail.clear_content()
    mail.set_content(GMAIL, subtype="html")
    arrive(thread, maria, mail)
    assert said(thread) == ["Hello Jonas,\n\nit is Firefox & Safari."]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (
            b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable",
            b"Gr=FC=DFe",
        ),
        (b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64", b"R3LDvMOfZQ=="),
        (b"Content-Type: text/plain; charset=no-such-thing", "Grüße".encode()),
        (b"Content-Type: text/plain; charset=utf-8", "Grüße".encode("latin-1")),
        (b"X-Nothing: 1", "Grüße".encode()),
    ],
)
def test_every_charset_is_read(thread: Thread, maria: Client, headers: bytes, body: bytes) -> None:
    top = b"From: maria@client.example\r\nMessage-ID: <2@x>\r\n"
    arrive(thread, maria, top + headers + b"\r\n\r\n" + body)
    assert said(thread) == ["Grüße"]


def test_files_come_along_within_limits_and_the_sender_is_told_of_the_others(
    thread: Thread, maria: Client, mailoutbox: list[Any]
) -> None:
    run_jobs()
    mailoutbox.clear()
    mail = mail_of(maria, "See here.")
    mail.add_attachment(png().read(), maintype="text", subtype="html", filename="../../screen.html")
    mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="plan.pdf")
    mail.add_attachment(b"x" * (10 * 1024**2 + 1), maintype="video", subtype="mp4", filename="film.mov")
    for number in range(5):
        mail.add_attachment(PDF, maintype="application", subtype="pdf", filename=f"{number}.pdf")
    arrive(thread, maria, mail)
    entry = thread.entries.order_by("pk").last()
    assert entry is not None and entry.text == "See here."
    kept = [attachment.upload for attachment in entry.attachments.all()]
    assert [(upload.name, upload.content_type) for upload in kept[:2]] == [
        ("screen.png", "image/png"), ("plan.pdf", "application/pdf")
    ]  # fmt: skip
    assert len(kept) == 5
    (told,) = [mail for mail in mailoutbox if mail.to == [maria.email]]
    assert "film.mov" in told.body and "3.pdf" in told.body and "4.pdf" in told.body


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<all.example.com>"},
        {"X_Autoreply": "yes"},
        {"From": "MAILER-DAEMON@mx.example"},
        {"From": "Portal <noreply@northwind.example>"},
    ],
)
def test_an_automatic_mail_begins_no_loop(
    thread: Thread, maria: Client, headers: dict[str, str], mailoutbox: list[Any]
) -> None:
    run_jobs()
    mailoutbox.clear()
    arrive(thread, maria, mail_of(maria, "I am away until Monday.", **headers))
    assert settled(thread).state == "ignored" and said(thread) == [] and mailoutbox == []


def test_a_report_without_a_sender_and_our_own_mail_are_ignored(
    thread: Thread, maria: Client, settings: Any
) -> None:
    arrive(thread, maria, mail_of(maria), envelope="")
    assert settled(thread).state == "ignored"
    arrive(thread, maria, mail_of(maria, From=settings.DEFAULT_FROM_EMAIL, Message_ID="<7@x>"))
    assert settled(thread).state == "ignored" and said(thread) == []


def test_what_comes_from_another_address_waits_for_staff(
    thread: Thread, maria: Client, northwind: CurrentAgency, alice: Account
) -> None:
    stranger = mail_of(
        maria, "I am her boss. <script>alert(1)</script>", From="Boss <boss@elsewhere.example>"
    )
    arrive(thread, maria, stranger)
    mail = settled(thread)
    assert (mail.state, said(thread)) == ("held", [])
    console = visit_console(northwind, alice)
    for path in ("/feedback/held/", f"/feedback/{thread.pk}/"):
        page = console.get(path).content.decode()
        assert "boss@elsewhere.example" in page and "<script>alert" not in page
    assert "held back" in console.get("/feedback/").content.decode()
    assert console.post(f"/feedback/held/{mail.pk}/acceptance/").status_code == 302
    assert said(thread) == [
        "boss@elsewhere.example wrote by mail:\n\nI am her boss. <script>alert(1)</script>"
    ]
    assert console.post(f"/feedback/held/{mail.pk}/acceptance/").status_code == 404


def test_what_is_discarded_is_gone(
    thread: Thread, maria: Client, northwind: CurrentAgency, alice: Account
) -> None:
    arrive(thread, maria, mail_of(maria, From="boss@elsewhere.example"))
    mail = settled(thread)
    visit_console(northwind, alice).post(f"/feedback/held/{mail.pk}/discard/")
    assert settled(thread).state == "discarded" and not settled(thread).raw and said(thread) == []


def test_a_removed_client_and_one_who_left_the_company_are_refused(
    thread: Thread, maria: Client, brightside: Company
) -> None:
    liam = colleague(brightside, "Liam Chen")
    liam.memberships.all().delete()
    arrive(thread, liam, mail_of(liam))
    assert settled(thread).state == "refused"
    Client.objects.filter(pk=maria.pk).update(removed_at=clock.now())
    arrive(thread, maria, mail_of(maria, Message_ID="<3@x>"))
    assert settled(thread).state == "refused" and said(thread) == []


def test_the_same_mail_twice_is_one_entry(thread: Thread, maria: Client) -> None:
    arrive(thread, maria, mail_of(maria))
    arrive(thread, maria, mail_of(maria))
    arrive(thread, maria, mail_of(maria, X_Trace="another way"))
    assert len(said(thread)) == 1 and settled(thread).state == "ignored"
    arrive(thread, maria, mail_of(maria, "Held", From="a@b.example", Message_ID="<4@x>"))
    arrive(thread, maria, mail_of(maria, "Held", From="a@b.example", Message_ID="<4@x>", X_Trace="2"))
    assert IncomingMail.objects.held().count() == 1


def test_staff_answer_from_their_own_mailbox(
    thread: Thread, jonas: Staff, maria: Client, mailoutbox: list[Any]
) -> None:
    run_jobs()
    mailoutbox.clear()
    arrive(thread, jonas, mail_of(jonas, "It is mended. @alice this is no note."))
    entry = thread.entries.order_by("pk").last()
    assert entry is not None and entry.staff == jonas and not entry.is_internal
    assert fresh(thread).state == State.WAITING
    assert [mail.to for mail in mailoutbox] == [[maria.email]]


def test_who_left_the_agency_no_longer_speaks_for_it(thread: Thread, jonas: Staff) -> None:
    Staff.objects.filter(pk=jonas.pk).update(is_active=False)
    arrive(thread, jonas, mail_of(jonas))
    assert settled(thread).state == "refused" and said(thread) == []


def test_a_client_cannot_speak_as_staff_by_claiming_the_address(
    thread: Thread, jonas: Staff, maria: Client
) -> None:
    arrive(thread, maria, mail_of(jonas, "Send the money elsewhere."))
    assert settled(thread).state == "held" and said(thread) == []


def test_a_flood_is_held_back(thread: Thread, maria: Client) -> None:
    for number in range(arriving.MOST_PER_HOUR + 1):
        arrive(thread, maria, mail_of(maria, f"Number {number}", Message_ID=f"<{number}@x>"))
    assert len(said(thread)) == arriving.MOST_PER_HOUR and settled(thread).state == "held"


def test_mails_of_one_conversation_belong_together(
    thread: Thread, maria: Client, jonas: Staff, mailoutbox: list[Any]
) -> None:
    arrive(thread, maria, mail_of(maria, Message_ID="<first@client.example>"))
    operations.reply_as_staff(thread, by=jonas, text="Thank you")
    run_jobs()
    (mail,) = [mail for mail in mailoutbox if mail.to == [maria.email]]
    headers = mail.message()
    assert headers["Reply-To"] == reply_address(thread.pk, maria)
    assert headers["In-Reply-To"] == "<first@client.example>"
    assert (
        headers["References"].startswith("<feedback-") and "<first@client.example>" in headers["References"]
    )
    assert headers["Auto-Submitted"] == "auto-generated" and headers["Subject"].startswith("Re: ")


def test_a_message_id_with_something_else_in_it_is_not_repeated(
    thread: Thread, maria: Client, jonas: Staff, mailoutbox: list[Any]
) -> None:
    raw = bytes(mail_of(maria)).replace(
        b"<1@client.example>", b"<a b>\r\n\t<c>, =?utf-8?q?=0D=0ABcc:_x=40y?="
    )
    arrive(thread, maria, raw)
    operations.reply_as_staff(thread, by=jonas, text="Thank you")
    run_jobs()
    (mail,) = [mail for mail in mailoutbox if mail.to == [maria.email]]
    assert mail.message()["Bcc"] is None and mail.message()["In-Reply-To"].startswith("<feedback-")


def test_a_mail_that_breaks_the_reader_is_kept_for_staff(
    thread: Thread, maria: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = connection.tenant
    monkeypatch.setattr(reading, "PATIENCE_SECONDS", 0.001)
    with pytest.raises(reading.Unread):
        arrive(thread, maria, mail_of(maria))
    connection.set_tenant(here, include_public=False)
    mail = settled(thread)
    assert mail.state == "received" and mail.raw
    for _ in range(arriving.MOST_TRIES - 2):
        with pytest.raises(reading.Unread):
            operations.read_kept(mail.pk)
    operations.read_kept(mail.pk)
    assert settled(thread).state == "held" and settled(thread).raw
    monkeypatch.undo()
    owner = Staff.objects.get(role=Staff.Role.OWNER)
    operations.accept(settled(thread), by=owner)
    assert said(thread) == ["It works again."]


def test_while_the_store_is_away_a_mail_waits_with_its_files(
    thread: Thread, maria: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError("no such bucket")

    here = connection.tenant
    mail = mail_of(maria, "See here.")
    mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="plan.pdf")
    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "save", fail)
        with pytest.raises(StoreAway):
            arrive(thread, maria, mail)
        connection.set_tenant(here, include_public=False)
    assert settled(thread).state == "received" and said(thread) == []
    operations.read_kept(settled(thread).pk)
    entry = thread.entries.order_by("pk").last()
    assert entry is not None and entry.text == "See here." and entry.attachments.count() == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe" * 1000,
        b"From: maria@client.example\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
        + b"--a\r\n" * 20_000,
        b"From: maria@client.example\r\nContent-Type: multipart/mixed\r\n\r\nno boundary",
        b"From: maria@client.example\r\n\r\n" + b"On " + b"a wrote " * 5_000,
        b"From: maria@client.example\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 50_000 + b"x",
        b"From: maria@client.example\r\nContent-Type: text/plain; charset=utf-16\r\n\r\n\xd8\x00x",
    ],
)
def test_no_mail_stops_the_intake(thread: Thread, maria: Client, raw: bytes) -> None:
    arrive(thread, maria, raw)
    assert settled(thread).state in ("taken", "held", "ignored")


def test_on_a_plan_without_feedback_and_read_only_it_is_kept(
    thread: Thread, maria: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CurrentAgency, "has", lambda self, key: False)
    arrive(thread, maria, mail_of(maria))
    assert settled(thread).state == "held" and settled(thread).raw


def test_an_address_of_one_agency_means_nothing_in_another(
    thread: Thread, maria: Client, harbour: CurrentAgency, northwind: CurrentAgency
) -> None:
    from portal.intake.addresses import read_address

    address = reply_address(thread.pk, maria)
    with inside(harbour):
        assert reply_address(thread.pk, maria) != address
    assert read_address(address.replace(f".{northwind.id}.", f".{harbour.id}.")) is None


def test_over_the_wire(committed_db: None) -> None:
    """A real SMTP server takes the mail, says 250 once it is kept, and the answer stands in the conversation."""
    from tenants.agencies.models import Agency
    from tests.portal.intake.wire import listening

    with inside(Agency.objects.get(slug="northwind")):
        maria = Client.objects.get(email="maria@client.example")
        thread = wrote(maria, company=maria.companies.get())
        address = reply_address(thread.pk, maria)
    mail: EmailMessage = mail_of(maria, QUOTED)
    mail.add_attachment(png().read(), maintype="image", subtype="png", filename="screen.png")
    with listening() as port, smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        assert smtp.sendmail(maria.email, [address], bytes(mail)) == {}
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.sendmail(maria.email, [address.replace("reply+", "reply+x")], bytes(mail))
    run_jobs()
    with inside(Agency.objects.get(slug="northwind")):
        entry = thread.entries.order_by("pk").last()
        assert (
            entry is not None and entry.text.startswith("It works again") and entry.attachments.count() == 1
        )
        assert Arrival.objects.get().state == Arrival.State.READ


def test_the_client_reads_in_the_portal_what_came_by_mail(
    thread: Thread, maria: Client, northwind: CurrentAgency
) -> None:
    arrive(thread, maria, mail_of(maria))
    assert "by mail" in visit_portal(northwind, maria).get(f"/feedback/{thread.pk}/").content.decode()
