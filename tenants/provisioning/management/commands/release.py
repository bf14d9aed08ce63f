"""What runs once before a new version serves: migrations, extensions, spares, static files."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from tenants.provisioning.fleet import migrate_agencies
from tenants.provisioning.making import migrate_new_public
from tenants.provisioning.pool import fill_pool, migrate_spares

EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist")
# Agencies' audit triggers call this one; in `extensions` a renamed schema keeps working. A transaction that moves
# a merged client's rows or takes an erased person's words out names the table and the columns first, and may
# change these and no others (docs/decisions/0015).
REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION extensions.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  free text := current_setting('portico.may_change', true);
BEGIN
  IF TG_OP = 'UPDATE' AND split_part(free, ':', 1) = TG_TABLE_NAME AND NOT EXISTS (
    SELECT 1 FROM jsonb_each(to_jsonb(OLD)) AS was JOIN jsonb_each(to_jsonb(NEW)) AS becomes USING (key)
    WHERE was.value IS DISTINCT FROM becomes.value AND key <> ALL (string_to_array(split_part(free, ':', 2), ','))
  ) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""
# Rows under a parent that may not change any more, e.g. the lines of an issued invoice. Arguments of the
# trigger: the parent's table, the foreign key to it, the condition in which the parent is frozen.
REFUSE_CHANGE_UNDER = """
CREATE OR REPLACE FUNCTION extensions.refuse_change_under() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  frozen boolean;
BEGIN
  EXECUTE format(
    'SELECT EXISTS (SELECT 1 FROM %I.%I WHERE id = ANY ($1) AND %s)', TG_TABLE_SCHEMA, TG_ARGV[0], TG_ARGV[2]
  ) INTO frozen USING ARRAY[(to_jsonb(OLD) ->> TG_ARGV[1])::bigint, (to_jsonb(NEW) ->> TG_ARGV[1])::bigint];
  IF frozen THEN
    RAISE EXCEPTION '% may not change any more', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $$
"""

# Sums of a table's rows, kept in the transaction that changes them. Each change appends a difference, so no
# two transactions wait for one another; a job folds them (portal/payments/sums.py). Arguments of the trigger:
# the table of sums, and what one row counts for as a SELECT over ROWS.
KEEP_SUMS = """
CREATE OR REPLACE FUNCTION extensions.keep_sums() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  gone text := format(
    'SELECT what, whose, currency, day, -minor, -count'
    ' FROM (%s) AS gone (what, whose, currency, day, minor, count)', replace(TG_ARGV[1], 'ROWS', 'old_rows'));
  moved text := replace(TG_ARGV[1], 'ROWS', 'new_rows');
BEGIN
  IF TG_OP = 'DELETE' THEN
    moved := gone;
  ELSIF TG_OP = 'UPDATE' THEN
    moved := moved || ' UNION ALL ' || gone;
  END IF;
  EXECUTE format(
    'INSERT INTO %I.%I (what, whose, currency, day, minor, count)'
    ' SELECT what, whose, currency, day, sum(minor), sum(count)'
    ' FROM (%s) AS moved (what, whose, currency, day, minor, count)'
    ' GROUP BY 1, 2, 3, 4 HAVING sum(minor) <> 0 OR sum(count) <> 0', TG_TABLE_SCHEMA, TG_ARGV[0], moved);
  RETURN NULL;
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
        migrate_new_public()
        call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
        self.stdout.write("public schema is at the newest state")
        self._migrate_agencies()
        kept, made = migrate_spares(), fill_pool()
        self.stdout.write(f"{made} spare schemas made, {kept} older ones migrated")
        if options["static"]:
            call_command("collectstatic", interactive=False, verbosity=0)

    def _migrate_agencies(self) -> None:
        """Goes on after a failure, which concerns one agency; if all fail, the release is at fault."""
        done = list(migrate_agencies())
        failed = [migrated for migrated in done if migrated.error]
        for migrated in done:
            if migrated.error:
                self.stderr.write(
                    f"{migrated.slug}: NOT MIGRATED, shows a notice meanwhile: {migrated.error}"
                )
            elif migrated.applied:
                self.stdout.write(f"{migrated.slug}: {migrated.applied} migrations")
        if failed and len(failed) == len(done):
            raise CommandError("no agency could be migrated: the release is stopped")


def prepare_database() -> None:
    """The schema `extensions`, the only one beside an agency's own on its path."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS extensions")
        for name in EXTENSIONS:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {name} SCHEMA extensions")
        cursor.execute(REFUSE_CHANGE)
        cursor.execute(REFUSE_CHANGE_UNDER)
        cursor.execute(KEEP_SUMS)
