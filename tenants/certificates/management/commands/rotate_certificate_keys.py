"""Seals everything by the newest key; after it, the older ones may leave CERTIFICATE_KEYS."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from tenants.certificates.rotating import rotate


class Command(BaseCommand):
    help = "Seal every private key again by the first of CERTIFICATE_KEYS. Can be stopped and run again."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = rotate()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        for kind, count in done.counts.items():
            self.stdout.write(f"{kind}: {count} sealed again")
        if done.unopened:
            raise CommandError("These could not be opened and are as they were:\n" + "\n".join(done.unopened))
        self.stdout.write(
            "Every key is sealed by the first of CERTIFICATE_KEYS; older ones can leave it now."
        )
