"""Walks sign-up as a person would, with the code from the captured mail."""

import re
from typing import Any

from django.core import mail
from django.test import Client as Browser

from tests.cast import platform_browser
from tests.running_jobs import run_jobs

ANSWERS = {"name": "Nora Lind", "agency_name": "Lind & Partner", "slug": "lind", "zone": "Europe/Oslo"}


def code_from_mail(email: str) -> str:
    """The six digits of the newest mail to this address."""
    run_jobs()
    newest = [m for m in mail.outbox if m.to == [email]][-1]
    found = re.search(r"^(\d{6})$", str(newest.body), re.MULTILINE)
    assert found, newest.body
    return found.group(1)


def proven(email: str, browser: Browser | None = None) -> Browser:
    """A browser that has typed its address and the code."""
    browser = browser or platform_browser()
    assert browser.post("/start/", {"email": email})["Location"] == "/start/code/"
    answer = browser.post("/start/code/", {"code": code_from_mail(email)})
    assert answer.status_code == 302, answer.content.decode()
    return browser


def named(email: str, browser: Browser | None = None, **answers: Any) -> Browser:
    """A browser that stands before the choice of a plan."""
    browser = proven(email, browser)
    answer = browser.post("/start/agency/", ANSWERS | answers)
    assert answer.status_code == 302, answer.content.decode()
    return browser
