from datetime import timedelta

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="entitlement",
            name="paused_for",
            field=models.DurationField(default=timedelta(0), help_text="all pauses that are over, together"),
        ),
    ]
