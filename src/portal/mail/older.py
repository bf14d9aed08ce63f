"""Mails whose words still stand in three templates (subject, text, HTML): sent as ever, not to be edited."""

from collections.abc import Mapping
from typing import Any

from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string

from portal.mail.defaults import default_words
from portal.module import Email


def has_words(email: Email) -> bool:
    """Whether its words stand in one file that agencies can edit."""
    try:
        default_words(email)
    except TemplateDoesNotExist:
        return False
    return True


def parts_of(email: Email, context: Mapping[str, Any]) -> tuple[str, str, str]:
    """Subject, text and HTML out of the three templates."""
    subject = " ".join(render_to_string(f"{email.template}.subject.txt", context).split())
    context = {**context, "subject": subject}
    text = render_to_string(f"{email.template}.txt", context).strip() + "\n"
    return subject, text, render_to_string(f"{email.template}.html", context)
