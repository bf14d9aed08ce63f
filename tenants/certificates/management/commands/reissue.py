"""Has certificates issued anew, by the ordinary way of renewals."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kit import clock
from tenants.certificates.models import Bundle


class Command(BaseCommand):
    help = "Make renewals due now; they run within the CA's limits, and the old certificates are served until then."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("hosts", nargs="*", metavar="HOST")
        parser.add_argument("--all", action="store_true", help="every host")
        parser.add_argument("--sealed-by", metavar="NAME", help="those whose private key that key seals")
        parser.add_argument("--not-from", metavar="DIRECTORY", help="those that another CA issued")

    def handle(self, *args: Any, **options: Any) -> None:
        if not any(options[name] for name in ("hosts", "all", "sealed_by", "not_from")):
            raise CommandError("Say which: HOST …, --sealed-by NAME, --not-from DIRECTORY or --all.")
        # Brought by hand: no CA of ours can replace it.
        chosen = Bundle.objects.exclude(directory="")
        if options["hosts"]:
            chosen = chosen.filter(host__in=options["hosts"])
        if options["sealed_by"]:
            chosen = chosen.filter(key_name=options["sealed_by"])
        if options["not_from"]:
            chosen = chosen.exclude(directory=options["not_from"])
        count = chosen.update(renew_at=clock.now(), renewal_next_at=None)
        self.stdout.write(f"{count} to be issued anew")
