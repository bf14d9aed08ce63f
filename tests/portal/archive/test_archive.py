"""Everything to take along: complete, without keys to any door, for owners only, also when read-only."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from kit import clock
from portal.archive import writing
from portal.archive.models import Archive
from portal.archive.operations import let_go_stuck, remove_old
from portal.archive.tables import SECRET, columns, exported
from portal.people.models import Client, Staff
from portal.uploads.models import Upload
from portal.uploads.operations import UploadRule, store
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency, AgencyState
from tenants.routing import hosts
from tests.cast import console_browser
from tests.running_jobs import queued, run_jobs

EVERYTHING = "/northwind/plan/everything/"
FILE = b"%PDF-1.4 the contract\n%%EOF"


@pytest.fixture
def owner(alice: Account) -> Browser:
    return console_browser(alice)


@pytest.fixture
def contract(northwind: CurrentAgency) -> Upload:
    with inside(northwind):
        return store(SimpleUploadedFile("Contract.pdf", FILE), UploadRule())


def newest(agency: CurrentAgency) -> Archive:
    with inside(agency):
        return Archive.objects.latest("pk")


def downloaded(browser: Browser, agency: CurrentAgency, number: int = 1) -> zipfile.ZipFile:
    answer = browser.get(f"{EVERYTHING}{newest(agency).uid}/{number}/")
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    found = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    assert found.testzip() is None
    return found


def test_an_owner_gets_all_records_and_files(
    owner: Browser, northwind: CurrentAgency, contract: Upload
) -> None:
    with inside(northwind):
        Client.objects.create(email="eve@x.example", name="=HYPERLINK(1)")
    assert owner.post(f"{EVERYTHING}collect/").status_code == 302
    assert "Collecting" in owner.get(EVERYTHING).content.decode()
    run_jobs()
    assert [message.subject for message in mail.outbox] == [
        "Everything of Northwind Studio, ready to download"
    ]
    assert "/plan/everything/" in str(mail.outbox[0].body)
    found = downloaded(owner, northwind)
    manifest = json.loads(found.read("manifest.json"))
    assert manifest["tables"]["people_client"]["rows"] == 5
    people = found.read("tables/people_client.csv").decode("utf-8-sig")
    assert "maria@client.example" in people and "'=HYPERLINK(1)" in people
    rows = [json.loads(line) for line in found.read("tables/people_client.jsonl").splitlines()]
    assert rows[-1]["name"] == "=HYPERLINK(1)" and "password" not in rows[0]
    (name,) = [name for name in found.namelist() if name.startswith("files/")]
    assert name.endswith("-Contract.pdf") and found.read(name) == FILE
    assert newest(northwind).done == newest(northwind).total


def test_no_key_to_any_door_is_in_it(northwind: CurrentAgency) -> None:
    names = {model._meta.label_lower for model in exported()}
    assert {"people.client", "invoices.invoice", "audit.auditentry", "uploads.upload"} <= names
    assert not names & {"people.clientsession", "people.signinlink", "people.clientpasskey"}
    kept = {(model._meta.label, name) for model in exported() for name in columns(model)}
    assert not [one for one in kept if SECRET.search(one[1]) or "hash" in one[1] and "Audit" not in one[0]]
    assert ("people.Client", "email") in kept


def test_large_agencies_get_several_parts_and_a_killed_job_costs_one(
    owner: Browser, northwind: CurrentAgency, contract: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    with inside(northwind):
        for number in range(3):
            store(SimpleUploadedFile(f"{number}.pdf", FILE * 9), UploadRule())
    monkeypatch.setattr(writing, "PART_BYTES", 1)
    owner.post(f"{EVERYTHING}collect/")
    keep, deaths = writing._keep, [2]

    def dies_once(archive: Archive, number: int, *args: object, **kwargs: object) -> None:
        if number in deaths:
            deaths.remove(number)
            raise SystemExit
        keep(archive, number, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(writing, "_keep", dies_once)
    with pytest.raises(SystemExit):
        run_jobs()
    with inside(northwind):
        from portal.archive.jobs import build

        build.send(archive_id=newest(northwind).pk)
    run_jobs()
    made = newest(northwind)
    assert made.state == Archive.State.READY
    with inside(northwind):
        numbers = [part.number for part in made.parts.all()]
    names = [name for number in numbers for name in downloaded(owner, northwind, number).namelist()]
    files = [name for name in names if name.startswith("files/")]
    assert len(numbers) > 1 and len(files) == len(set(files)) == 4 and names.count("the-end.txt") == 1


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER])
def test_charlie_who_is_no_owner_gets_nothing(owner: Browser, northwind: CurrentAgency, role: Role) -> None:
    owner.post(f"{EVERYTHING}collect/")
    run_jobs()
    account = Account.objects.create_user("charlie@x.example", None, name="Charlie")
    Membership.objects.create(account=account, agency_id=northwind.id, role=role)
    with inside(northwind):
        Staff.objects.create(account_id=account.pk, name="C", email="charlie@x.example", role=role.value)
    charlie = console_browser(account)
    part = f"{EVERYTHING}{newest(northwind).uid}/1/"
    assert [charlie.get(path).status_code for path in (EVERYTHING, part)] == [403, 403]
    assert charlie.post(f"{EVERYTHING}collect/").status_code == 403


def test_another_agencys_archive_is_not_there(
    owner: Browser, northwind: CurrentAgency, hugo: Account
) -> None:
    owner.post(f"{EVERYTHING}collect/")
    run_jobs()
    uid = newest(northwind).uid
    assert console_browser(hugo).get(f"/harbour/plan/everything/{uid}/1/").status_code == 404
    assert console_browser(hugo).get(f"{EVERYTHING}{uid}/1/").status_code == 404


def test_a_read_only_agency_may_take_everything_along_and_a_suspended_one_asks_us(
    owner: Browser, northwind: CurrentAgency
) -> None:
    for state, jobs in ((AgencyState.SUSPENDED, False), (AgencyState.READ_ONLY, True)):
        Agency.objects.filter(pk=northwind.id).update(state=state)
        hosts.forget_all()
        owner.post(f"{EVERYTHING}collect/")
        assert ("archive.build" in queued()) == jobs, state
    run_jobs()
    assert downloaded(owner, northwind).namelist()


def test_one_at_a_time_and_a_new_one_takes_the_place_of_the_old(
    owner: Browser, northwind: CurrentAgency
) -> None:
    owner.post(f"{EVERYTHING}collect/")
    answer = owner.post(f"{EVERYTHING}collect/", follow=True)
    assert "being collected already" in answer.content.decode() and queued().count("archive.build") == 1
    run_jobs()
    first = newest(northwind)
    with inside(northwind):
        key = first.parts.get().storage_key
    owner.post(f"{EVERYTHING}collect/")
    assert not default_storage.exists(key)
    assert owner.get(f"{EVERYTHING}{first.uid}/1/").status_code == 404


def test_after_three_days_it_is_gone(owner: Browser, northwind: CurrentAgency) -> None:
    owner.post(f"{EVERYTHING}collect/")
    run_jobs()
    made = newest(northwind)
    with inside(northwind):
        key = made.parts.get().storage_key
    with time_machine.travel(clock.now() + timedelta(days=3, minutes=1)):
        assert owner.get(f"{EVERYTHING}{made.uid}/1/").status_code in (302, 404)
        with inside(northwind):
            assert remove_old() == 1 and remove_old() == 0
    assert not default_storage.exists(key) and "Collect everything" in owner.get(EVERYTHING).content.decode()


def test_one_that_got_stuck_makes_room_for_another(owner: Browser, northwind: CurrentAgency) -> None:
    owner.post(f"{EVERYTHING}collect/")
    with inside(northwind):
        assert let_go_stuck() == 0
        Archive.objects.update(moved_at=clock.now() - timedelta(hours=3))
        assert let_go_stuck() == 1
    assert "was not finished" in owner.get(EVERYTHING).content.decode()


def test_a_file_whose_bytes_are_gone_is_named_and_the_rest_is_there(
    owner: Browser, northwind: CurrentAgency, contract: Upload
) -> None:
    default_storage.delete(contract.storage_key)
    owner.post(f"{EVERYTHING}collect/")
    run_jobs()
    found = downloaded(owner, northwind)
    assert "Contract.pdf" in found.read("files-that-could-not-be-read.txt").decode()
