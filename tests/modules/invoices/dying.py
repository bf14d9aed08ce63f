"""A worker that writes repeating invoices and is killed: `python -m tests.modules.invoices.dying PK MOMENT`.

Moments: "drafted" (the invoice is written, nothing committed), "issued" (numbered and mailed, nothing
committed), "between" (the first day is committed, the second not begun).
"""

import os
import signal
import sys
from typing import Any
from unittest import mock

import django


def die(*args: Any, **named: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(pk: int, moment: str) -> None:
    django.setup()
    from modules.invoices.operations import repeating
    from tenants.agencies.current import inside
    from tenants.agencies.models import Agency

    with inside(Agency.objects.get(slug="northwind").current()):
        if moment == "between":
            repeating._write_next(pk)
            die()
        real = repeating._send

        def send_and_die(*args: Any) -> None:
            real(*args)
            die()

        with mock.patch.object(repeating, "_send", die if moment == "drafted" else send_and_die):
            repeating.repeat(pk)
    raise SystemExit(f"{moment} never came")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
