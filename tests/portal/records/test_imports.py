"""Clients from a file: looked at first, brought in once, taken back exactly."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from kit.refused import Refused
from modules.projects.models import Project
from portal.audit.models import AuditEntry
from portal.audit.operations import first_broken_entry
from portal.imports import checking, running, together, undoing
from portal.imports.columns import guess
from portal.imports.models import Import, ImportRow
from portal.imports.reading import read
from portal.people.models import Client, Company, Staff
from portal.records import notes
from portal.records.fields import define_field
from portal.records.models import Tag
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tenants.plans import Plan, limits
from tests.cast import console_browser, portal_browser
from tests.running_jobs import run_jobs

IMPORTS = "/northwind/clients/imports/"
FILE = (
    "Name;E-Mail;Firma;Telefon;Tags;Budget\n"
    "Nora Bühler;nora@x.example;Bühler KG;+49 30 901820;VIP, Messe;12,5\n"
    "Otto;otto@x.example;Brightside;;;\n"
    "Broken;no-address;;;;\n"
    "Paul;paul@x.example;;123;;much\n"
    "Maria;MARIA@client.example;Brightside;+49 30 901820;VIP;\n"
    "Again;nora@x.example;;;;\n"
    "\n"
    "Too;many@x.example;cells;;;;;;;\n"
)


@pytest.fixture(autouse=True)
def roomy(northwind: CurrentAgency) -> None:
    """No limit of clients."""
    Agency.objects.filter(slug="northwind").update(plan=Plan.SCALE)


def big(agency: CurrentAgency) -> CurrentAgency:
    found: Agency = Agency.objects.get(slug=agency.slug)
    return found.current()


def checked(content: str, by: Staff, *, updates_known: bool = False, encoding: str = "utf-8") -> Import:
    one = checking.begin(content.encode(encoding), "clients.csv", by=by)
    checking.check(one, one.mapping, updates_known=updates_known)
    one.refresh_from_db()
    return one


def bring_in(one: Import, by: Staff, *, all_or_none: bool = False) -> None:
    running.start(one, all_or_none=all_or_none, by=by)
    run_jobs()
    one.refresh_from_db()


@pytest.mark.parametrize(
    ("encoding", "separator"), [("utf-8", ";"), ("utf-8-sig", ","), ("cp1252", "\t"), ("utf-16", "|")]
)
def test_encoding_and_separator_are_found(encoding: str, separator: str) -> None:
    text = (
        separator.join(["Name", "E-Mail", "Firma"])
        + "\r\n"
        + separator.join(["Jörg", "j@x.example", '"A, B"'])
    )
    file = read(text.encode(encoding))
    assert file.separator == separator and file.rows == [["Jörg", "j@x.example", "A, B"]]
    assert list(guess_of(file.head).values()) == ["name", "email", "company"]


def guess_of(head: list[str]) -> dict[str, str]:
    from unittest.mock import patch

    with patch("portal.imports.columns.CustomField.objects.active", return_value=[]):
        return guess(head, [])


@pytest.mark.parametrize(
    "content",
    [b"", b"  \n ", b"Name\n", b"\x89PNG\r\n\x00\x00", b"a,b\n" * 20_002, b"x" * (10 * 1024**2 + 1),
     b"," * 100 + b"\n1\n", b'a,b\n"' + b"x" * (1024**2 + 5)],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(Refused):
        read(content)


def test_the_dry_run_says_by_row_and_column_what_is_wrong_and_makes_nothing(
    northwind: CurrentAgency, alice: Account, alice_staff: Staff
) -> None:
    with inside(big(northwind)):
        define_field(name="Budget", kind="number", about="client", choices=[], by=alice_staff)
        before = Client.objects.count()
    browser = console_browser(alice)
    file = SimpleUploadedFile("kunden.csv", FILE.encode("cp1252"), content_type="text/csv")
    answer = browser.post(IMPORTS, {"file": file})
    page = browser.get(answer["Location"]).content.decode()
    assert "WINDOWS-1252" in page.upper() or "CP1252" in page
    assert "semicolon" in page and "Nora Bühler" in page and "selected>Budget" in page
    columns = ["name", "email", "company", "phone", "tags"]
    form = {f"column_{number}": target for number, target in enumerate(columns)}
    with inside(big(northwind)):
        one = Import.objects.get()
        form["column_5"] = one.mapping["5"]
    twice = browser.post(answer["Location"], {**form, "column_2": "email"}, follow=True).content.decode()
    assert "Two columns hold" in twice
    page = browser.post(answer["Location"], form, follow=True).content.decode()
    assert "2 new clients, 1 known already, 4 broken rows" in page
    for words in (
        "“no-address” is no e-mail address",
        "This is no phone number",
        "is no number",
        "Row 2 has the same",
    ):
        assert words in page, words
    text = b"".join(browser.get(f"{IMPORTS}{one.pk}/broken/")).decode("utf-8-sig")
    rows = list(csv.reader(StringIO(text)))
    assert [row[0] for row in rows] == ["Name", "Broken", "Paul", "Again", "Too"]
    assert "Telefon: This is no phone number" in rows[2][-1] and "Row 5" in rows[2][-1]
    with inside(big(northwind)):
        assert Client.objects.count() == before and not Tag.objects.exists()


def test_good_rows_come_in_once_however_often_the_job_runs(
    northwind: CurrentAgency, alice_staff: Staff
) -> None:
    with inside(big(northwind)):
        one = checked(FILE, alice_staff, updates_known=True)
        with pytest.raises(Refused, match="Not all rows"):
            running.start(one, all_or_none=True, by=alice_staff)
        running.start(one, all_or_none=False, by=alice_staff)
        with pytest.raises(Refused):
            running.start(one, all_or_none=False, by=alice_staff)
        running.run(one.pk)
        ImportRow.objects.filter(state="made").first()
        running.run(one.pk)
        run_jobs()
        running.run(one.pk)
        assert Client.objects.filter(email__endswith="@x.example").count() == 2
        nora = Client.objects.get(email="nora@x.example")
        assert nora.phone == "+4930901820" and nora.memberships.get().company.name == "Bühler KG"
        assert {str(tag) for tag in nora.tags.all()} == {"VIP", "Messe"}
        maria = Client.objects.get(email="maria@client.example")
        assert maria.name == "Maria Silva" and maria.phone == "+4930901820"  # filled in, not written over
        assert Import.objects.get().state == Import.State.DONE
    assert mail.outbox == []


def test_a_job_that_dies_between_loses_and_doubles_nothing(
    northwind: CurrentAgency, alice_staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"P{n},p{n}@x.example" for n in range(130)]
    with inside(big(northwind)):
        one = checked("Name,E-mail\n" + "\n".join(lines), alice_staff)
        running.start(one, all_or_none=True, by=alice_staff)
        running.run(one.pk)

        def dies(*words: Any, **more: Any) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            # The clients are there, their log and companies are not.
            patch.setattr(together, "record_all", dies)
            with pytest.raises(KeyboardInterrupt):
                running.run(one.pk)
        assert Client.objects.filter(email__endswith="@x.example").count() == 100
        run_jobs()
        assert Client.objects.filter(email__endswith="@x.example").count() == 130
        assert AuditEntry.objects.filter(verb="people.client_added", actor_id=alice_staff.pk).count() == 130
        assert first_broken_entry() is None
        assert set(one.rows.values_list("state", flat=True)) == {"made"}


def test_taking_it_back_removes_what_it_made_and_keeps_what_was_touched(
    northwind: CurrentAgency, alice_staff: Staff
) -> None:
    with inside(big(northwind)):
        emails = set(Client.objects.values_list("email", flat=True))
        one = checked(FILE, alice_staff, updates_known=True)
        bring_in(one, alice_staff)
        otto = Client.objects.get(email="otto@x.example")
        notes.write_note(otto, "Called him", by=alice_staff)
        undoing.start(one, by=alice_staff)
        run_jobs()
        one.refresh_from_db()
        assert one.state == Import.State.UNDONE
        assert set(Client.objects.values_list("email", flat=True)) == emails | {"otto@x.example"}
        maria = Client.objects.get(email="maria@client.example")
        assert maria.phone == "" and not maria.taggings.exists() and maria.memberships.count() == 1
        assert not Tag.objects.exists() and not Company.objects.filter(name="Bühler KG").exists()
        assert ImportRow.objects.get(client=otto).get_state_display() == "Kept: touched since"
        with pytest.raises(Refused):
            undoing.start(one, by=alice_staff)


def test_many_are_added_as_one_by_one(
    northwind: CurrentAgency, alice_staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    def what_is_there() -> list[Any]:
        clients = Client.objects.filter(email__endswith="@x.example").order_by("email")
        found = [
            (
                *(getattr(one, name) for name in ("email", "name", "phone", "custom", "lead_id")),
                [(row.company.name, row.bundle, row.rights) for row in one.memberships.all()],
                sorted(str(tag) for tag in one.tags.all()),
            )
            for one in clients
        ]
        undone = ImportRow.objects.order_by("number").values_list("state", "problems", "undo__set")
        made = [sorted(row.undo) for row in ImportRow.objects.order_by("number")]
        return [found, list(undone), made]

    with inside(big(northwind)):
        outcomes = []
        for together_too in (True, False):
            one = checked(FILE, alice_staff, updates_known=True)
            if not together_too:
                monkeypatch.setattr(running, "_made_together", lambda *words: False)
            bring_in(one, alice_staff)
            outcomes.append(what_is_there())
            undoing.start(one, by=alice_staff)
            run_jobs()
            assert not Client.objects.filter(email__endswith="@x.example").exists()
            assert not Company.objects.filter(name="Bühler KG").exists() and first_broken_entry() is None
            one.delete()
        assert outcomes[0] == outcomes[1]


def test_who_is_held_by_something_stays_and_the_others_go(
    northwind: CurrentAgency, alice_staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    with inside(big(northwind)):
        one = checked("Name,E-mail\nA,a@x.example\nB,b@x.example\nC,c@x.example", alice_staff)
        bring_in(one, alice_staff)
        Project.objects.create(name="B's", client=Client.objects.get(email="b@x.example"))
        # Even if nothing had been noticed before: the database holds on to it.
        monkeypatch.setattr(undoing, "_touched", lambda made: set())
        undoing.start(one, by=alice_staff)
        run_jobs()
        assert [c.email for c in Client.objects.filter(email__endswith="@x.example")] == ["b@x.example"]
        assert [row.state for row in one.rows.order_by("number")] == ["back", "kept", "back"]


def test_a_field_that_was_changed_since_is_not_put_back(northwind: CurrentAgency, alice_staff: Staff) -> None:
    with inside(big(northwind)):
        one = checked(FILE, alice_staff, updates_known=True)
        bring_in(one, alice_staff)
        Client.objects.filter(email="maria@client.example").update(phone="+49305555555")
        undoing.start(one, by=alice_staff)
        run_jobs()
        assert Client.objects.get(email="maria@client.example").phone == "+49305555555"


def test_the_plans_limit_is_told_before_and_kept(
    northwind: CurrentAgency, alice: Account, alice_staff: Staff
) -> None:
    Agency.objects.filter(slug="northwind").update(plan=Plan.STARTER)
    agency = big(northwind)
    most = limits(Plan.STARTER).clients
    assert most is not None
    with inside(agency):
        taken = Client.objects.filter(is_example=False).count()
        lines = [f"P{n},p{n}@x.example" for n in range(most)]
        one = checked("Name,E-mail\n" + "\n".join(lines), alice_staff)
    page = console_browser(alice).get(f"{IMPORTS}{one.pk}/").content.decode()
    assert f"room for {most - taken} more clients, and this file has {most}" in page
    with inside(agency):
        bring_in(one, alice_staff)
        assert Client.objects.filter(is_example=False).count() == most
        assert one.rows.filter(state="bad").count() == taken


def test_only_owners_and_admins_of_this_agency_import(
    northwind: CurrentAgency, alice_staff: Staff, jonas: Account, hugo: Account, maria: Client
) -> None:
    with inside(big(northwind)):
        one = checked(FILE, alice_staff)
    for path in ("", f"{one.pk}/", f"{one.pk}/columns/", f"{one.pk}/broken/"):
        assert console_browser(jonas).get(IMPORTS + path).status_code == 403
        assert console_browser(hugo).get(IMPORTS + path).status_code == 404
        assert portal_browser(northwind, maria).get("/clients/imports/" + path).status_code == 404
    for path in ("start/", "undo/"):
        assert console_browser(jonas).post(f"{IMPORTS}{one.pk}/{path}").status_code == 403
        assert console_browser(hugo).post(f"/harbour/clients/imports/{one.pk}/{path}").status_code == 404
    with inside(big(northwind)):
        assert Import.objects.get().state == Import.State.CHECKED
