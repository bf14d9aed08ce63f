"""A file can bear the reader's name: then clients get copies with it, never the original, on any way."""

import hashlib
import io
import zipfile
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat
from pypdfium2 import PdfDocument

from modules.files import operations
from modules.files.models import Activity, File, Preview
from modules.files.operations.erasing import erase_client
from portal.people.models import Client, Company, Staff
from portal.uploads import marks
from portal.uploads.models import Upload
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, outside_agencies
from tests.modules.deliverables.scene import Visitor, body, visit_portal
from tests.modules.files import marked
from tests.modules.files.clamd import Clamd
from tests.modules.files.marked import a_marked, a_text, opened, photo, replaced, texts
from tests.modules.files.scene import SVG, a_draft, sent, shared, video
from tests.portal.people.test_viewing import looking
from tests.running_jobs import run_jobs


def content_of(visitor: Visitor, file: File) -> bytes:
    answer = visitor.get(f"/files/{file.pk}/content/?download")
    assert answer.status_code == 200
    return body(answer)


def test_every_page_bears_the_readers_name_address_and_the_time(
    portal: Visitor, brightside: Company, maria: Client, alice_staff: Staff
) -> None:
    file = a_marked(brightside, alice_staff, a_text(3))
    pages = texts(content_of(portal, file))
    assert len(pages) == 3
    for number, page in enumerate(pages):
        assert f"Chapter {number}: the harbour at dawn" in page, "what it says is still there"
        assert maria.name in page and maria.email in page
        assert operations.reader_of(maria).lines[-1][:11].strip() in page


def test_two_people_get_two_copies(
    in_northwind: CurrentAgency,
    portal: Visitor,
    brightside: Company,
    maria: Client,
    nora: Client,
    alice_staff: Staff,
) -> None:
    file = a_marked(brightside, alice_staff)
    hers, noras = content_of(portal, file), content_of(visit_portal(in_northwind, nora), file)
    assert maria.email in texts(hers)[0] and maria.email not in texts(noras)[0]
    assert nora.email in texts(noras)[0] and nora.email not in texts(hers)[0]


def test_staff_get_the_original(
    console: Visitor, brightside: Company, alice_staff: Staff, portal: Visitor
) -> None:
    original = a_text()
    file = a_marked(brightside, alice_staff, original)
    assert body(console.get(f"/files/{file.pk}/versions/1/content/?download")) == original
    archive = zipfile.ZipFile(io.BytesIO(body(console.get(f"/files/zip/?file={file.pk}"))))
    assert archive.read("Report.pdf") == original
    assert "with the reader's name on it" in console.get(f"/files/{file.pk}/").text
    assert "Your copy bears your name" in portal.get(f"/files/{file.pk}/").text


def test_no_way_leads_a_client_to_the_originals_bytes(
    portal: Visitor, brightside: Company, maria: Client, alice_staff: Staff
) -> None:
    files = [
        a_marked(brightside, alice_staff, a_text(2)),
        a_marked(brightside, alice_staff, photo(), "a.jpg"),
    ]
    originals = {hash_of(stored(upload)) for upload in Upload.objects.all()}
    assert len(originals) == 2 + 3 == 2 + Preview.objects.count()
    given = []
    for file in files:
        assert file.current is not None
        given += [
            portal.get(f"/files/{file.pk}/content/"),
            portal.get(f"/files/{file.pk}/content/?download"),
            portal.get(f"/files/{file.pk}/content/", headers={"range": "bytes=0-99999999"}),
            portal.get(
                f"/files/{file.pk}/content/", headers={"if-none-match": f'"{file.current.upload.sha256}"'}
            ),
            *(portal.get(f"/files/{file.pk}/pages/{one.page}/") for one in file.current.previews.all()),
        ]
    for answer in given:
        assert answer.status_code == 200, (
            "nothing is told to be as it was, nothing in parts, nothing elsewhere"
        )
        assert "ETag" not in answer and answer["Cache-Control"] == "private, no-store"
        assert hash_of(body(answer)) not in originals
    for query in ("", "?" + "&".join(f"file={file.pk}" for file in files)):
        archive = zipfile.ZipFile(io.BytesIO(body(portal.get(f"/files/zip/{query}"))))
        assert sorted(archive.namelist()) == ["Report.pdf", "a.jpg"] and archive.testzip() is None
        assert not originals & {hash_of(archive.read(name)) for name in archive.namelist()}
        assert maria.email in texts(archive.read("Report.pdf"))[0]
    for page in ("/files/", "/files/?view=grid", "/", *(f"/files/{file.pk}/" for file in files)):
        assert "/agencies/" not in portal.get(page).text, "no page leads into the store"


