"""Schemas that wait for an agency, and what they must look like."""

from django.db import connection, models
from django.db.models import OuterRef, Subquery

from kit import clock

# The sign-up's person waits for it: one round trip.
TAKE = """
DELETE FROM provisioning_spare WHERE id = (
    SELECT spare.id FROM provisioning_spare spare JOIN provisioning_template USING (migrated_to, catalog)
    WHERE migrated_to = %s ORDER BY spare.id LIMIT 1 FOR UPDATE OF spare SKIP LOCKED)
RETURNING schema_name
"""


class Template(models.Model):
    """What one release's migrations make of an empty schema: `catalog` is the hash of a fresh one.

    `migrated_to` is the fingerprint of the migrations (names and contents). `statements` and `migrations` are
    what they said to it (see `making.Script`); empty: it cannot be said again.
    """

    migrated_to = models.CharField(max_length=64, unique=True)
    catalog = models.CharField(max_length=64)
    statements = models.JSONField(default=list)
    migrations = models.JSONField(default=list)
    made_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return self.catalog[:12]


class SpareQuerySet(models.QuerySet["Spare"]):
    def fitting(self, migrated_to: str) -> "SpareQuerySet":
        """Spares of this release that look exactly like its template."""
        template = Template.objects.filter(migrated_to=OuterRef("migrated_to")).values("catalog")
        return self.filter(migrated_to=migrated_to, catalog=Subquery(template))


class Spare(models.Model):
    """A migrated, empty schema. Both hashes are compared at the claim, so that a stale one is never taken."""

    schema_name = models.CharField(max_length=63, unique=True)
    migrated_to = models.CharField(max_length=64)
    catalog = models.CharField(max_length=64, default="")
    made_at = models.DateTimeField(default=clock.now, editable=False)

    objects = SpareQuerySet.as_manager()

    def __str__(self) -> str:
        return self.schema_name

    @staticmethod
    def take(migrated_to: str) -> str | None:
        """Remove the oldest spare that fits and nobody else is taking; its schema's name. In one statement."""
        with connection.cursor() as cursor:
            cursor.execute(TAKE, [migrated_to])
            row = cursor.fetchone()
        return row[0] if row else None
