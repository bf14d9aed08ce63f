"""A person is erased: what need not stay is gone everywhere, what must stay has no name, the log still holds."""

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction

from kit import clock
from modules.feedback.models import Thread
from modules.files import operations as files
from modules.files.models import File, FileRequest, Folder
from modules.projects.models import Project
from portal.audit.frozen import may_change
from portal.audit.models import AuditEntry
from portal.audit.operations import first_broken_entry, record
from portal.delivery.models import AddressMark
from portal.intake.models import Arrival
from portal.mail.operations import queue_mail
from portal.payments.models import EntryKind, LedgerEntry
from portal.people.models import Client, Company, CompanyMembership, Staff
from portal.people.photos import set_photo
from portal.records import details, fields, notes, tags
from portal.records.erasing import erase, foreseen, kept_records
from portal.records.walk import agency_models
from portal.tasks.models import Task
from portal.tasks.operations import add_task
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser, portal_browser
from tests.modules.deliverables.scene import png
from tests.modules.feedback.scene import arrive, mail_of, wrote
from tests.portal.workflows.scene import TASK, a_workflow
from tests.running_jobs import run_jobs

NAME, EMAIL, PHONE = "Wilhelmina Querfurt", "wq@querfurt.example", "+4930901820"


@pytest.fixture
def minna(northwind: CurrentAgency, alice_staff: Staff) -> Client:
    """A client with traces everywhere."""
    with inside(northwind):
        client = Client.objects.create(email=EMAIL, name=NAME, display_name="Minna Q")
        oakley = Company.objects.get(name="Oakley")
        CompanyMembership.objects.create(client=client, company=oakley)
        set_photo(client, png())
        tags.put_tag([client], "VIP", by=alice_staff)
        notes.write_note(client, f"{NAME} likes tea", by=alice_staff)
        field = fields.define_field(name="Pet", kind="text", about="client", choices=[], by=alice_staff)
        details.set_details(client, {"phone": PHONE}, {field.pk: "Cat of Querfurt"}, by=alice_staff)
        add_task(f"Call {NAME}", by=alice_staff, about=client)
        queue_mail("people.invitation", client, words={"name": NAME})
        record("projects.created", "project:1", by=alice_staff, summary=f"Project for {NAME} ({EMAIL})")
        record("people.signed_in", client, by=client, summary="link")
        client.refresh_from_db()
    portal_browser(northwind, client)
    return client


def everything(agency: CurrentAgency) -> str:
    """All rows of all tables, as text."""
    rows = []
    with inside(agency), connection.cursor() as cursor:
        for model in agency_models():
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{model._meta.db_table}" t')
            rows += [f"{model._meta.label} {row}" for (row,) in cursor.fetchall()]
    return "\n".join(rows)


def traces(agency: CurrentAgency) -> list[str]:
    words = ("Querfurt", "querfurt", PHONE, "Minna")
    return [row for row in everything(agency).splitlines() if any(word in row for word in words)]


