"""TENANT SCHEMA: the shell around the modules, what every agency's portal and console share."""
