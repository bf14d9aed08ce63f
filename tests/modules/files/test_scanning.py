"""Where a scanner is set, nobody gets a file before it says that it is clean."""

from collections.abc import Iterator
from typing import Any

import pytest

from modules.files import operations
from modules.files.models import File, Version
from portal.people.models import Company, Staff
from portal.tasks.models import Task
from portal.uploads import scanning
from tests.modules.deliverables.scene import Visitor, body
from tests.modules.files.clamd import EICAR, Clamd
from tests.modules.files.scene import sent, shared
from tests.running_jobs import run_jobs


@pytest.fixture
def clamd(settings: Any) -> Iterator[Clamd]:
    with Clamd() as simulator:
        settings.CLAMD_ADDRESS = simulator.address
        yield simulator


def state() -> str:
    return Version.objects.order_by("-pk")[0].check_state


def test_until_it_is_clean_nobody_gets_it(
    portal: Visitor, console: Visitor, clamd: Clamd, brightside: Company, alice_staff: Staff
) -> None:
    file = shared(brightside, alice_staff, sent(b"harmless", "a.txt"))
    assert state() == "waiting"
    assert portal.get(f"/files/{file.pk}/content/?download").status_code == 409
    assert "being checked" in portal.get(f"/files/{file.pk}/").text
    assert console.get(f"/files/{file.pk}/versions/1/content/").status_code == 409
    assert portal.get("/files/zip/").status_code == 422
    run_jobs()
    assert state() == "clean" and clamd.seen == [b"harmless"]
    assert body(portal.get(f"/files/{file.pk}/content/?download")) == b"harmless"


def test_what_is_harmful_is_never_handed_out_and_staff_are_told(
    portal: Visitor, console: Visitor, clamd: Clamd, brightside: Company, alice_staff: Staff
) -> None:
    file = shared(brightside, alice_staff, sent(EICAR, "invoice.txt"))
    run_jobs()
    assert state() == "infected"
    assert portal.get(f"/files/{file.pk}/content/?download").status_code == 409
    assert console.get(f"/files/{file.pk}/versions/1/content/").status_code == 409
    assert "Win.Test.EICAR_HDB-1" in Task.objects.open().get().title
    assert "Win.Test" not in portal.get(f"/files/{file.pk}/").text
    with pytest.raises(operations.WrongState):
        operations.share([file], by=alice_staff)


def test_a_harmful_new_version_leaves_the_older_one_in_place(
    portal: Visitor, clamd: Clamd, brightside: Company, alice_staff: Staff
) -> None:
    file = shared(brightside, alice_staff, sent(b"first", "a.txt"))
    run_jobs()
    operations.add_version(file, sent=sent(EICAR, "a.txt"), by=alice_staff)
    assert body(portal.get(f"/files/{file.pk}/content/?download")) == b"first"
    run_jobs()
    assert body(portal.get(f"/files/{file.pk}/content/?download")) == b"first"
    operations.add_version(file, sent=sent(b"third", "a.txt"), by=alice_staff)
    run_jobs()
    assert body(portal.get(f"/files/{file.pk}/content/?download")) == b"third"


@pytest.mark.parametrize("says", [b"stream: OK", b"", b"ERROR\0", b"stream: \0"])
def test_half_an_answer_is_no_answer(
    clamd: Clamd, brightside: Company, alice_staff: Staff, says: bytes
) -> None:
    clamd.says = says
    shared(brightside, alice_staff, sent(b"x", "a.txt"))
    if says == b"stream: OK":
        run_jobs()
        assert state() == "clean", "the end of the connection ends the answer, too"
        return
    with pytest.raises(scanning.ScannerAway):
        operations.prepare(Version.objects.get().pk)
    assert state() == "waiting"


def test_a_scanner_that_is_away_holds_files_back_until_it_is_there(
    settings: Any, clamd: Clamd, brightside: Company, alice_staff: Staff
) -> None:
    settings.CLAMD_ADDRESS = "127.0.0.1:9"
    shared(brightside, alice_staff, sent(b"x", "a.txt"))
    with pytest.raises(scanning.ScannerAway):
        operations.prepare(Version.objects.get().pk)
    assert state() == "waiting"
    settings.CLAMD_ADDRESS = clamd.address
    assert operations.check_waiting() == 1 and state() == "clean"


def test_what_is_too_large_for_the_scanner_waits_for_somebodys_word(
    portal: Visitor, console: Visitor, clamd: Clamd, brightside: Company, alice_staff: Staff
) -> None:
    clamd.most = 10
    file = shared(brightside, alice_staff, sent(bytes(500_000), "large.bin"))
    run_jobs()
    assert state() == "unchecked"
    assert portal.get(f"/files/{file.pk}/content/").status_code == 409
    assert console.post(f"/files/{file.pk}/versions/1/release/").status_code == 302
    assert portal.get(f"/files/{file.pk}/content/").status_code == 200
    harmful = File.objects.create(company=brightside, name="x")
    upload = Version.objects.get(file=file).upload
    version = Version.objects.create(file=harmful, number=1, upload=upload, check_state="infected")
    with pytest.raises(operations.NotValid):
        operations.release(version, by=alice_staff)
