"""Signing in as a person would: ask, read the mail, press its button."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.core import mail
from django.test import Client as Browser

from tests.running_jobs import run_jobs

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


@dataclass(frozen=True)
class SignInMail:
    """What a person finds in the mail."""

    to: str
    subject: str
    text: str
    path: str
    code: str


def ask(browser: Browser, email: str, **fields: str) -> None:
    """Ask for a mail and let the worker send it."""
    answer = browser.post("/sign-in/", {"email": email, **fields}, headers={"user-agent": MAC})
    assert answer.status_code == 302, answer.status_code
    run_jobs()


def last_mail() -> SignInMail:
    """The newest sign-in mail."""
    message = next(m for m in reversed(mail.outbox) if "/enter/" in m.body)
    text = str(message.body)
    path = re.search(r"https?://[^/\s]+(/enter/[\w-]+/)", text)
    code = re.search(r"^(\d{6})$", text, re.MULTILINE)
    assert path and code
    return SignInMail(message.to[0], str(message.subject), text, path[1], code[1])


def ask_and_read(browser: Browser, email: str, **fields: str) -> SignInMail:
    """Both at once."""
    ask(browser, email, **fields)
    return last_mail()


def is_in(browser: Browser) -> bool:
    """Whether this browser is signed in: a page that needs it answers."""
    return browser.get("/profile/sessions/").status_code == 200


def session_token(browser: Browser) -> str:
    """The session cookie's value."""
    name = settings.CLIENT_COOKIE_NAME
    cookie = browser.cookies.get(name) or browser.cookies.get(f"__Host-{name}")
    return cookie.value if cookie else ""


def wrong(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 1_000_000:06d}"
