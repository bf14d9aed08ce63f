"""Large files go to the bucket in parts, past our processes: the real boto3 against a server that checks signatures."""

import http.client
import time
import tracemalloc
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from infra.embedded.s3 import S3Server
from infra.embedded.sigv4 import Keys
from modules.files import operations as files
from modules.files.models import File
from portal.people.models import Client, Company, Staff
from portal.uploads import big, orphans, writing
from portal.uploads.models import BigUpload, Upload
from portal.uploads.operations import NoRoom, UploadRefused
from tenants.agencies.current import CurrentAgency, inside
from tenants.plans import Limits
from tests.modules.deliverables.scene import Visitor, visit_portal
from tests.portal.uploads import samples
from tests.running_jobs import run_jobs

MIB = 1024**2
GIB = 1024**3


class Box:
    """Maria's browser, a folder that takes her files, and a colleague's and Charlie's browsers."""

    def __init__(self, agency: CurrentAgency, staff: Staff, maria: Client, charlie: Client) -> None:
        company: Company = maria.companies.get()
        self.folder = files.create_folder(company, name="From you", takes_uploads=True, by=staff)
        self.maria: Visitor = visit_portal(agency, maria)
        self.charlie: Visitor = visit_portal(agency, charlie)
        self.stranger: Visitor = visit_portal(agency, None)

    def begin(self, size: int, name: str = "film.mp4") -> Any:
        return self.maria.post("/files/big/", {"name": name, "size": str(size)})


@pytest.fixture
def box(
    northwind: CurrentAgency, alice_staff: Staff, maria: Client, charlie: Client, bucket: S3Server
) -> Iterator[Box]:
    with inside(northwind):
        yield Box(northwind, alice_staff, maria, charlie)


def put(url: str, body: bytes) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    connection.request("PUT", f"{parts.path}?{parts.query}", body)
    try:
        return connection.getresponse().status
    finally:
        connection.close()


def part_of(content: bytes, state: dict[str, Any], number: int) -> bytes:
    return content[(number - 1) * state["part_size"] : number * state["part_size"]]


def send(box: Box, state: dict[str, Any], content: bytes, numbers: range) -> None:
    for number in numbers:
        link = box.maria.post(f"{state['url']}parts/{number}/").json()["url"]
        assert put(link, part_of(content, state, number)) == 200


def test_a_file_goes_up_in_parts_goes_on_where_it_stopped_and_is_typed_by_content(box: Box) -> None:
    content = samples.MP4 + bytes(17 * MIB)
    state = box.begin(len(content), "film.pdf").json()
    assert (state["parts"], state["part_size"], state["arrived"]) == (2, 16 * MIB, [])
    send(box, state, content, range(2, 3))
    assert box.maria.get(state["url"]).json()["arrived"] == [2], "the browser goes on from here"
    assert box.maria.post(f"{state['url']}whole/").status_code == 422, "a part is missing"
    send(box, state, content, range(1, 2))
    whole = box.maria.post(f"{state['url']}whole/")
    assert whole.status_code == 200 == box.maria.post(f"{state['url']}whole/").status_code
    answer = box.maria.post(f"/files/folders/{box.folder.pk}/upload/", {"big": [whole.json()["id"]]})
    assert answer.status_code == 302
    upload = File.objects.get().current.upload  # type: ignore[union-attr]
    assert (upload.size, upload.content_type, upload.name) == (len(content), "video/mp4", "film.pdf")
    run_jobs()
    upload.refresh_from_db()
    assert len(upload.sha256) == 64, "a job has read it once, block by block"


