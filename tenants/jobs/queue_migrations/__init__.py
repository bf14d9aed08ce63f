"""Migrations of the broker's app: its tables by its own script, its unmanaged models as Django wants them noted."""