def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def stored(upload: Upload) -> bytes:
    from django.core.files.storage import default_storage

    with default_storage.open(upload.storage_key) as file:
        return bytes(file.read())


def test_nothing_of_the_original_can_be_had_by_undoing_the_last_change(
    portal: Visitor, brightside: Company, alice_staff: Staff
) -> None:
    original = a_text()
    given = content_of(portal, a_marked(brightside, alice_staff, original))
    assert original[:2000] not in given and given.count(b"%%EOF") == 1


def test_the_name_is_drawn_on_what_is_looked_at(
    portal: Visitor, brightside: Company, alice_staff: Staff
) -> None:
    file = a_marked(brightside, alice_staff, photo(), "a.jpg", can_download=False)
    assert portal.get(f"/files/{file.pk}/content/?download").status_code == 403
    preview = Preview.objects.get()
    seen = opened(body(portal.get(f"/files/{file.pk}/pages/1/")))
    plain = opened(stored(preview.upload))
    assert seen.size == plain.size and differs_everywhere(plain, seen)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_as_large_as_it_was_and_differs(
    portal: Visitor, brightside: Company, alice_staff: Staff, kind: str
) -> None:
    original = photo(kind)
    given = opened(content_of(portal, a_marked(brightside, alice_staff, original, f"a.{kind.lower()}")))
    assert given.format == kind and given.size == (900, 600)
    assert differs_everywhere(opened(original), given)


def test_a_picture_stands_upright_and_says_nothing_of_where_it_was_taken(
    portal: Visitor, brightside: Company, alice_staff: Staff
) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "Taken at home"
    file = a_marked(brightside, alice_staff, photo(size=(900, 600), exif=exif), "a.jpg")
    given = content_of(portal, file)
    assert opened(given).size == (600, 900), "turned as its camera was held"
    assert b"Taken at home" not in given and not opened(given).getexif()


