"""Believable projects for the demo's agencies. Written as rows: the demo mails nobody."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kit import clock
from modules.projects.models import InternalComment, Milestone, Project, Task, Update, UpdateComment
from portal.agency import current_agency
from portal.people.models import Client, Company

DONE, REVIEW = Milestone.State.DONE, Milestone.State.IN_REVIEW
ACTIVE, PLANNED = Milestone.State.ACTIVE, Milestone.State.PLANNED


@dataclass(frozen=True)
class Sketch:
    """One project of the demo. Milestones: name, state, weight, due in days, note; updates: days ago, text."""

    name: str
    summary: str
    milestones: tuple[tuple[str, str, int, int, str], ...]
    updates: tuple[tuple[int, str], ...]
    status: str = Project.Status.ACTIVE
    label: str = ""
    health: str = Project.Health.ON_TRACK
    days: tuple[int, int] = (-40, 50)
    archived: bool = False


SKETCHES = (
    Sketch(
        "New website",
        "A faster, calmer website that sells online and in the shop.",
        (
            ("Discovery and site map", DONE, 1, -28, "Workshop notes are in your inbox."),
            ("Visual design", DONE, 3, -9, ""),
            ("Home page and shop", REVIEW, 4, 4, "Please look at the home page first."),
            ("Copy and photographs", ACTIVE, 2, 12, "We need the last three photographs from you."),
            ("Testing and launch", PLANNED, 3, 33, ""),
        ),
        (
            (1, "The home page is ready to look at.\n\nThe shop follows on Thursday."),
            (8, "The visual design is approved. We build from it now. Thank you for the quick answers!"),
            (27, "Thanks for the workshop. The site map is agreed and the design begins this week."),
        ),
        label="Building",
    ),
    Sketch(
        "Spring campaign",
        "Posters, a short film and two mailings for the opening of the second shop.",
        (
            ("Idea and message", DONE, 2, -20, ""),
            ("Storyboard of the film", ACTIVE, 2, -3, "The shooting day moves with the weather."),
            ("Posters to print", PLANNED, 1, 9, ""),
            ("Mailings", PLANNED, 1, 21, ""),
        ),
        ((3, "Rain on the shooting day: we move it by a week. Posters and mailings are not affected."),),
        health=Project.Health.AT_RISK,
        days=(-25, 30),
    ),
    Sketch(
        "Website care",
        "Updates, backups and two hours of changes each month.",
        (),
        ((12, "October: all updates done, no outage. The new opening hours are online."),),
        status=Project.Status.ONGOING,
        days=(-300, 65),
    ),
    Sketch(
        "Logo and identity",
        "A new mark, colours and type, and a short guide how to use them.",
        (
            ("Three directions", DONE, 1, -120, ""),
            ("Chosen direction, refined", DONE, 2, -96, ""),
            ("Guide and files", DONE, 1, -80, "All files are with you."),
        ),
        ((80, "Everything is delivered. It was a pleasure!"),),
        status=Project.Status.DELIVERED,
        days=(-140, -80),
        archived=True,
    ),
)
OTHERS = (
    Sketch(
        "Autumn catalogue",
        "Forty-eight pages, printed and as a PDF.",
        (
            ("Plan of pages", DONE, 1, -16, ""),
            ("Layout", ACTIVE, 3, 6, "You see a proof of the first chapter in between."),
            ("Corrections and print", PLANNED, 1, 24, ""),
        ),
        ((2, "The plan of pages is agreed. The layout begins today."),),
        days=(-20, 30),
    ),
    Sketch(
        "Portfolio site",
        "One page that shows the work, and a way to write to you.",
        (
            ("Words and pictures", DONE, 2, -12, "Thank you for the quick selection!"),
            ("Design", REVIEW, 2, 3, ""),
            ("Online", PLANNED, 1, 17, ""),
        ),
        ((4, "The design is ready for your eyes."),),
        label="Design",
        days=(-25, 20),
    ),
    Sketch(
        "Opening film",
        "Ninety seconds for the website and the fair.",
        (
            ("Script", DONE, 1, -30, ""),
            ("Shooting", DONE, 2, -11, ""),
            ("Cut and sound", ACTIVE, 2, -1, "One more day: the composer sends the music tomorrow."),
        ),
        ((1, "The cut is nearly there, we wait for the music."),),
        health=Project.Health.LATE,
        days=(-45, 2),
    ),
)
COMMENTS = ("This looks wonderful, thank you!", "Could the button be a little larger on the phone?")
ANSWER = "Of course, you see it with the next version."
TASKS = ("Ask for the missing photographs", "Book the studio")
NOTE = "They decide fast when we call before noon."


def fill(cast: Any) -> None:
    """Several projects for the first company, one for every other owner."""
    alone = [client for client in cast.clients if not client.memberships.exists()]
    for turn, owner in enumerate([*cast.companies, *alone]):
        for sketch in SKETCHES if turn == 0 else [OTHERS[turn % len(OTHERS)]]:
            _draw(sketch, owner, cast)


def _draw(sketch: Sketch, owner: Company | Client, cast: Any) -> None:
    today, now = current_agency().today(), clock.now()
    first, last = (timedelta(days=days) for days in sketch.days)
    project = Project.objects.create(
        company=owner if isinstance(owner, Company) else None,
        client=owner if isinstance(owner, Client) else None,
        name=sketch.name,
        summary=sketch.summary,
        status=sketch.status,
        status_label=sketch.label,
        health=sketch.health,
        lead=cast.staff,
        starts_on=today + first,
        ends_on=today + last,
        archived_at=now - timedelta(days=60) if sketch.archived else None,
        created_at=now + first,
    )
    for position, (name, state, weight, due, note) in enumerate(sketch.milestones):
        step = Milestone(project=project, name=name, note=note, weight=weight, position=position)
        step.due_on, step.state = today + timedelta(days=due), state
        step.done_at = now + timedelta(days=due) if state == DONE else None
        step.save()
    for days, text in sketch.updates:
        posted = now - timedelta(days=days, hours=2)
        Update.objects.create(project=project, staff=cast.staff, text=text, created_at=posted)
    _talk(project, cast)


def _talk(project: Project, cast: Any) -> None:
    """Comments under the newest update, and what only staff see."""
    now, newest = clock.now(), project.updates.first()
    company = project.company
    writers = list(company.clients.filter(removed_at=None)) if company else [project.client]
    if newest is None or not writers or not project.is_running:
        return
    for hours, text in enumerate(COMMENTS):
        said = now - timedelta(hours=20 - hours)
        UpdateComment.objects.create(update=newest, client=writers[0], text=text, created_at=said)
    said = now - timedelta(hours=17)
    UpdateComment.objects.create(update=newest, staff=cast.staff, text=ANSWER, created_at=said)
    soon = current_agency().today() + timedelta(days=2)
    Task.objects.create(project=project, title=TASKS[0], assignee=cast.staff, due_on=soon)
    Task.objects.create(project=project, title=TASKS[1], done_at=now - timedelta(days=4))
    InternalComment.objects.create(project=project, staff=cast.staff, text=NOTE)
