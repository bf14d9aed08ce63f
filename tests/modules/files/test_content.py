"""What is hostile is stored, never shown: SVG, pages, bombs, files that lie about what they are."""

import io
import zipfile

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from modules.files import operations
from modules.files.models import File
from portal.people.models import Client, Company, Staff
from portal.uploads.models import Upload
from tests.modules.deliverables.scene import Visitor, body, png
from tests.modules.files import scene
from tests.modules.files.scene import a_draft, pdf, sent, shared
from tests.running_jobs import run_jobs


@pytest.mark.parametrize(
    ("content", "name"),
    [(scene.SVG, "logo.svg"), (scene.HTML, "page.html"), (scene.HTML, "photo.png"), (scene.BOMB, "bomb.zip")],
)
def test_svg_pages_and_bombs_are_downloads_and_nothing_more(
    portal: Visitor, brightside: Company, alice_staff: Staff, content: bytes, name: str
) -> None:
    file = shared(brightside, alice_staff, sent(content, name, "image/svg+xml"))
    run_jobs()
    for query in ("", "?download"):
        answer = portal.get(f"/files/{file.pk}/content/{query}")
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["Content-Type"] == "application/octet-stream"
        assert (
            answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]
        )
        assert body(answer) == content
    assert portal.get(f"/files/{file.pk}/pages/1/").status_code == 404
    page = portal.get(f"/files/{file.pk}/").text
    assert "<img src" not in page.split("<main")[1].split("</main")[0] and "<iframe" not in page


def test_a_bomb_is_never_unpacked(brightside: Company, alice_staff: Staff) -> None:
    before = len(scene.BOMB)
    file = a_draft(brightside, alice_staff, sent(scene.BOMB, "bomb.zip"))
    run_jobs()
    assert file.current and file.current.upload.size == before
    assert sum(Upload.objects.values_list("size", flat=True)) == before, "nothing came out of it"


def test_a_picture_on_a_page_is_drawn_anew(portal: Visitor, brightside: Company, alice_staff: Staff) -> None:
    secret = b"GPS 53.5 N 9.9 E"
    hidden = png().read() + secret
    file = shared(brightside, alice_staff, sent(hidden, "a.png", "image/png"))
    run_jobs()
    page = portal.get(f"/files/{file.pk}/pages/1/")
    drawn = body(page)
    assert page["Content-Disposition"].startswith("inline") and secret not in drawn
    assert Image.open(io.BytesIO(drawn)).format == "WEBP"
    assert secret in body(portal.get(f"/files/{file.pk}/content/?download")), "the original is as it was sent"


def test_a_pdf_is_drawn_page_by_page(portal: Visitor, brightside: Company, alice_staff: Staff) -> None:
    sheets = [Image.new("RGB", (200, 300), colour) for colour in ("white", "navy", "gold")]
    written = io.BytesIO()
    sheets[0].save(written, "PDF", save_all=True, append_images=sheets[1:])
    file = shared(brightside, alice_staff, sent(written.getvalue(), "a.pdf"))
    run_jobs()
    statuses = [portal.get(f"/files/{file.pk}/pages/{page}/").status_code for page in (1, 2, 3, 4)]
    assert statuses == [200, 200, 200, 404]


def test_a_broken_pdf_has_no_pictures_and_is_still_there(
    portal: Visitor, brightside: Company, alice_staff: Staff
) -> None:
    file = shared(brightside, alice_staff, sent(b"%PDF-1.7 broken", "a.pdf"))
    run_jobs()
    assert portal.get(f"/files/{file.pk}/").status_code == 200
    assert portal.get(f"/files/{file.pk}/content/?download").status_code == 200


def test_names_that_lie_are_cleaned(portal: Visitor, brightside: Company, alice_staff: Staff) -> None:
    file = shared(brightside, alice_staff, sent(b"x", "..\\..\\etc\\invoice\u202efdp.exe"))
    assert file.name == "invoicefdp.exe"
    archive = zipfile.ZipFile(io.BytesIO(body(portal.get("/files/zip/"))))
    assert archive.namelist() == ["invoicefdp.exe"]


def test_a_zip_holds_what_this_client_may_have_in_its_folders(
    portal: Visitor, brightside: Company, nora: Client, alice_staff: Staff, tom: Client
) -> None:
    brand = operations.create_folder(brightside, name="Brand", by=alice_staff)
    inner = operations.create_folder(brightside, name="Logos", parent=brand, by=alice_staff)
    shared(brightside, alice_staff, sent(b"1", "a.txt"), folder=inner)
    shared(brightside, alice_staff, sent(b"2", "a.txt"), folder=inner)
    shared(brightside, alice_staff, sent(b"3", "top.txt"))
    shared(brightside, alice_staff, sent(b"no", "nora.txt"), audience="contacts", contacts=[nora])
    shared(tom, alice_staff, sent(b"no", "tom.txt"))
    a_draft(brightside, alice_staff, sent(b"no", "draft.txt"), folder=inner)
    answer = portal.get("/files/zip/")
    content = body(answer)
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert int(answer["Content-Length"]) == len(content) and archive.testzip() is None
    wanted = ["Brand/Logos/a (2).txt", "Brand/Logos/a.txt", "top.txt"]
    assert sorted(archive.namelist()) == wanted
    inside = zipfile.ZipFile(io.BytesIO(body(portal.get(f"/files/zip/?folder={brand.pk}"))))
    assert sorted(inside.namelist()) == ["Logos/a (2).txt", "Logos/a.txt"]
    wrong = File.objects.filter(name__in=["nora.txt", "tom.txt", "draft.txt"]).values_list("pk", flat=True)
    chosen = "&".join(f"file={pk}" for pk in wrong)
    assert portal.get(f"/files/zip/?{chosen}").status_code == 422


def test_a_zip_that_is_too_large_is_refused_in_words(
    portal: Visitor, brightside: Company, alice_staff: Staff
) -> None:
    shared(brightside, alice_staff, pdf())
    Upload.objects.update(size=5 * 1024**3)
    answer = portal.get("/files/zip/")
    assert answer.status_code == 422 and "Choose fewer" in answer.text


def test_erasing_removes_every_byte(brightside: Company, alice_staff: Staff) -> None:
    file = a_draft(brightside, alice_staff)
    run_jobs()
    operations.add_version(file, sent=pdf(), by=alice_staff)
    keys = list(Upload.objects.values_list("storage_key", flat=True))
    assert len(keys) == 3 and all(default_storage.exists(key) for key in keys)
    with pytest.raises(operations.WrongState):
        operations.erase(file, by=alice_staff)
    operations.delete_file(file, by=alice_staff)
    operations.erase(file, by=alice_staff)
    assert not Upload.objects.exists() and not File.objects.exists()
