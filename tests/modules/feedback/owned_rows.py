"""Rows of feedback."""

from typing import Any

from modules.feedback.models import Thread
from portal.people.models import Client
from tests.owned_rows import OwnedRow


def thread(**owner: Any) -> Thread:
    author = Client.objects.get(email="maria@client.example")
    made: Thread = Thread.objects.create(subject="A question", author=author, **owner)
    return made


ROWS = {Thread: OwnedRow(thread)}
