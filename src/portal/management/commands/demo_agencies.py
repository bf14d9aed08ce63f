"""Makes the demo's agencies; the last line is JSON for the supervisor's var/demo.json."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.demo import PASSWORD, make_demo_agencies
from tenants.provisioning.pool import fill_pool


class Command(BaseCommand):
    help = "Make the demo's agencies and print who is in them."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.PORTICO_DEMO:
            raise CommandError("only with PORTICO_DEMO=1: its people have a password that everybody knows")
        agencies = make_demo_agencies()
        fill_pool()  # they took the spares; who signs up next is not to wait
        self.stdout.write(f"password of every staff member: {PASSWORD}")
        listing = [
            {
                "slug": agency.slug,
                "plan": agency.plan.label.lower(),
                "people": [
                    {"part": person.part, "email": person.email}
                    | ({"password": PASSWORD} if person.part in ("owner", "staff") else {})
                    for person in agency.people
                ],
            }
            for agency in agencies
        ]
        self.stdout.write(json.dumps(listing))
