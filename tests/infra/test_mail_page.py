"""The page on which captured mails are read, in a real browser."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from infra.embedded.mail import Capturing

HTML = """<html><head><title>x</title></head><body><p>Hello <b>Maria</b></p>
<a href="http://localhost:{port}/style.css">Open your portal</a></body></html>"""


@pytest.fixture
def capture(tmp_path: Path) -> Iterator[Capturing]:
    """Asked for before the page, it outlives it: a page whose server goes away complains."""
    with Capturing(tmp_path) as started:
        yield started


def _send(capture: Capturing, html: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = (
        "a@northwind.test",
        "maria@client.test",
        "Your portal is ready",
    )
    mail.set_content("Hello Maria")
    mail.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", capture.smtp_port) as smtp:
        smtp.send_message(mail)


def test_a_mail_is_found_read_and_its_link_followed(capture: Capturing, page: Page) -> None:
    home = f"http://localhost:{capture.http_port}/"
    page.goto(home)
    expect(page.get_by_text("No mail yet")).to_be_visible()
    _send(capture, HTML.format(port=capture.http_port))
    page.get_by_role("searchbox").fill("MARIA@client.test")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Your portal is ready").click()
    mail = page.frame_locator("iframe")
    expect(mail.get_by_text("Hello Maria")).to_be_visible()
    with page.expect_popup() as opened:
        mail.get_by_role("link", name="Open your portal").click()
    opened.value.wait_for_load_state()
    assert opened.value.url.endswith("/style.css")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(home)
    page.get_by_role("button", name="Delete all").click()
    page.get_by_text("No mail yet").wait_for()


def test_a_script_in_a_mail_does_not_run(capture: Capturing, page: Page, complaints: list[str]) -> None:
    _send(capture, "<body><p id=p>before</p><script>p.textContent = 'after'</script></body>")
    mail = f"http://localhost:{capture.http_port}/mails/{capture.mailbox.mails()[0].identifier}"
    page.goto(mail)
    assert page.frame_locator("iframe").locator("#p").inner_text() == "before"
    # Without our frame around it, what the answer says of itself has to hold.
    page.goto(f"{mail}/html")
    assert page.locator("#p").inner_text() == "before"
    assert len(complaints) == 2
    assert all("Blocked script execution" in complaint for complaint in complaints)
    complaints.clear()
