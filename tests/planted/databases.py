"""What a defect of the database does to it."""

from django.db import connection
from psycopg import sql

from tenants.agencies.models import Agency


def drop(statement: str, *, in_agencies: bool) -> None:
    """Run the statement in public, or in every agency's schema. What is not there is an error."""
    schemas = list(Agency.objects.values_list("schema_name", flat=True)) if in_agencies else ["public"]
    with connection.cursor() as cursor:
        for schema in schemas:
            cursor.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))
            cursor.execute(statement)
        cursor.execute("SET search_path TO public")
