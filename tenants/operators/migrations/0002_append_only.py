"""The log refuses UPDATE, DELETE and TRUNCATE."""

from django.db import migrations

REFUSE = """
CREATE TRIGGER operators_append_only BEFORE UPDATE OR DELETE ON operators_entry
FOR EACH ROW EXECUTE FUNCTION extensions.refuse_change();
CREATE TRIGGER operators_no_truncate BEFORE TRUNCATE ON operators_entry
FOR EACH STATEMENT EXECUTE FUNCTION extensions.refuse_change();
"""
ALLOW = """
DROP TRIGGER operators_append_only ON operators_entry;
DROP TRIGGER operators_no_truncate ON operators_entry;
"""


class Migration(migrations.Migration):
    dependencies = [("operators", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
