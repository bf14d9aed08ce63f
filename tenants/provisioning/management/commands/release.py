"""What runs once before a new version serves: migrations, extensions, spares, static files."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from tenants.agencies.models import Agency
from tenants.provisioning.migrating import migrate_schema
from tenants.provisioning.models import Spare
from tenants.provisioning.operations import current_fingerprint, fill_pool

EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist")
# Agencies' audit triggers call this one; in `extensions` a renamed schema keeps working.
REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION extensions.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""


class Command(BaseCommand):
    help = "Migrate the public schema and every agency's, fill the pool of spares, collect static files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--no-static", dest="static", action="store_false", help="leave static files alone"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        prepare_database()
        call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
        self.stdout.write("public schema is at the newest state")
        for name in Agency.objects.reachable().values_list("schema_name", flat=True):
            if applied := migrate_schema(name):
                self.stdout.write(f"{name}: {applied} migrations")
        for spare in Spare.objects.exclude(migrated_to=current_fingerprint()):
            migrate_schema(spare.schema_name)
            Spare.objects.filter(pk=spare.pk).update(migrated_to=current_fingerprint())
        self.stdout.write(f"{fill_pool()} spare schemas made")
        if options["static"]:
            call_command("collectstatic", interactive=False, verbosity=0)


def prepare_database() -> None:
    """The schema `extensions`, the only one beside an agency's own on its path."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS extensions")
        for name in EXTENSIONS:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {name} SCHEMA extensions")
        cursor.execute(REFUSE_CHANGE)
