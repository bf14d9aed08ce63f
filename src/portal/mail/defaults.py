"""The words that a mail comes with: one file beside its module's pages, in the form that agencies edit.

subject: {{ deliverable }} is ready
before: what mail programs show beside the subject
foot: why one gets it
---
# Heading

Words, as portal.mail.source and portal.mail.marks read them. `before` and `foot` may be left out.
"""

from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import get_template

from portal.module import Email

FIELDS = ("subject", "before", "body", "foot")


@dataclass(frozen=True)
class Words:
    """All that can be said in one mail, as written: placeholders still stand in it."""

    subject: str
    body: str
    before: str = ""
    foot: str = ""


class BadWords(ValueError):
    """A file of words is not written as they are."""


def default_words(email: Email) -> Words:
    """The words that the mail comes with.

    Raises:
        TemplateDoesNotExist: the mail has no `<template>.md`.
        BadWords: that file has no subject or no line of three dashes.
    """
    return _read(f"{email.template}.md")


@lru_cache(maxsize=512)
def _read(name: str) -> Words:
    # Only its source: agencies' words are never run as a template, so neither are these.
    source = get_template(name).template.source  # type: ignore[attr-defined]
    head, found, body = source.partition("\n---\n")
    lines = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    if not found or not lines.get("subject") or set(lines) - set(FIELDS):
        raise BadWords(name)
    return Words(**lines, body=body.strip())
