"""The ledger refuses UPDATE and DELETE. The function is in `extensions`: schemas are renamed at sign-up."""

from django.db import migrations

REFUSE = """
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON payments_ledgerentry
FOR EACH ROW EXECUTE FUNCTION extensions.refuse_change();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON payments_ledgerentry
FOR EACH STATEMENT EXECUTE FUNCTION extensions.refuse_change();
"""
ALLOW = """
DROP TRIGGER ledger_append_only ON payments_ledgerentry;
DROP TRIGGER ledger_no_truncate ON payments_ledgerentry;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
