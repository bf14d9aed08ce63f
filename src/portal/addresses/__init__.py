"""Branding › Domain: where staff bring an address of their own to the portal and see how far it is.

The claims, their life and their rules live in `tenants.domains`; these pages ask it and say it in plain words.
"""
