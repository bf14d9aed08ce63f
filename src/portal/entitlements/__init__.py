"""Entitlements: who may use what, since when, until when and why. Modules ask here; none keeps its own list."""
