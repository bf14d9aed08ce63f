"""The life of a deliverable: which state may follow which. The names are those of `models.State`.

    draft → internal review → ready for review ⇄ approved (locked when the time to undo is over)
                                     ⇅
                             changes requested → internal review → ready for review (the next version)

Everything but an approved deliverable can be withdrawn, and taken up again.
"""

from collections.abc import Mapping

STEPS: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"internal_review", "ready_for_review", "withdrawn"}),
    "internal_review": frozenset({"ready_for_review", "withdrawn"}),
    # Ready to ready: a newer version takes the place of the one that is being looked at.
    "ready_for_review": frozenset({"ready_for_review", "changes_requested", "approved", "withdrawn"}),
    "changes_requested": frozenset({"internal_review", "ready_for_review", "approved", "withdrawn"}),
    # Back only by undo, before it is locked.
    "approved": frozenset({"ready_for_review", "changes_requested"}),
    # Taken up again where it was, unless its newest version was never shown.
    "withdrawn": frozenset({"draft", "ready_for_review", "changes_requested"}),
}

TAKES_VERSIONS = frozenset({"draft", "internal_review", "ready_for_review", "changes_requested"})


def may_go(before: str, after: str) -> bool:
    """Whether a deliverable in the state `before` may come into the state `after`."""
    return after in STEPS[before]
