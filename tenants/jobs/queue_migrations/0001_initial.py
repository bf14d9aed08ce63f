"""The broker's own schema and tables, from the script that dramatiq-postgres ships."""

from typing import Any

from django.db import migrations
from dramatiq_postgres import schema


def make_tables(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        schema.init(cursor, schema="dramatiq", prefix="")


class Migration(migrations.Migration):
    initial = True
    operations = [migrations.RunPython(make_tables, migrations.RunPython.noop)]
