"""Similar names are found by an index; the search by name uses it, too."""

from django.db import migrations

MAKE = "CREATE INDEX client_name_words ON people_client USING gin (upper(name) extensions.gin_trgm_ops);"


class Migration(migrations.Migration):
    dependencies = [("people", "0007_client_records")]
    operations = [migrations.RunSQL(MAKE, "DROP INDEX client_name_words;")]
