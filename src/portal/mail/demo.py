"""The demo's own words: Northwind says one of its mails in another voice."""

from dataclasses import replace
from typing import Any

from portal import registry
from portal.mail.defaults import default_words
from portal.mail.wordings import change_words, newest_of

CLOSING = "\n\nAnything unclear? Answer in the portal, we read every word.\n\nYours, **{{ agency_name }}**"


def fill(cast: Any) -> None:
    """Change the mail of a project's update, and change it again: a history of two."""
    email = registry.emails().get("projects.update_posted")
    if email is None:
        return
    default = default_words(email)
    first = replace(default, subject="{{ project }}: there is news")
    body = default.body.replace("{{ who }} wrote:", "Hello {{ first_name }}, {{ who }} wrote:")
    second = replace(first, body=body + CLOSING)
    for words in (first, second):
        newest = newest_of(email, cast.agency.language)
        seen = newest.pk if newest else 0
        change_words(email, cast.agency.language, words, by=cast.staff, seen=seen)
