"""What the worker of test_worker.py imports: the real one, and one slow job beside the product's."""

import time

import config.worker  # noqa: F401
from portal.jobs import job
from portal.people.models import Client


@job("probe.slow")
def slow(*, email: str) -> None:
    """Takes a while, then leaves a trace once, however often it runs."""
    time.sleep(0.4)
    Client.objects.get_or_create(email=email, defaults={"name": "probe"})
