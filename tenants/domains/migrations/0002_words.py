"""Our own words in place of django-tenants': a claim of an agency to a host. Names may be claimed by several."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("domains", "0001_initial")]

    operations = [
        migrations.RenameField("domain", "domain", "host"),
        migrations.RenameField("domain", "tenant", "agency"),
        migrations.RenameField("domain", "created_at", "claimed_at"),
        migrations.AlterField("domain", "host", models.CharField(db_index=True, max_length=253)),
    ]
