"""A worker that is killed (SIGKILL, by itself) at a moment of a step: `python -m …dying CLAIM MOMENT`.

Moments: "before:STATE" and "after:STATE" of what is done in that state, "inside:KIND" of the transaction that writes
that line of the timeline, "looked" after DNS was asked, "ordered" after the certificate came, "probed" after the
edges were asked. Any other lets it live.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django


def _dying(function: Callable[..., Any], *, first: bool = False) -> Callable[..., Any]:
    def done(*args: Any, **kwargs: Any) -> None:
        if not first:
            function(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    return done


def main(claim: str, moment: str) -> None:
    """Take the step, and be killed at the moment."""
    django.setup()
    from tenants.certificates import issuing, probing
    from tenants.domains import looking, steps, timeline

    probing.serves = lambda host, serial: True
    when, _, what = moment.partition(":")
    if when in ("before", "after"):
        steps.ACTS[what] = _dying(steps.ACTS[what], first=when == "before")
    if when == "inside":
        record = timeline.record
        timeline.record = lambda domain, kind, *args, **more: (
            _dying(record)(domain, kind, *args, **more)
            if kind == what
            else record(domain, kind, *args, **more)
        )
    if when == "looked":
        looking.look = _dying(looking.look)
    if when == "ordered":
        issuing.issue = _dying(issuing.issue)
    if when == "probed":
        probing.serves = _dying(probing.serves)
    print(steps.step(int(claim), asked=True).state)


if __name__ == "__main__":
    main(*sys.argv[1:3])
