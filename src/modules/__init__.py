"""TENANT SCHEMA: one folder per portal module. Each declares itself in its own module.py."""
