"""A worker that is killed (SIGKILL, by itself) at a named moment of an order: `python -m …dying HOST MOMENT`.

Moments: "before:KIND" and "after:KIND" of the call of that kind (see tests.rig.acme_front.KINDS), "row" when the
order's row is written, "kept" when the bundle is stored. Any other lets it live.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import django


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _then_die(function: Callable[..., Any]) -> Callable[..., Any]:
    def done(*args: Any, **kwargs: Any) -> None:
        function(*args, **kwargs)
        _die()

    return done


def main(host: str, moment: str) -> None:
    """Ask for a certificate, and be killed at the moment."""
    django.setup()
    from tenants.certificates import issuing
    from tenants.certificates.client import Net
    from tests.rig.acme_front import KINDS

    send = Net._send_request

    def watched(self: Net, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        path = urlsplit(url).path
        kind = next((kind for start, kind in KINDS.items() if path.startswith(start)), "unknown")
        if moment == f"before:{kind}":
            _die()
        answer = send(self, method, url, *args, **kwargs)
        # A bad nonce is no answer; the same request comes again.
        if moment == f"after:{kind}" and answer.ok:
            _die()
        return answer

    Net._send_request = watched  # type: ignore[method-assign]
    if moment == "row":
        issuing._written = _then_die(issuing._written)
    if moment == "kept":
        issuing._keep = _then_die(issuing._keep)
    if moment == "closing":
        # Inside the transaction that stores the bundle.
        issuing._end = _then_die(issuing._end)
    print(issuing.issue(host).serial)


if __name__ == "__main__":
    main(*sys.argv[1:3])
