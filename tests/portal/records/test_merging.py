"""Two rows of one person become one: everything moves, nothing is lost, nobody gets in by the old way."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.postgres.fields import ArrayField
from django.core import mail
from django.db import connection, models, transaction
from django.db.utils import ProgrammingError

from kit import clock
from kit.refused import Refused
from modules.feedback.queries.addresses import read_key
from modules.feedback.queries.signed import rating_token, read_rating_token
from modules.files.models import Folder
from modules.invoices.models import BillingDetails, Mandate
from modules.projects.models import Project
from portal.audit.frozen import may_change
from portal.audit.models import AuditEntry
from portal.audit.operations import first_broken_entry
from portal.entitlements.models import Entitlement
from portal.entitlements.operations import grant
from portal.payments.models import EntryKind, LedgerEntry, SavedMethod, StripeCustomer
from portal.people.models import (
    Bundle,
    Client,
    ClientSession,
    Company,
    CompanyMembership,
    GoogleAccount,
    Invitation,
    Right,
    Staff,
    ViewAs,
)
from portal.people.operations import AlreadyClient, add_client
from portal.records import duplicates, notes, tags
from portal.records.asking import ask, asked
from portal.records.merging import CannotMerge, merge
from portal.records.models import FormerClient, Note
from portal.records.walk import references
from portal.workflows.models import Run
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser, portal_browser
from tests.modules.feedback.scene import wrote
from tests.portal.workflows.scene import TASK, a_workflow
from tests.running_jobs import run_jobs

# What is allowed to vanish with the one that goes: its ways in.
WAYS_IN = {"ClientSession", "ClientPasskey", "SignInLink", "EmailChange", "GoogleAccount"}


def other_maria(**more: Any) -> Client:
    words = {"email": "maria+shop@client.example", "name": "Maria Silwa", **more}
    return Client.objects.create(**words)


def a_value(field: "models.Field[Any, Any]", number: int) -> Any:
    """Something that fits a column, different for each number."""
    if isinstance(field, ArrayField | models.JSONField):
        return [] if isinstance(field, ArrayField) else {}
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.DateTimeField):
        return clock.now()
    if isinstance(field, models.DateField):
        return clock.now().date() + timedelta(days=number)
    if isinstance(field, models.DurationField):
        return timedelta(0)
    if isinstance(field, models.BinaryField):
        return str(number).encode()
    if isinstance(field, models.GenericIPAddressField):
        return "127.0.0.1"
    if isinstance(field, models.IntegerField | models.DecimalField):
        return 1 + number % 20
    if isinstance(field, models.UUIDField):
        return f"00000000-0000-4000-8000-{number:012}"
    return str(field.choices[0][0]) if field.choices else f"x{number}"[: field.max_length or 20]


def a_number_of(field: "models.Field[Any, Any]") -> Any:
    """An id of nobody, of the kind that the column takes."""
    assert isinstance(field, models.ForeignKey)
    is_uuid = isinstance(field.target_field, models.UUIDField)
    return "00000000-0000-4000-8000-000000000000" if is_uuid else 10**9


def plant(model: type[models.Model], field: "models.Field[Any, Any]", client: Client) -> Any:
    """A row of any table that points to a client; neither triggers nor foreign keys are asked."""
    columns, values = [], []
    for number, one in enumerate(model._meta.concrete_fields):
        if one.primary_key and not isinstance(one, models.UUIDField):
            continue
        value: Any = None
        if one is field:
            value = client.pk
        elif one.is_relation:
            value = None if one.null else a_number_of(one)
        else:
            value = None if one.null else one.get_db_prep_save(a_value(one, number), connection)
        columns.append(connection.ops.quote_name(str(one.column)))
        values.append(value)
    marks = ", ".join(["%s"] * len(values))
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        # Neither triggers nor foreign keys: this is about the walk, not about the parts.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) RETURNING {model._meta.pk.column}",
            values,
        )
        (pk,) = cursor.fetchone()
        cursor.execute("SET LOCAL session_replication_role = origin")
    return pk


@pytest.mark.parametrize("number", range(len(references())))
def test_every_table_that_points_to_a_client_follows(
    northwind: CurrentAgency, alice_staff: Staff, maria: Client, number: int
) -> None:
    """A new table needs nothing to be merged, or fails here."""
    model, field = references()[number]
    with inside(northwind), transaction.atomic():
        gone = other_maria()
        checks = [one.name for one in model._meta.constraints if isinstance(one, models.CheckConstraint)]
        with connection.cursor() as cursor:
            for name in checks:
                cursor.execute(f'ALTER TABLE {model._meta.db_table} DROP CONSTRAINT "{name}"')
        pk = plant(model, field, gone)
        merge(maria, gone, {}, by=alice_staff)
        found = model._base_manager.filter(pk=pk).values_list(field.attname, flat=True).first()
        assert found == maria.pk or (found is None and model.__name__ in WAYS_IN), model._meta.label
        transaction.set_rollback(True)


def test_rights_are_united_fields_chosen_and_the_old_address_leads_to_the_kept_one(
    northwind: CurrentAgency, alice: Account, alice_staff: Staff, maria: Client
) -> None:
    with inside(northwind):
        gone = other_maria(phone="+4930901820", wants_marketing=False)
        brightside = Company.objects.get(name="Brightside")
        CompanyMembership.objects.filter(client=maria).update(rights=["pay"], bundle=Bundle.MEMBER)
        CompanyMembership.objects.create(client=gone, company=brightside, bundle=Bundle.FINANCE)
        CompanyMembership.objects.create(client=gone, company=Company.objects.get(name="Oakley"))
        tags.put_tag([gone, maria], "VIP", by=None)
        notes.write_note(gone, "Knows Ines", by=None)
        project = Project.objects.create(name="Solo", client=gone)
        Invitation.objects.create(client=gone, expires_at=clock.now() + timedelta(days=3))
    stolen = portal_browser(northwind, gone)
    browser = console_browser(alice)
    page = browser.get(f"/northwind/clients/{maria.pk}/merge/{gone.pk}/").content.decode()
    assert "At Brightside they may: Pay, See money" in page and "+4930901820" in page
    answer = browser.post(
        f"/northwind/clients/{maria.pk}/merge/{gone.pk}/", {"name": "kept", "phone": "gone"}
    )
    assert answer["Location"] == f"/northwind/clients/{maria.pk}/"
    with inside(northwind):
        maria.refresh_from_db()
        assert (maria.name, maria.phone, maria.wants_marketing) == ("Maria Silva", "+4930901820", False)
        assert not Client.objects.filter(pk=gone.pk).exists()
        rights = {str(row.company): set(row.rights) for row in maria.memberships.all()}
        assert rights["Brightside"] == {Right.PAY, Right.VIEW_MONEY} and "Oakley" in rights
        assert maria.taggings.count() == 1 and Note.objects.get().client == maria
        project.refresh_from_db()
        assert project.client == maria
        assert not ClientSession.objects.filter(client=maria).exists()
        assert maria.invitations.get().revoked_at is not None
        assert AuditEntry.objects.filter(verb="records.merged", subject=f"client:{maria.pk}").exists()
        assert first_broken_entry() is None
        with pytest.raises(AlreadyClient):
            add_client(email="MARIA+shop@client.example", name="M", by=None)
    assert stolen.get("/").status_code == 302
    assert browser.get(f"/northwind/clients/{gone.pk}/")["Location"].endswith(f"/{maria.pk}/")
    portal_browser(northwind).post("/sign-in/", {"email": "maria+shop@client.example"})
    run_jobs()
    assert mail.outbox[-1].to == ["maria@client.example"]


def test_every_list_of_those_who_alone_see_a_record_follows(
    northwind: CurrentAgency, alice_staff: Staff, maria: Client, tom: Client
) -> None:
    with inside(northwind):
        gone = other_maria()
        brightside = Company.objects.get(name="Brightside")
        rows = {
            name: Project.objects.create(name=name, company=brightside, private_to=ids)
            for name, ids in (("one", [gone.pk]), ("both", [maria.pk, gone.pk]), ("others", [tom.pk]))
        }
        folder = Folder.objects.create(name="Private", company=brightside, private_to=[gone.pk])
        merge(maria, gone, {}, by=alice_staff)
        now = {name: Project.objects.get(pk=row.pk).private_to for name, row in rows.items()}
        assert now == {"one": [maria.pk], "both": [maria.pk], "others": [tom.pk]}
        assert Folder.objects.get(pk=folder.pk).private_to == [maria.pk]


def test_what_workflows_did_once_is_not_done_again_and_looks_of_staff_end(
    northwind: CurrentAgency, alice_staff: Staff, maria: Client
) -> None:
    with inside(northwind):
        gone = other_maria()
        GoogleAccount.objects.create(client=gone, issuer="google", subject="7")
        look = ViewAs.objects.create(
            client=gone, staff=alice_staff, reason="Looks", host="x", code_expires_at=clock.now()
        )
        made = a_workflow(TASK, by=alice_staff, fact="records.tagged", once="client")
        tags.put_tag([gone], "VIP", by=None)
        run_jobs()
        ask(gone, "data")
        merge(maria, gone, {}, by=alice_staff)
        tags.put_tag([maria], "Second", by=None)
        run_jobs()
        run = Run.objects.get(workflow=made)
        assert (run.client, run.key, run.about) == (maria, f"client:{maria.pk}", f"people.client:{maria.pk}")
        assert run.ids["client_id"] == maria.pk and asked(maria)["data"]
        look.refresh_from_db()
        assert look.ended_at is not None and not maria.google_accounts.exists()


def test_answers_to_mails_that_went_to_the_one_who_is_gone_arrive(
    northwind: CurrentAgency, alice_staff: Staff, maria: Client
) -> None:
    with inside(northwind):
        gone = other_maria()
        thread = wrote(gone)
        address, token = f"{thread.pk}-c{gone.pk}", rating_token(thread.pk, gone.pk)
        merge(maria, gone, {}, by=alice_staff)
        assert read_key(address) == (thread, maria)
        found = read_rating_token(token)
        assert found is not None and found[1] == maria


def test_taking_the_gone_ones_address_keeps_the_other_as_the_former_one(
    northwind: CurrentAgency, alice_staff: Staff, maria: Client
) -> None:
    with inside(northwind):
        merge(maria, other_maria(), {"email": "gone"}, by=alice_staff)
        maria.refresh_from_db()
        assert maria.email == "maria+shop@client.example"
        assert FormerClient.objects.get().email == "maria@client.example"


def test_money_that_may_not_change_moves_and_changes_in_nothing_else(
    northwind: CurrentAgency, alice_staff: Staff, maria: Client
) -> None:
    with inside(northwind):
        gone = other_maria()
        entry = LedgerEntry.objects.create(
            kind=EntryKind.CHARGE, ref="pi_1", payable="invoices.invoice:1", minor=100, currency="EUR",
            client=gone, happened_at=clock.now(),
        )  # fmt: skip
        merge(maria, gone, {}, by=alice_staff)
        entry.refresh_from_db()
        assert entry.client == maria and entry.minor == 100
        for words in ({"minor": 1}, {"client": None}):
            with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
                LedgerEntry.objects.filter(pk=entry.pk).update(**words)
        with transaction.atomic(), may_change("payments_ledgerentry", ["client_id"]):
            with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
                LedgerEntry.objects.update(minor=1)
            with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
                LedgerEntry.objects.filter(pk=entry.pk).delete()
            with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
                AuditEntry.objects.update(actor_name="x")


def test_one_grant_of_one_source_stays_and_one_billing_address(
    northwind: CurrentAgency, alice_staff: Staff, maria: Client
) -> None:
    with inside(northwind):
        gone = other_maria()
        for one in (maria, gone):
            grant(owner=one, key="courses.course:1", source="a.b:1", reason=Entitlement.Reason.HAND)
            BillingDetails.objects.create(client=one)
        merge(maria, gone, {}, by=alice_staff)
        assert Entitlement.objects.filter(client=maria, ended_at=None).count() == 1
        assert BillingDetails.objects.filter(client=maria).count() == 1


def test_what_cannot_be_united_is_refused_in_words_and_nothing_happened(
    northwind: CurrentAgency, alice: Account, alice_staff: Staff, maria: Client
) -> None:
    with inside(northwind):
        gone = other_maria()
        tags.put_tag([gone], "VIP", by=None)
        for one in (maria, gone):
            customer = StripeCustomer.objects.create(client=one, stripe_id=f"cus_{one.pk}")
            SavedMethod.objects.create(customer=customer, stripe_id=f"pm_{one.pk}", label="Visa")
    page = console_browser(alice).post(f"/northwind/clients/{maria.pk}/merge/{gone.pk}/", follow=True)
    assert "Both have saved ways to pay" in page.content.decode()
    with inside(northwind):
        assert Client.objects.filter(pk=gone.pk).exists() and gone.taggings.exists()
        SavedMethod.objects.all().delete()
        for one in (maria, gone):
            Mandate.objects.create(client=one, agreed_by=one, words="w", version="1")
        with pytest.raises(Refused, match="pay automatically"):
            merge(maria, gone, {}, by=alice_staff)
        with pytest.raises(CannotMerge):
            merge(maria, maria, {}, by=alice_staff)
        with pytest.raises(CannotMerge):
            merge(maria, Client.objects.get(is_example=True), {}, by=alice_staff)


def test_likely_duplicates_are_suggested_and_two_people_are_not_suggested_again(
    northwind: CurrentAgency, alice: Account, maria: Client, tom: Client
) -> None:
    with inside(northwind):
        by_address = other_maria(name="M. S.")
        by_name = Client.objects.create(email="tb@x.example", name="Tom Bekker")
        by_phone = Client.objects.create(email="c@x.example", name="Zoe", phone="+4930901820")
        Client.objects.filter(email="charlie@client.example").update(phone="+4930901820")
        found = {(pair.first.name, pair.second.name): pair.reason for pair in duplicates.suggested().pairs}
        assert found == {
            ("Maria Silva", "M. S."): "Same e-mail address",
            ("Tom Becker", "Tom Bekker"): "Similar name",
            ("Charlie Oakley", "Zoe"): "Same phone number",
        }, (by_address, by_phone)
    browser = console_browser(alice)
    assert "Tom Bekker" in browser.get("/northwind/clients/duplicates/").content.decode()
    browser.post(f"/northwind/clients/{by_name.pk}/merge/{tom.pk}/apart/")
    assert "Tom Bekker" not in browser.get("/northwind/clients/duplicates/").content.decode()


def test_names_that_were_not_compared_are_told(
    northwind: CurrentAgency, alice: Account, tom: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with inside(northwind):
        Client.objects.create(email="tb@x.example", name="Tom Bekker")
        Client.objects.filter(email="charlie@client.example").update(phone="+4930901820")
        Client.objects.filter(pk=tom.pk).update(phone="+4930901820")
    slow = duplicates._ALIKE.replace("WITH newest", "WITH waited AS (SELECT pg_sleep(1)), newest")
    monkeypatch.setattr(duplicates, "_ALIKE", slow.replace("FROM newest a", "FROM waited, newest a"))
    monkeypatch.setattr(duplicates, "NAMES_MS", 20)
    page = console_browser(alice).get("/northwind/clients/duplicates/").content.decode()
    assert "Names were not compared" in page and "Same phone number" in page
    with inside(northwind):
        Client.objects.update(phone="")
    page = console_browser(alice).get("/northwind/clients/duplicates/").content.decode()
    assert "Names were not compared" in page and "No duplicates found" not in page


def test_members_and_other_agencies_merge_nobody(
    northwind: CurrentAgency, jonas: Account, hugo: Account, maria: Client, tom: Client
) -> None:
    path = f"clients/{maria.pk}/merge/{tom.pk}/"
    assert console_browser(jonas).post("/northwind/" + path).status_code == 403
    assert console_browser(hugo).post("/northwind/" + path).status_code == 404
    assert (
        console_browser(hugo).post(f"/harbour/clients/{maria.pk + 900}/merge/{tom.pk + 900}/").status_code
        == 404
    )
    with inside(northwind):
        assert Client.objects.filter(pk__in=[maria.pk, tom.pk]).count() == 2
