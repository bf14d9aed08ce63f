"""Believable files for the demo: a shared folder, a draft, a link, something to look at only or with a name on it."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from PIL import Image, ImageDraw

from modules.files import operations
from modules.files.models import File, Version
from modules.files.operations import Wanted
from modules.files.queries.people import Owner, contacts_of
from modules.projects.models import Project
from portal.mail.models import Message
from portal.people.models import Client

PAPER, LEAF, SUN, SKY = (250, 247, 242), (47, 112, 96), (236, 164, 72), (176, 208, 220)
MARK = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120">'
    b'<circle cx="60" cy="60" r="44" fill="none" stroke="currentColor" stroke-width="8"/></svg>'
)


def make_demo(cast: Any) -> None:
    """Called inside a demo agency."""
    kept = set(Message.objects.values_list("pk", flat=True))
    alone = [client for client in cast.clients if not client.memberships.exists()]
    for turn, owner in enumerate([*cast.companies, *alone]):
        if turn == 0:
            _everything(owner, cast)
        else:
            _small(owner, cast)
    for version in Version.objects.order_by("pk"):
        operations.prepare(version.pk)
    # The demo mails nobody.
    Message.objects.exclude(pk__in=kept).filter(email__startswith="files.").delete()


def _everything(owner: Owner, cast: Any) -> None:
    staff = cast.staff
    whose = {"company": owner} if not isinstance(owner, Client) else {"client": owner}
    project = Project.objects.open().filter(**whose).order_by("pk").first()
    brand = operations.create_folder(owner, name="Brand", by=staff)
    photos = operations.create_folder(owner, name="Photographs", parent=brand, by=staff)
    yours = operations.create_folder(owner, name="From you", takes_uploads=True, by=staff)
    guide, mark = operations.add_files(
        owner,
        files=[_guide(), _svg("Mark.svg")],
        by=staff,
        folder=brand,
        project=project,
        words="The final state.",
    )
    operations.share([guide, mark], by=staff)
    pictures = operations.add_files(
        owner,
        files=[_photo("Counter.png", SUN), _photo("Garden.png", LEAF), _photo("Window.png", SKY)],
        by=staff,
        folder=photos,
    )
    operations.share(pictures[:2], by=staff)
    operations.share(
        pictures[2:], by=staff, can_download=False, expires_on=cast.agency.today() + timedelta(30)
    )
    operations.add_version(guide, sent=_guide(pages=3), by=staff, words="A third page, for signs.")
    operations.add_files(owner, files=[_guide("Offer for next year.pdf")], by=staff, words="Not sent yet.")
    board = operations.add_link(
        owner, link="https://www.figma.com/file/0demo", name="Mood board", by=staff, project=project
    )
    operations.share([board], by=staff)
    [plan] = operations.add_files(
        owner,
        files=[_guide("Plan of the shop.pdf")],
        by=staff,
        folder=brand,
        words="Please do not pass it on.",
    )
    operations.share([plan], by=staff, is_marked=True)
    File.objects.filter(folder__in=[brand, photos]).update(
        created_at=F("created_at") - timedelta(days=9), shared_at=F("shared_at") - timedelta(days=8)
    )
    _request(owner, yours, project, cast)


def _request(owner: Owner, yours: Any, project: Project | None, cast: Any) -> None:
    asked = operations.request_files(
        owner,
        title="For your new website",
        words="As you have them; we cut and shrink what is too large.",
        items=[
            Wanted("Logo as SVG", ["svg"]),
            Wanted("Signed contract, as a scan", ["pdf"], 10 * 1024**2),
            Wanted("Five photographs of the team", ["image", "zip"]),
        ],
        by=cast.staff,
        project=project,
        due_on=cast.agency.today() + timedelta(days=5),
    )
    people = contacts_of(owner)
    if not people:
        return
    logo, contract, _ = asked.items.all()
    first = operations.hand_in(logo, files=[_svg("logo.svg")], client=people[0])
    operations.accept(first[0], by=cast.staff)
    scan = operations.hand_in(contract, files=[_guide("contract.pdf", pages=1)], client=people[0])
    operations.reject(scan[0], by=cast.staff, note="The last page, with the signature, is missing.")
    operations.send_to_folder(yours, files=[_photo("The new sign.png", SUN)], client=people[-1])


def _small(owner: Owner, cast: Any) -> None:
    made = operations.add_files(owner, files=[_guide("Welcome.pdf", pages=1)], by=cast.staff)
    operations.share(made, by=cast.staff)


def _svg(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, MARK, "image/svg+xml")


def _photo(name: str, colour: tuple[int, int, int]) -> SimpleUploadedFile:
    image = Image.new("RGB", (1200, 800), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 500, 1200, 800), fill=colour)
    draw.ellipse((780, 120, 1000, 340), fill=SUN if colour != SUN else LEAF)
    draw.polygon([(120, 500), (420, 190), (700, 500)], fill=LEAF if colour != LEAF else SKY)
    written = BytesIO()
    image.save(written, "PNG")
    return SimpleUploadedFile(name, written.getvalue(), "image/png")


def _guide(name: str = "Brand guide.pdf", pages: int = 2) -> SimpleUploadedFile:
    sheets = []
    for number in range(pages):
        sheet = Image.new("RGB", (842, 595), PAPER)
        draw = ImageDraw.Draw(sheet)
        for place, colour in enumerate((LEAF, SUN, SKY)):
            left = 80 + place * 240
            draw.rounded_rectangle((left, 120 + number * 30, left + 200, 400 + number * 30), 20, fill=colour)
        draw.rectangle((80, 480, 500, 496), fill=(34, 40, 49))
        sheets.append(sheet)
    written = BytesIO()
    sheets[0].save(written, "PDF", save_all=True, append_images=sheets[1:])
    return SimpleUploadedFile(name, written.getvalue(), "application/pdf")
