"""What workflows hear of deliverables."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from modules.deliverables.models import Decision, Deliverable, State, Version
from modules.deliverables.queries import people
from portal.links import portal_path
from portal.module import Happening, Offer, Past, Trigger, ValueKind

DELIVERABLE = [
    Offer("deliverable", "the deliverable's name"),
    Offer("project", "the project's name"),
    Offer("state", "where it stands", ValueKind.CHOICE, lambda: State.choices),
    Offer("due_on", "when the decision is wanted", ValueKind.DATE),
]


def read_deliverable(*, deliverable_id: int, **_: Any) -> Happening | None:
    """A deliverable of which clients were shown a version."""
    found = Deliverable.objects.shown_to_clients().select_related("project__company", "project__client")
    one = found.filter(pk=deliverable_id, project__archived_at__isnull=True).first()
    if one is None or one.state == State.WITHDRAWN:
        return None
    return Happening(
        about=f"deliverables.deliverable:{one.pk}",
        title=one.name,
        clients=people.readers(one.project),
        owner=one.project.owner,
        values={
            "deliverable": one.name,
            "project": one.project.name,
            "state": one.state,
            "due_on": one.due_on,
        },
        path=portal_path("deliverables:show", one.pk),
        console_path=f"/deliverables/{one.pk}/",
    )


def _ready(since: datetime) -> Iterator[Past]:
    found = Version.objects.shown().filter(shown_at__gte=since).order_by("-shown_at")
    rows = found.values_list("deliverable_id", "pk", "shown_at")
    return (Past({"deliverable_id": of, "version_id": pk}, at) for of, pk, at in rows if at)


def _decided(verdict: Decision.Verdict) -> Any:
    def past(since: datetime) -> Iterator[Past]:
        found = Decision.objects.standing().filter(verdict=verdict, created_at__gte=since)
        rows = found.order_by("-created_at").values_list(
            "version__deliverable_id", "version_id", "created_at"
        )
        return (Past({"deliverable_id": of, "version_id": pk}, at) for of, pk, at in rows)

    return past


TRIGGERS = [
    Trigger("deliverables.ready", "a deliverable is ready for review", read_deliverable, _ready, DELIVERABLE),
    Trigger(
        "deliverables.approved",
        "a deliverable is approved",
        read_deliverable,
        _decided(Decision.Verdict.APPROVED),
        DELIVERABLE,
    ),
    Trigger(
        "deliverables.changes_requested",
        "changes to a deliverable are requested",
        read_deliverable,
        _decided(Decision.Verdict.CHANGES),
        DELIVERABLE,
    ),
]
