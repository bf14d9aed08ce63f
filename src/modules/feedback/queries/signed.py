"""Signed references that travel through a browser or a mail: to rate a thread, and what page a message is about."""

from datetime import timedelta

from django.core import signing

from modules.feedback.models import Thread
from portal.agency import current_agency
from portal.people.models import Client
from portal.records.former import client_once

RATING_LASTS = timedelta(days=60)
ABOUT_LASTS = timedelta(days=2)


def rating_token(thread_id: int, client_id: int) -> str:
    """What the mail's link carries; it opens a page that asks for a click, and nothing else."""
    return signing.dumps([thread_id, client_id], salt=_salt("rating"))


def read_rating_token(token: str) -> tuple[Thread, Client] | None:
    """The resolved thread and its author, or None: not ours, too old, or not the client's to see any more."""
    found = _read(token, "rating", RATING_LASTS)
    if found is None:
        return None
    thread_id, client_id = found
    client = client_once(client_id)
    if client is None or not client.has_access:
        return None
    thread = Thread.objects.visible_to(client).select_related("merged_into").filter(pk=thread_id).first()
    if thread is None or thread.author_id != client.pk:
        return None
    return thread.merged_into or thread, client


def about_token(section: str, pk: int, words: str, project_id: int | None, client: Client) -> str:
    """Names what a page shows, for the form that the page links to. Only for things that this client is shown."""
    named = [client.pk, section, pk, words[:160], project_id]
    return signing.dumps(named, salt=_salt("about"), compress=True)


def read_about_token(token: str, client: Client) -> tuple[str, int, str, int | None] | None:
    """Section, key, words and project of a thing; None: not ours, too old, or made for somebody else."""
    found = _read(token, "about", ABOUT_LASTS)
    if found is None or found[0] != client.pk:
        return None
    _, section, pk, words, project_id = found
    return section, pk, words, project_id


def _read(token: str, purpose: str, lasts: timedelta) -> list | None:  # type: ignore[type-arg]
    try:
        found: list[object] = signing.loads(token, salt=_salt(purpose), max_age=lasts)
    except signing.BadSignature:
        return None
    return found


def _salt(purpose: str) -> str:
    # The schema in the salt: a token of one agency means nothing on another one's portal.
    return f"feedback.{purpose}:{current_agency().schema_name}"
