"""Events are never changed. They go with their message, when a person is erased."""

from django.db import migrations

REFUSE = """
CREATE TRIGGER delivery_append_only BEFORE UPDATE ON delivery_deliveryevent
FOR EACH ROW EXECUTE FUNCTION extensions.refuse_change();
"""
ALLOW = "DROP TRIGGER delivery_append_only ON delivery_deliveryevent;"


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
