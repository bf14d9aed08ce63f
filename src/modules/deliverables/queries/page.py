"""One version as both sides look at it. Given a client, internal talk and unseen versions are never read."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from modules.deliverables.models import Comment, Decision, Deliverable, Reviewer, State, Version, VersionFile
from modules.deliverables.queries.lists import CLIENT_WORDS, TONES
from portal.people.models import Client

MOST_COMMENTS = 500
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Pin:
    """A comment's place on an image; `x` and `y` are per cent, written for an attribute."""

    label: str
    comment_id: int
    x: str
    y: str
    is_resolved: bool


@dataclass(frozen=True)
class ShownFile:
    """A file with how it is shown: image, pdf, video, or other (download only)."""

    pk: int
    name: str
    size: int
    kind: str
    pins: list[Pin] = field(default_factory=list)


@dataclass(frozen=True)
class Thread:
    """A comment with its answers; `label` is that of its pin, if it has one."""

    comment: Comment
    replies: list[Comment]
    label: str = ""


@dataclass(frozen=True)
class ReviewerLine:
    """One reviewer and what that person said of this version."""

    client: Client
    decides: bool
    decision: Decision | None


@dataclass(frozen=True)
class ReviewPage:
    """All that the page of one version prints."""

    deliverable: Deliverable
    version: Version
    versions: list[Version]
    files: list[ShownFile]
    threads: list[Thread]
    still_open: list[Thread]
    reviewers: list[ReviewerLine]
    decisions: list[Decision]
    state: str
    tone: str
    is_newest: bool
    is_locked: bool
    in_time_to_undo: bool
    rounds: "Rounds"

    @property
    def has_images(self) -> bool:
        return any(file.kind == "image" for file in self.files)

    @property
    def approvals(self) -> list[Decision]:
        """What the lock rests on: the approvals of the version that is approved now."""
        if self.deliverable.state != State.APPROVED:
            return []
        newest = max(version.number for version in self.versions if version.shown_at)
        return [
            d for d in self.decisions if d.verdict == Decision.Verdict.APPROVED and d.version.number == newest
        ]


@dataclass(frozen=True)
class Rounds:
    """Rounds of changes: used, included, and which one is going on (0: none)."""

    used: int
    included: int
    current: int

    @property
    def words(self) -> str:
        if self.current:
            return f"Round {self.current} of {self.included} included"
        return f"{self.used} of {self.included} included rounds used"

    @property
    def are_used_up(self) -> bool:
        return self.used >= self.included


def rounds_of(deliverable: Deliverable) -> Rounds:
    """A round begins when a version is shown and is used when changes are requested."""
    current = deliverable.rounds_used + 1 if deliverable.state == State.READY else 0
    return Rounds(deliverable.rounds_used, deliverable.rounds_allowed, current)


def review_page(deliverable: Deliverable, version: Version, *, client: Client | None) -> ReviewPage:
    """The page of a version, for a client or (None) for staff."""
    shown = deliverable.versions.all() if client is None else deliverable.versions.shown()
    versions = list(shown.order_by("-number"))
    files = list(version.files.select_related("upload"))
    threads, still_open = _threads(deliverable, version, client)
    state = State(deliverable.state)
    decisions = list(
        Decision.objects.standing()
        .filter(version__deliverable=deliverable)
        .select_related("client", "version")
        .order_by("-created_at", "-pk")
    )
    return ReviewPage(
        deliverable=deliverable,
        version=version,
        versions=versions,
        files=[_file(file, threads) for file in files],
        threads=threads,
        still_open=still_open,
        reviewers=_reviewers(deliverable, [d for d in decisions if d.version_id == version.pk]),
        decisions=decisions,
        state=CLIENT_WORDS[state] if client else state.label,
        tone=TONES.get(state, ""),
        is_newest=bool(versions) and versions[0].pk == version.pk,
        is_locked=deliverable.is_locked,
        in_time_to_undo=state == State.APPROVED and not deliverable.is_locked,
        rounds=rounds_of(deliverable),
    )


def _threads(
    deliverable: Deliverable, version: Version, client: Client | None
) -> tuple[list[Thread], list[Thread]]:
    """Threads of this version, and those of earlier ones that are still open."""
    found = Comment.objects.filter(version__deliverable=deliverable, version__number__lte=version.number)
    if client is not None:
        found = found.shown_to_clients()
    comments = list(
        found.select_related("client", "staff", "version", "file__upload").order_by("created_at", "pk")[
            :MOST_COMMENTS
        ]
    )
    replies: dict[int, list[Comment]] = defaultdict(list)
    for comment in comments:
        if comment.answers_id:
            replies[comment.answers_id].append(comment)
    tops = [comment for comment in comments if not comment.answers_id]
    here = [comment for comment in tops if comment.version_id == version.pk]
    labels = _labels(here)
    threads = [Thread(c, replies[c.pk], labels.get(c.pk, "")) for c in here]
    earlier = [c for c in tops if c.version_id != version.pk and c.resolved_at is None]
    return threads, [Thread(c, replies[c.pk]) for c in earlier]


def _labels(comments: Sequence[Comment]) -> dict[int, str]:
    """Numbers for pins that both sides see, letters for internal ones: so both sides count alike."""
    numbers, letters = 0, 0
    labels = {}
    for comment in comments:
        if not comment.has_pin:
            continue
        if comment.is_internal:
            labels[comment.pk] = LETTERS[letters % len(LETTERS)]
            letters += 1
        else:
            numbers += 1
            labels[comment.pk] = str(numbers)
    return labels


def _file(file: VersionFile, threads: Sequence[Thread]) -> ShownFile:
    upload = file.upload
    kind = "image" if upload.is_image else "pdf" if upload.is_pdf else "video" if upload.is_video else "other"
    pins = [
        Pin(t.label, t.comment.pk, str(t.comment.x), str(t.comment.y), t.comment.resolved_at is not None)
        for t in threads
        if t.comment.has_pin and t.comment.file_id == file.pk
    ]
    return ShownFile(file.pk, upload.name, upload.size, kind, pins)


def _reviewers(deliverable: Deliverable, here: Sequence[Decision]) -> list[ReviewerLine]:
    by_client = {decision.client_id: decision for decision in here}
    lines = Reviewer.objects.filter(deliverable=deliverable).select_related("client")
    return [
        ReviewerLine(line.client, line.decides, by_client.get(line.client_id))
        for line in lines.order_by("-decides", "client__name", "pk")
    ]