def differs_everywhere(one: Image.Image, other: Image.Image) -> bool:
    """In each of its four quarters."""
    changed = ImageChops.difference(one.convert("L"), other.convert("L")).point(lambda value: value > 12)
    width, height = changed.size
    corners = [(x, y) for x in (0, width // 2) for y in (0, height // 2)]
    return all(changed.crop((x, y, x + width // 2, y + height // 2)).getbbox() for x, y in corners)


def test_turned_and_cut_pages_bear_it_where_it_is_seen(
    portal: Visitor, brightside: Company, maria: Client, alice_staff: Staff
) -> None:
    original = marked.turned()
    given = content_of(portal, a_marked(brightside, alice_staff, original))
    assert all(maria.email in page for page in texts(given))
    for number in range(6):
        drawn = [PdfDocument(one)[number].render().to_pil() for one in (original, given)]
        assert drawn[0].size == drawn[1].size and differs_everywhere(*drawn), number


def test_the_name_stands_upright_however_a_page_is_turned(
    portal: Visitor, brightside: Company, alice_staff: Staff
) -> None:
    given = PdfDocument(content_of(portal, a_marked(brightside, alice_staff, marked.blank_and_turned())))
    straight, *turned = [given[number].render().to_pil().convert("L") for number in range(4)]
    for page in turned:
        difference = ImageStat.Stat(ImageChops.difference(straight, page)).mean[0]
        assert difference < 0.5, "but for the smoothing of edges they are the same"


def test_names_of_any_script_are_drawn(
    portal: Visitor, brightside: Company, maria: Client, alice_staff: Staff
) -> None:
    maria.name = "山田太郎 Мария Ελένη"
    maria.save(update_fields=["name"])
    page = texts(content_of(portal, a_marked(brightside, alice_staff)))[0]
    assert "山田太郎" in page and "Мария" in page and "Ελένη" in page


def test_a_name_cannot_draw_anything_but_itself(
    brightside: Company, maria: Client, alice_staff: Staff
) -> None:
    maria.name = '#read("/etc/passwd") ' + "x" * 150
    file = a_marked(brightside, alice_staff)
    assert file.current is not None
    page = texts(operations.copy_for(operations.reader_of(maria), file.current.upload))[0]
    assert '#read("/etc/passwd")' in page and "root:" not in page and "…" in page


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (SVG, "logo.svg", "another kind"),
        (b"numbers", "list.xlsx", "another kind"),
        (b"%PDF-1.7 broken", "a.pdf", "cannot be read"),
        (marked.locked("secret"), "a.pdf", "password"),
        (marked.locked(""), "a.pdf", "password"),
        (marked.with_a_file_inside(), "a.pdf", "other files inside"),
        (marked.ending_in_a_window(), "a.pdf", "nothing can be drawn over"),
        (a_text(101), "a.pdf", "more than 100 pages"),
        (photo()[:900], "a.jpg", "cannot be read"),
        (photo(size=(900, 150)), "a.jpg", "too small"),
        (photo("PNG", (8000, 7000)), "a.png", "million pixels"),
        (
            photo("WEBP", save_all=True, append_images=[Image.new("RGB", (900, 600))]),
            "a.webp",
            "moving picture",
        ),
    ],
)
def test_what_cannot_bear_a_name_is_refused_at_the_switch(
    console: Visitor, brightside: Company, alice_staff: Staff, content: bytes, name: str, why: str
) -> None:
    file = a_draft(brightside, alice_staff, sent(content, name))
    address = f"/files/share/?file={file.pk}"
    answer = console.post(address, {"audience": "owner", "can_download": "on", "is_marked": "on"})
    assert answer.status_code == 422 and why in answer.text
    assert "No name can be put on" in answer.text
    file.refresh_from_db()
    assert not file.is_marked and file.shared_at is None, "nothing of it was done"


def test_films_links_and_what_is_too_large_are_refused(
    brightside: Company, alice_staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = operations.add_link(brightside, link="https://figma.com/x", name="Board", by=alice_staff)
    film = a_draft(brightside, alice_staff, video())
    large = a_draft(brightside, alice_staff, sent(a_text(), "a.pdf"))
    monkeypatch.setattr(marks, "LARGEST_PDF", 10)
    for file in (link, film, large):
        with pytest.raises(operations.NotValid) as refused:
            operations.share([file], by=alice_staff, is_marked=True)
        assert refused.value.field == "is_marked" and file.name in refused.value.words


def test_a_switch_for_several_is_for_all_or_none(brightside: Company, alice_staff: Staff) -> None:
    good, bad = a_draft(brightside, alice_staff, sent(a_text(), "a.pdf")), a_draft(brightside, alice_staff)
    operations.add_version(bad, sent=sent(SVG, "logo.svg"), by=alice_staff)
    bad.refresh_from_db()
    with pytest.raises(operations.NotValid):
        operations.share([good, bad], by=alice_staff, is_marked=True)
    assert not File.objects.filter(is_marked=True).exists()
    assert not File.objects.filter(shared_at__isnull=False).exists()


def test_the_next_version_bears_the_name_too(
    portal: Visitor, brightside: Company, maria: Client, alice_staff: Staff
) -> None:
    file = a_marked(brightside, alice_staff)
    replaced(file, a_text(5), alice_staff)
    pages = texts(content_of(portal, file))
    assert len(pages) == 5 and all(maria.email in page for page in pages)


def test_a_version_that_cannot_bear_it_does_not_replace_one_that_does(
    console: Visitor, portal: Visitor, brightside: Company, maria: Client, alice_staff: Staff
) -> None:
    file = a_marked(brightside, alice_staff)
    answer = console.post(f"/files/{file.pk}/versions/", {"files": sent(SVG, "logo.svg")})
    assert answer.status_code == 422 and "Or change the share first" in answer.text
    assert file.versions.count() == 1 and not Upload.objects.filter(name="logo.svg").exists()
    assert maria.email in texts(content_of(portal, file))[0]
    operations.share([file], by=alice_staff, is_marked=False)
    console.post(f"/files/{file.pk}/versions/", {"files": sent(SVG, "logo.svg")})
    assert content_of(portal, file) == SVG


def test_an_older_version_that_cannot_bear_it_is_not_shown_again(
    console: Visitor, portal: Visitor, brightside: Company, maria: Client, alice_staff: Staff
) -> None:
    file = shared(brightside, alice_staff, sent(SVG, "logo.svg"))
    replaced(file, a_text(), alice_staff)
    file.refresh_from_db()
    operations.share([file], by=alice_staff, is_marked=True)
    assert console.post(f"/files/{file.pk}/versions/1/restoration/").status_code == 302
    assert maria.email in texts(content_of(portal, file))[0], "the second is still the one that is shown"


def test_what_waits_to_be_checked_for_viruses_is_tried_too(
    settings: Any, brightside: Company, alice_staff: Staff
) -> None:
    file = shared(brightside, alice_staff, sent(a_text(), "a.pdf"))
    with Clamd() as simulator:
        settings.CLAMD_ADDRESS = simulator.address
        operations.add_version(file, sent=sent(SVG, "logo.svg"), by=alice_staff)
        with pytest.raises(operations.NotValid):
            operations.share([file], by=alice_staff, is_marked=True)


def test_so_many_at_once_that_somebody_would_wait_are_refused(
    brightside: Company, alice_staff: Staff
) -> None:
    files = [a_draft(brightside, alice_staff, sent(b"%PDF-1.7", "a.pdf")) for _ in range(11)]
    with pytest.raises(operations.NotValid, match="10 files at once"):
        operations.share(files, by=alice_staff, is_marked=True)


def test_sharing_again_without_a_word_on_it_leaves_it_on(brightside: Company, alice_staff: Staff) -> None:
    file = a_marked(brightside, alice_staff)
    operations.share([file], by=alice_staff)
    file.refresh_from_db()
    assert file.is_marked


def test_the_form_shows_how_it_is_and_switches_it_off(
    console: Visitor, portal: Visitor, brightside: Company, alice_staff: Staff
) -> None:
    original = a_text()
    file = a_marked(brightside, alice_staff, original)
    address = f"/files/share/?file={file.pk}"
    asked = console.get(address).text
    switch = asked.split('name="is_marked"')[1].split(">")[0]
    assert "checked" in switch and "PDF, JPEG, PNG and WebP" in asked
    assert console.post(address, {"audience": "owner", "can_download": "on"}).status_code == 302
    assert content_of(portal, file) == original


def test_another_company_gets_neither_file_nor_copy(
    in_northwind: CurrentAgency, brightside: Company, charlie: Client, alice_staff: Staff
) -> None:
    file, his = a_marked(brightside, alice_staff), visit_portal(in_northwind, charlie)
    for path in ("content/", "content/?download", "pages/1/", ""):
        assert his.get(f"/files/{file.pk}/{path}").status_code == 404
    assert his.get(f"/files/zip/?file={file.pk}").status_code == 422


def test_when_no_copy_can_be_made_nothing_is_given(
    portal: Visitor, brightside: Company, alice_staff: Staff
) -> None:
    file = a_marked(brightside, alice_staff)
    assert file.current is not None
    Upload.objects.filter(pk=file.current.upload_id).update(storage_key="agencies/northwind/00/gone")
    answer = portal.get(f"/files/{file.pk}/content/?download")
    assert answer.status_code == 503 and "try again in a minute" in answer.text
    with pytest.raises(operations.NoCopy):
        body(portal.get(f"/files/zip/?file={file.pk}"))


def test_a_zip_of_too_many_copies_is_refused_in_words(
    portal: Visitor, brightside: Company, alice_staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations.zipping, "MOST_MARKED", 1)
    for _ in range(2):
        a_marked(brightside, alice_staff)
    answer = portal.get("/files/zip/")
    assert answer.status_code == 422 and "Your name is put on more than 1" in answer.text


def test_staff_who_look_as_a_client_are_named_themselves(
    in_northwind: CurrentAgency, brightside: Company, maria: Client, alice: Account, alice_staff: Staff
) -> None:
    file = a_marked(brightside, alice_staff)
    with outside_agencies():
        browser = looking(alice, maria, in_northwind)
    page = texts(content_of(Visitor(browser), file))[0]
    assert alice_staff.name in page and alice_staff.email in page
    assert f"looking as {maria.shown_name}" in page and maria.email not in page


def test_copies_are_kept_nowhere_and_what_was_done_is_noted_as_ever(
    portal: Visitor, brightside: Company, maria: Client, alice_staff: Staff
) -> None:
    file = a_marked(brightside, alice_staff)
    before = set(Upload.objects.values_list("pk", flat=True))
    portal.get(f"/files/{file.pk}/")
    portal.get(f"/files/{file.pk}/pages/1/")
    content_of(portal, file)
    run_jobs()
    assert set(Upload.objects.values_list("pk", flat=True)) == before
    assert sorted(Activity.objects.filter(client=maria).values_list("did", flat=True)) == [
        "downloaded",
        "viewed",
    ]


def test_a_person_who_is_erased_leaves_no_copy(
    in_northwind: CurrentAgency, tom: Client, alice_staff: Staff
) -> None:
    file = a_marked(tom, alice_staff)
    assert tom.email in texts(content_of(visit_portal(in_northwind, tom), file))[0]
    erase_client(tom)
    assert not Upload.objects.exists() and not File.objects.exists()
