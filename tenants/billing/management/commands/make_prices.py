from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.billing import prices
from tenants.gateway.client import is_configured


class Command(BaseCommand):
    help = "Makes our products and prices at Stripe, where they are missing. Again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_configured():
            raise CommandError("STRIPE_SECRET_KEY is not set: there is no Stripe to make them at.")
        for key, price in prices.make_all().items():
            self.stdout.write(f"{key}: {price}")
