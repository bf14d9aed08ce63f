"""Believable deliverables for the demo: one to review, one approved and locked, one sent back."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from PIL import Image, ImageDraw, ImageFont

from kit import clock
from modules.deliverables import operations
from modules.deliverables.models import Comment, Decision, Deliverable, Version
from modules.deliverables.operations.checks import CAPABILITY
from modules.deliverables.queries import people
from modules.projects.models import Project
from portal.mail.models import Message
from portal.people.models import Client, Staff

Colour = tuple[int, int, int]
PAPER, INK, SAND = (250, 247, 242), (34, 40, 49), (233, 222, 205)
LEAF, SUN, SKY = (47, 112, 96), (236, 164, 72), (176, 208, 220)


def make_demo(cast: Any) -> None:
    """Called inside a demo agency whose projects are there already."""
    project = Project.objects.open().filter(company__isnull=False).order_by("pk").first()
    project = project or Project.objects.open().order_by("pk").first()
    if project is None:
        return
    staff: Staff = cast.staff
    if not cast.agency.has(CAPABILITY):
        _shown(project, staff, "Spring brochure", [_brochure()], "The whole brochure, eight pages shorter.")
    elif deciders := people.possible_reviewers(project):
        first = next((client for client in cast.clients if client in deciders), deciders[0])
        _approved(project, staff, first)
        _sent_back(project, staff, first)
        _to_review(cast, project, staff, first)
        _mail_only_what_waits("Homepage design")


def _approved(project: Project, staff: Staff, client: Client) -> None:
    logo = _shown(project, staff, "Logo and colours", [_logo()], "The mark, drawn with one line.")
    operations.decide(logo, client=client, verdict=Decision.Verdict.APPROVED)
    operations.lock_now(logo.deliverable, by=None)
    _move_back(logo.deliverable, days=12)


def _sent_back(project: Project, staff: Staff, client: Client) -> None:
    brochure = _shown(project, staff, "Spring brochure", [_brochure()], "First layout, with your words.")
    operations.decide(
        brochure,
        client=client,
        verdict=Decision.Verdict.CHANGES,
        reason="Page two is too full for me. Could the opening hours go to the back?",
    )
    _move_back(brochure.deliverable, days=2)


def _to_review(cast: Any, project: Project, staff: Staff, client: Client) -> None:
    first = _shown(
        project, staff, "Homepage design", [_homepage(SAND, size=(1440, 960))], "The first idea.",
        brief="Look at the order of things and at the picture. Words come next week.",
        due_on=cast.agency.today() + timedelta(days=4),
    )  # fmt: skip
    operations.comment_as_client(
        first, client=client, text="I like the calm. The button could be easier to find.",
        file=first.files.first(), x=Decimal("17"), y=Decimal("61"),
    )  # fmt: skip
    operations.decide(
        first, client=client, verdict=Decision.Verdict.CHANGES, reason="Warmer, please, and a bigger button."
    )
    _move_back(first.deliverable, days=5)
    second = operations.add_version(
        first.deliverable,
        files=[_homepage(SKY, size=(1440, 960)), _brochure("Type and colours.pdf")],
        note="Warmer picture, bigger button, and a page with type and colours.",
        by=staff,
    )
    operations.comment_as_staff(
        second, by=staff, is_internal=True, text="The font licence is still open, ask before we go live."
    )
    operations.mark_ready(first.deliverable, by=staff)
    operations.comment_as_staff(
        second, by=staff, text="Is this the size you had in mind?",
        file=second.files.first(), x=Decimal("14"), y=Decimal("62"),
    )  # fmt: skip


def _shown(
    project: Project, staff: Staff, name: str, files: list[SimpleUploadedFile], note: str, **fields: Any
) -> Version:
    deliverable = operations.create_deliverable(project, by=staff, name=name, **fields)
    operations.add_version(deliverable, files=files, note=note, by=staff)
    return operations.mark_ready(deliverable, by=staff)


def _move_back(deliverable: Deliverable, *, days: int) -> None:
    """As if it had happened some days ago."""
    by = timedelta(days=days)
    rows: list[tuple[models.QuerySet[Any], tuple[str, ...]]] = [
        (Deliverable.objects.filter(pk=deliverable.pk), ("created_at", "locks_at")),
        (Version.objects.filter(deliverable=deliverable), ("created_at", "shown_at", "locked_at")),
        (Decision.objects.filter(version__deliverable=deliverable), ("created_at",)),
        (Comment.objects.filter(version__deliverable=deliverable), ("created_at",)),
    ]
    for found, names in rows:
        found.update(**{name: models.F(name) - by for name in names})
    assert clock.now() > deliverable.created_at - by


def _homepage(tone: Colour, *, size: tuple[int, int]) -> SimpleUploadedFile:
    """A page with a header, a landscape, a headline and three cards."""
    width, height = size
    image = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(image)
    _landscape(draw, (0, 90, width, 640), tone)
    draw.text((70, 28), "Brightside", fill=INK, font=_font(34))
    for place, word in enumerate(("Coffee", "Visit", "Story")):
        draw.text((width - 420 + place * 130, 34), word, fill=INK, font=_font(24))
    draw.text((110, 330), "Slow mornings,", fill=INK, font=_font(76))
    draw.text((110, 420), "good coffee.", fill=INK, font=_font(76))
    draw.rounded_rectangle((110, 550, 390, 622), 36, fill=LEAF)
    draw.text((158, 568), "Find a table", fill=PAPER, font=_font(30))
    for place, colour in enumerate((SAND, SKY, SUN)):
        left = 70 + place * 446
        draw.rounded_rectangle((left, 690, left + 408, 900), 24, fill=colour)
        draw.text((left + 32, 826), ("Roastery", "Bakery", "Garden")[place], fill=INK, font=_font(34))
    return _png(image, "homepage.png")


def _landscape(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], tone: Colour) -> None:
    left, top, right, bottom = box
    for line in range(top, bottom):
        part = (line - top) / (bottom - top)
        blend = tuple(round(tone[i] + (PAPER[i] - tone[i]) * part) for i in range(3))
        draw.line((left, line, right, line), fill=blend)
    draw.ellipse((right - 480, top + 60, right - 230, top + 310), fill=SUN)
    draw.polygon([(620, bottom), (960, top + 230), (1180, bottom)], fill=LEAF)
    draw.polygon([(900, bottom), (1250, top + 160), (right, top + 420), (right, bottom)], fill=(29, 84, 72))


def _logo() -> SimpleUploadedFile:
    image = Image.new("RGB", (1200, 800), PAPER)
    draw = ImageDraw.Draw(image)
    draw.arc((430, 180, 770, 520), 200, 520, fill=LEAF, width=30)
    draw.ellipse((560, 300, 640, 380), fill=SUN)
    draw.text((600, 600), "Brightside", fill=INK, font=_font(96), anchor="mm")
    for place, colour in enumerate((LEAF, SUN, SAND, SKY, INK)):
        draw.ellipse((410 + place * 80, 690, 462 + place * 80, 742), fill=colour)
    return _png(image, "logo.png")


def _brochure(name: str = "brochure.pdf") -> SimpleUploadedFile:
    pages = []
    titles = ("Spring at Brightside", "What is new", "Where to find us")
    if name != "brochure.pdf":
        titles = ("Type", "Colours", "Both in use")
    for title, tone in zip(titles, (SKY, SAND, PAPER), strict=True):
        image = Image.new("RGB", (840, 1188), tone)
        draw = ImageDraw.Draw(image)
        draw.text((80, 90), title, fill=INK, font=_font(58))
        draw.rectangle((80, 190, 760, 620), fill=LEAF)
        draw.ellipse((480, 260, 680, 460), fill=SUN)
        for line in range(11):
            end = 760 if line % 4 != 3 else 520
            draw.rounded_rectangle((80, 690 + line * 38, end, 704 + line * 38), 7, fill=(120, 126, 134))
        pages.append(image)
    written = BytesIO()
    pages[0].save(written, "PDF", save_all=True, append_images=pages[1:], resolution=100, title=name)
    return SimpleUploadedFile(name, written.getvalue())


def _png(image: Image.Image, name: str) -> SimpleUploadedFile:
    written = BytesIO()
    image.save(written, "PNG", optimize=True)
    return SimpleUploadedFile(name, written.getvalue())


def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def _mail_only_what_waits(name: str) -> None:
    """The past of a demo mails nobody; that something waits now is told."""
    told = Message.objects.filter(state=Message.State.QUEUED, email__startswith="deliverables.")
    told.exclude(email="deliverables.ready", words__deliverable=name, words__version=2).delete()