def test_a_store_that_joins_slowly_is_waited_for_and_an_answer_that_was_lost_is_no_loss(
    box: Box, bucket: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = samples.MP4 + bytes(17 * MIB)
    state = box.begin(len(content)).json()
    send(box, state, content, range(1, 3))
    receive = bucket.store.receive

    def receive_slowly(blocks: Any) -> Any:
        time.sleep(3)  # longer than the store may be silent (conftest: 2 s)
        return receive(blocks)

    monkeypatch.setattr(bucket.store, "receive", receive_slowly)
    client = big._store()
    twice = SimpleNamespace(
        list_parts=client.list_parts,
        complete_multipart_upload=lambda **words: (
            client.complete_multipart_upload(**words),
            client.complete_multipart_upload(**words),
        ),
        head_object=client.head_object,
        get_object=client.get_object,
    )
    monkeypatch.setattr(big, "_store", lambda: twice)
    assert box.maria.post(f"{state['url']}whole/").status_code == 200
    assert Upload.objects.get().size == len(content)


def test_three_gigabytes_are_announced_before_a_byte_is_sent(box: Box) -> None:
    state = box.begin(3 * GIB).json()
    assert state["parts"] == 192 and state["parts"] * state["part_size"] == 3 * GIB
    assert "partNumber=192" in box.maria.post(f"{state['url']}parts/192/").json()["url"]
    assert box.maria.post(f"{state['url']}parts/193/").status_code == 422
    assert box.maria.post(f"{state['url']}parts/0/").status_code == 422


def test_where_there_is_no_room_it_says_so_at_once(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "limits", lambda plan: Limits(None, None, 5 * GIB))
    assert box.begin(3 * GIB).status_code == 200
    answer = box.begin(3 * GIB)
    assert answer.status_code == 422 and "no room left" in answer.json()["words"], (
        "the first one keeps its room"
    )
    assert box.begin(30 * GIB).status_code == 422 and box.begin(0).status_code == 422
    assert box.maria.post("/files/big/", {"name": "x", "size": "-1"}).status_code == 422
    assert box.maria.post("/files/big/", {"name": "x", "size": "9" * 30}).status_code == 422
    with pytest.raises(NoRoom):
        big.begin("x", 3 * GIB, whose="staff-1")


def test_nobody_else_gets_anything_about_it(box: Box) -> None:
    content = bytes(MIB)
    state = box.begin(len(content)).json()
    send(box, state, content, range(1, 2))
    assert box.charlie.post("/files/big/", {"name": "x", "size": "5"}).status_code == 404
    for visitor, status in ((box.charlie, 404), (box.stranger, 302)):
        assert visitor.get(state["url"]).status_code == status
        assert visitor.post(f"{state['url']}parts/1/").status_code == status
        assert visitor.post(f"{state['url']}whole/").status_code == status
    box.maria.post(f"{state['url']}whole/")
    with pytest.raises(UploadRefused):
        big.whole_ones([state["id"]], whose="client-987")
    with pytest.raises(UploadRefused):
        big.whole_ones(["nonsense"], whose="client-987")


def test_a_link_takes_one_part_of_its_length_and_no_other(box: Box) -> None:
    state = box.begin(MIB).json()
    link = box.maria.post(f"{state['url']}parts/1/").json()["url"]
    assert put(link, bytes(MIB + 1)) == 403, "longer than announced"
    assert put(link.replace("partNumber=1", "partNumber=2"), bytes(MIB)) == 403
    assert put(link, bytes(MIB)) == 200


def test_an_unfinished_file_cannot_be_taken_up(box: Box) -> None:
    state = box.begin(MIB).json()
    answer = box.maria.post(f"/files/folders/{box.folder.pk}/upload/", {"big": [state["id"]]})
    assert answer.status_code == 422 and not File.objects.exists()


def test_what_was_given_up_is_forgotten_here_and_in_the_store(box: Box, bucket: S3Server) -> None:
    content = bytes(MIB)
    state = box.begin(len(content)).json()
    send(box, state, content, range(1, 2))
    whole = box.begin(len(content)).json()
    send(box, whole, content, range(1, 2))
    box.maria.post(f"{whole['url']}whole/")
    assert big.give_up_old() == 0
    old = {"created_at": "2020-01-01T00:00:00Z"}
    BigUpload.objects.filter(pk=state["id"]).update(**old)
    Upload.objects.update(**old)
    assert (big.give_up_old(), orphans.sweep()) == (1, 1), "a whole file that nobody took up goes, too"
    assert not BigUpload.objects.exists() and not Upload.objects.exists()
    assert bucket.store.listing("files") == []


def test_a_store_that_refuses_us_is_said_in_words(box: Box, bucket: S3Server) -> None:
    state = box.begin(MIB).json()
    bucket.keys = Keys("others", "than ours")
    for answer in (box.begin(MIB), box.maria.get(state["url"]), box.maria.post(f"{state['url']}whole/")):
        assert answer.status_code == 422 and "try again" in answer.json()["words"]


def test_without_a_bucket_there_are_no_parts(
    northwind: CurrentAgency, alice_staff: Staff, maria: Client, charlie: Client
) -> None:
    with inside(northwind):
        own = Box(northwind, alice_staff, maria, charlie)
        assert own.begin(3 * GIB).status_code == 422
        page = own.maria.get(f"/files/folders/{own.folder.pk}/upload/").text
    assert "data-big=" not in page


class Sparse:
    """A form's body of many bytes that exists nowhere as a whole."""

    def __init__(self, head: bytes, size: int, tail: bytes) -> None:
        self._head, self._left, self._tail = head, size, tail

    def read(self, most: int = -1) -> bytes:
        most = 64 * 1024 if most < 0 else most
        if self._head:
            taken, self._head = self._head[:most], self._head[most:]
            return taken
        if self._left:
            taken = bytes(min(most, self._left))
            self._left -= len(taken)
            return taken
        taken, self._tail = self._tail[:most], self._tail[most:]
        return taken

    def readline(self, most: int = -1) -> bytes:
        return self.read(most)


HEAD = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.bin"\r\n\r\n'
TAIL = b"\r\n--x--\r\n"


def test_a_form_of_three_gigabytes_is_refused_before_it_is_read(box: Box) -> None:
    class Unread(Sparse):
        def read(self, most: int = -1) -> bytes:
            raise AssertionError("somebody began to read it")

    body = Unread(HEAD, 3 * GIB, TAIL)
    answer = post_raw(box, body, len(HEAD) + 3 * GIB + len(TAIL))
    assert answer.status_code == 413 and "too large" in answer.text


def test_a_form_within_the_limit_is_never_in_memory_as_a_whole(
    northwind: CurrentAgency, alice_staff: Staff, maria: Client, charlie: Client
) -> None:
    """On a disk. (Into a bucket, boto3 holds up to ten parts of 8 MiB of a form's file, whatever its size.)"""
    size = 48 * MIB
    with inside(northwind):
        own = Box(northwind, alice_staff, maria, charlie)
        tracemalloc.start()
        try:
            answer = post_raw(own, Sparse(HEAD, size, TAIL), len(HEAD) + size + len(TAIL))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert answer.status_code == 302 and Upload.objects.get().size == size
    assert peak < 12 * MIB, f"{peak / MIB:.0f} MiB"


def post_raw(box: Box, body: Sparse, length: int) -> Any:
    return box.maria.post(
        f"/files/folders/{box.folder.pk}/upload/",
        b"",  # type: ignore[arg-type]
        content_type="multipart/form-data; boundary=x",
        **{"wsgi.input": body, "CONTENT_LENGTH": str(length)},
    )
