"""Queued work of signing in."""

from portal.jobs import job
from portal.people.sign_in import send_link


@job("people.send_sign_in_link")
def send_sign_in_link(*, email: str, browser: str, next_path: str, device: str, asked_at: str) -> None:
    """Mail a link to whoever has this address, if anybody has."""
    send_link(email=email, browser=browser, next_path=next_path, device=device, asked_at=asked_at)
