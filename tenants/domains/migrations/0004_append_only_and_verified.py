"""The timeline refuses UPDATE, DELETE and TRUNCATE; what was verified before there were states is active."""

from django.db import migrations

REFUSE = """
CREATE TRIGGER domains_append_only BEFORE UPDATE OR DELETE ON domains_domainevent
FOR EACH ROW EXECUTE FUNCTION extensions.refuse_change();
CREATE TRIGGER domains_no_truncate BEFORE TRUNCATE ON domains_domainevent
FOR EACH STATEMENT EXECUTE FUNCTION extensions.refuse_change();
"""
ALLOW = """
DROP TRIGGER domains_append_only ON domains_domainevent;
DROP TRIGGER domains_no_truncate ON domains_domainevent;
"""
VERIFIED = "UPDATE domains_domain SET state = 'active' WHERE verified_at IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("domains", "0003_life")]
    operations = [
        migrations.RunSQL(REFUSE, ALLOW),
        migrations.RunSQL(VERIFIED, migrations.RunSQL.noop),
    ]
