"""Workers that are killed (SIGKILL, by themselves) at a named moment of an order.

`python -m tests.tenants.certificates.dying` reads jobs, a line of JSON each, does every one in a new process and
answers with how that ended. Moments: "before:KIND" and "after:KIND" of the call of that kind (see
tests.rig.acme_front.KINDS), "row" when the order's row is written, "closing" in the transaction that stores the
bundle, "kept" after it. Any other lets the worker live.
"""

import json
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


def _die_at(moment: str) -> None:
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
    for name, when in (("_written", "row"), ("_end", "closing"), ("_keep", "kept")):
        if moment == when:
            setattr(issuing, name, _then_die(getattr(issuing, name)))


def work(job: dict[str, Any]) -> str:
    """Ask for a certificate on that database from that CA, and be killed at the moment; its serial."""
    from django.conf import settings
    from django.db import connection

    from tenants.certificates import issuing

    for name, value in job["settings"].items():
        setattr(settings, name, value)
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = job["database"]
    _die_at(job["moment"])
    return str(issuing.issue(job["host"]).serial)


def main() -> None:
    """Until the input ends. Forks before anything is open, so that every worker starts from nothing."""
    django.setup()
    # Loaded once, not by every worker.
    from tenants.certificates import issuing as issuing

    for line in sys.stdin:
        job = json.loads(line)
        reader, writer = os.pipe()
        if not (child := os.fork()):
            try:
                said = work(job)
            except BaseException as error:
                said = repr(error)
            os.write(writer, said.encode())
            os._exit(0)
        os.close(writer)
        _, status = os.waitpid(child, 0)
        with os.fdopen(reader, "rb") as words:
            said = words.read().decode()
        print(json.dumps({"killed": os.WIFSIGNALED(status), "said": said}), flush=True)


if __name__ == "__main__":
    main()
