"""Limits need no durability: an unlogged table writes no WAL."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ratelimits", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE public.ratelimits_bucket SET UNLOGGED",
            "ALTER TABLE public.ratelimits_bucket SET LOGGED",
        )
    ]
