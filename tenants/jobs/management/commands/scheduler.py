"""Runs for ever and enqueues what is due."""

import signal
import threading
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils.module_loading import autodiscover_modules

from tenants.jobs.relay import relay_due
from tenants.jobs.scheduler import run_due

log = structlog.get_logger()
LOOK_EVERY_SECONDS = 1.0
RELAY_EVERY_SECONDS = 0.2


class Command(BaseCommand):
    help = "Enqueue scheduled jobs when they are due."

    def handle(self, *args: Any, **options: Any) -> None:
        autodiscover_modules("jobs")
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        while not stop.wait(RELAY_EVERY_SECONDS if settings.BROKER_URL else LOOK_EVERY_SECONDS):
            try:
                run_due()
                relay_due()
            except Exception:
                # The database may be away for a moment; the slots wait in it.
                log.exception("scheduler.failed")
            close_old_connections()
