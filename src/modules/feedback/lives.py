"""The life of a thread: which state may follow which. The names are those of `models.State`.

new → open ⇄ waiting for the client → resolved → reopened → open …
        ⇅
     snoozed (comes back by itself on its day, or when the client writes)
"""

from collections.abc import Mapping

STEPS: Mapping[str, frozenset[str]] = {
    "new": frozenset({"open", "waiting_client", "snoozed", "resolved"}),
    "open": frozenset({"waiting_client", "snoozed", "resolved"}),
    "waiting_client": frozenset({"open", "snoozed", "resolved"}),
    "snoozed": frozenset({"open", "waiting_client", "snoozed", "resolved"}),
    "resolved": frozenset({"reopened"}),
    "reopened": frozenset({"open", "waiting_client", "snoozed", "resolved"}),
}

# What a client's new words make of a thread: they wake it, open it again, or find it as it is.
AFTER_CLIENT: Mapping[str, str] = {
    "new": "new",
    "open": "open",
    "waiting_client": "open",
    "snoozed": "open",
    "resolved": "reopened",
    "reopened": "reopened",
}


def may_go(before: str, after: str) -> bool:
    """Whether a thread in the state `before` may come into the state `after`."""
    return after in STEPS[before]
