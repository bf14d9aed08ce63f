"""Becomes dramatiq's worker, one process with a few threads: scale by starting more."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Run queued jobs."

    def handle(self, *args: Any, **options: Any) -> None:
        os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        threads = str(settings.JOB_THREADS)
        command = [
            sys.executable,
            "-m",
            "dramatiq",
            "config.worker",
            "--processes",
            "1",
            "--threads",
            threads,
        ]
        os.execv(sys.executable, command)