def test_with_nothing_to_keep_not_a_letter_stays(
    northwind: CurrentAgency, alice_staff: Staff, minna: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with inside(northwind):
        assert minna.photo is not None
        key = minna.photo.storage_key
        with django_capture_on_commit_callbacks(execute=True):
            assert erase(minna, typed_name=f" {NAME.lower()} ", by=alice_staff) is False
        assert not Client.objects.filter(pk=minna.pk).exists() and not default_storage.exists(key)
        assert first_broken_entry() is None
    assert traces(northwind) == []


def test_what_the_law_keeps_stays_under_a_pseudonym(
    northwind: CurrentAgency, alice: Account, minna: Client
) -> None:
    with inside(northwind):
        entry = LedgerEntry.objects.create(
            kind=EntryKind.CHARGE, ref="pi_1", payable="x.y:1", minor=5, currency="EUR", client=minna,
            happened_at=clock.now(),
        )  # fmt: skip
        Project.objects.create(name="Solo", client=minna)
        assert {(one.name, one.count) for one in kept_records(minna)} == {
            ("ledger entries", 1),
            ("projects", 1),
        }
    browser = console_browser(alice)
    path = f"/northwind/clients/{minna.pk}/erasure/"
    assert "1 ledger entries. The law asks" in browser.get(path).content.decode()
    assert browser.post(path, {"name": "Somebody"}).status_code == 422
    with inside(northwind):
        assert Client.objects.get(pk=minna.pk).name == NAME
    answer = browser.post(path, {"name": NAME}, follow=True)
    assert "under a pseudonym" in answer.content.decode()
    with inside(northwind):
        entry.refresh_from_db()
        left = entry.client
        assert left is not None
        assert (left.name, left.email) == (f"Erased person {minna.pk}", f"erased-{minna.pk}@erased.invalid")
        assert left.erased_at and left.removed_at and not left.has_access and left.custom == {}
        assert first_broken_entry() is None
    assert traces(northwind) == []
    assert browser.get(f"/northwind/clients/{minna.pk}/").status_code == 404
    assert browser.post(path, {"name": left.name}).status_code == 404


def test_files_feedback_and_workflows_leave_no_letter_either(
    northwind: CurrentAgency, alice_staff: Staff, minna: Client, tom: Client
) -> None:
    with inside(northwind):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM dramatiq.queue")  # the mail that the fixture wrote cannot be sent
        oakley = Company.objects.get(name="Oakley")
        a_workflow(TASK, by=alice_staff, fact="feedback.submitted")
        folder = Folder.objects.create(company=oakley, name="In", takes_uploads=True)
        files.send_to_folder(folder, files=[png("a.png")], client=minna)
        lone = files.add_files(minna, files=[png(f"{NAME}.png")], by=alice_staff)[0]
        FileRequest.objects.create(client=minna, title=f"From {NAME}")
        mine = wrote(minna, f"I am {NAME}", files=[png(f"{NAME}.png")])
        theirs = wrote(minna, f"Call me, {NAME}, {PHONE}", company=oakley)
        hidden = wrote(minna, "Psst", company=oakley, is_private=True)
        run_jobs()
        arrive(theirs, minna, mail_of(minna, f"More of {NAME}"), envelope=EMAIL)
        AddressMark.objects.create(address=EMAIL.upper(), reason="bounced")
        Arrival.objects.create(kind="report", key="1", raw=f"To: {EMAIL}".encode(), fingerprint="x")
        alone = Project.objects.create(company=oakley, name="Alone", private_to=[minna.pk])
        two = Project.objects.create(company=oakley, name="Two", private_to=[minna.pk, tom.pk])
        assert {one.name for one in foreseen(minna)} == {"conversations", "entries"}
        assert Thread.objects.filter(pk=mine.pk).exists()
        assert erase(minna, typed_name=NAME, by=alice_staff) is True
        assert not Thread.objects.filter(pk__in=[mine.pk, hidden.pk]).exists()
        assert "Call me, Erased person" in theirs.entries.order_by("pk")[0].text
        assert not File.objects.filter(pk=lone.pk).exists() and File.objects.get().sent_by is None
        lists = [Project.objects.get(pk=one.pk).private_to for one in (alone, two)]
        assert lists == [[minna.pk], [tom.pk]]  # never empty: that would be the whole company
        assert not Project.objects.visible_to(tom).filter(pk=alone.pk).exists()
        assert first_broken_entry() is None
    assert traces(northwind) == []


def test_a_forged_redaction_is_found(
    northwind: CurrentAgency, alice_staff: Staff, minna: Client, tom: Client
) -> None:
    with inside(northwind):
        erase(minna, typed_name=NAME, by=alice_staff)
        forged = record("people.client_edited", tom, summary="Tom edited")
        redacted = AuditEntry.objects.filter(is_redacted=True).first()
        assert redacted is not None and first_broken_entry() is None
        for entry, words in ((forged, {"is_redacted": True}), (redacted, {"summary": "something else"})):
            with transaction.atomic(), may_change("audit_auditentry", ["summary", "is_redacted"]):
                AuditEntry.objects.filter(pk=entry.pk).update(**words)
                assert first_broken_entry() == entry
                transaction.set_rollback(True)
        assert first_broken_entry() is None


def test_only_owners_and_admins_of_this_agency_erase(
    northwind: CurrentAgency, jonas: Account, hugo: Account, maria: Client
) -> None:
    path = f"clients/{maria.pk}/erasure/"
    assert console_browser(jonas).post("/northwind/" + path, {"name": maria.name}).status_code == 403
    assert console_browser(hugo).post("/northwind/" + path, {"name": maria.name}).status_code == 404
    assert portal_browser(northwind, maria).post("/" + path, {"name": maria.name}).status_code == 404
    with inside(northwind):
        assert Client.objects.get(pk=maria.pk).erased_at is None


def test_a_client_asks_once_and_staff_hand_over_the_data_without_notes(
    northwind: CurrentAgency, alice: Account, maria: Client
) -> None:
    with inside(northwind):
        notes.write_note(maria, "secret words", by=None)
        tags.put_tag([maria], "Difficult", by=None)
    portal = portal_browser(northwind, maria)
    for what in ("data", "data", "erasure", "nonsense"):
        portal.post("/profile/requests/", {"what": what})
    assert "You have asked for a copy" in portal.get("/profile/").content.decode()
    with inside(northwind):
        assert Task.objects.open().filter(client=maria).count() == 2
    browser = console_browser(alice)
    assert "Asked to be erased" in browser.get(f"/northwind/clients/{maria.pk}/").content.decode()
    text = browser.post(f"/northwind/clients/{maria.pk}/data/").content.decode()
    assert "maria@client.example" in text and "Brightside" in text
    assert "secret" not in text and "Difficult" not in text and "token" not in text
    with inside(northwind):
        assert [task.source for task in Task.objects.open()] == [f"records.erasure:{maria.pk}"]
    assert portal_browser(northwind).post("/profile/requests/", {"what": "data"}).status_code == 302
