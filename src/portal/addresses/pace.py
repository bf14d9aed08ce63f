"""How often an open page asks how far a claim is: at once while something moves, ever more slowly, then not at all."""

from kit import clock
from portal.addresses.shown import Shown

FIRST_SECONDS, GROWTH, LONGEST_SECONDS = 1.0, 1.4, 30.0
MOST_TRIES = 40  # about fifteen minutes
ASKED_TRIES = 8  # after Verify now: about half a minute, though nothing seems to move yet
SOON_SECONDS = 600


def pause(shown: Shown, tries: int, *, is_asked: bool = False) -> int:
    """Seconds until the page is to ask again; 0: no more.

    Args:
        tries: how often it asked since something changed last.
        is_asked: somebody pressed a button whose job may not have begun.
    """
    if tries >= MOST_TRIES or shown.view.is_over:
        return 0
    if shown.is_at_work or (is_asked and tries < ASKED_TRIES):
        return round(min(FIRST_SECONDS * GROWTH**tries, LONGEST_SECONDS)) or 1
    if shown.next_try_at is None:
        return 0
    left = (shown.next_try_at - clock.now()).total_seconds()
    return max(2, round(left) + 2) if left <= SOON_SECONDS else 0
