"""A stand-in for Stripe on this machine: the real client talks to it over HTTP, no money moves, nothing leaves.

Its `judge` holds every request and every object against Stripe's own types. Never part of the production image.
"""
