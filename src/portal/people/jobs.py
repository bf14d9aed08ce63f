"""Queued work of people: what the worker finds here is what it can run."""

from portal.people.jobs_sign_in import send_sign_in_link

__all__ = ["send_sign_in_link"]
