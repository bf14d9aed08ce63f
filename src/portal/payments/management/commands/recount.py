"""Counts all money anew, agency by agency, and says where kept sums differ."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.payments.sums import all_recounts
from tenants.agencies.current import inside
from tenants.agencies.models import Agency, AgencyState


class Command(BaseCommand):
    help = "Compare the kept sums of money with a full count; exit status 1 if they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slugs", nargs="*", help="agencies; all of them if none is named")
        parser.add_argument("--mend", action="store_true", help="put right what differs")

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        agencies = Agency.objects.exclude(state=AgencyState.GONE).filter(needs_migration_since=None)
        if options["slugs"]:
            agencies = agencies.filter(slug__in=options["slugs"])
        for agency in agencies.order_by("slug"):
            with inside(agency):
                for name, recount in all_recounts().items():
                    for words in recount(options["mend"]):
                        self.stdout.write(f"{agency.slug}, {name}: {words}")
                        found += 1
        if found and not options["mend"]:
            raise CommandError(f"{found} sums differ; --mend puts them right")
        self.stdout.write(f"{found} sums were put right" if found else "all sums are right")
