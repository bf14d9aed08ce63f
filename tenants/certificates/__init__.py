"""Certificates of every host that the platform serves: ACME account and orders, sealed bundles, renewals."""
