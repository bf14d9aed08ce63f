"""Mail capture, over real SMTP and real HTTP."""

from __future__ import annotations

import http.client
import json
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from infra.embedded.mail import Capturing

HTML = (
    '<html><head><title>x</title></head><body><img src="cid:logo"><a href="https://northwind.test/in/?a=1&amp;b=2">In</a>'
    "<script>alert(1)</script></body></html>"
)


@pytest.fixture
def capture(tmp_path: Path) -> Iterator[Capturing]:
    with Capturing(tmp_path / "mail") as running:
        yield running


def _send(
    capture: Capturing, to: str = "maria@client.test", subject: str = "Grüße von Northwind", **more: str
) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Northwind <hello@northwind.test>", to, subject
    mail.set_content("Open https://northwind.test/in/?a=1&b=2, or type 123456.\nhttps://northwind.test/help.")
    mail.add_alternative(HTML, subtype="html")
    mail.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<logo>")  # type: ignore[union-attr,index]
    mail.add_attachment(b"a,b", maintype="text", subtype="csv", filename="numbers.csv")
    with smtplib.SMTP("127.0.0.1", capture.smtp_port) as smtp:
        smtp.send_message(mail, to_addrs=[more["envelope"]] if "envelope" in more else None)


def _ask(
    capture: Capturing, path: str, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", capture.http_port, timeout=5)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def _mails(capture: Capturing, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(_ask(capture, f"/mails.json{query}")[1])
    return found


def test_a_mail_sent_over_smtp_is_read_as_json(capture: Capturing, tmp_path: Path) -> None:
    _send(capture)
    (mail,) = _mails(capture)
    assert mail["to"] == "maria@client.test"
    assert mail["from"] == "Northwind <hello@northwind.test>"
    assert mail["subject"] == mail["headers"]["Subject"] == "Grüße von Northwind"
    assert "123456" in mail["text"]
    assert "<body>" in mail["html"]
    assert mail["links"] == ["https://northwind.test/in/?a=1&b=2", "https://northwind.test/help"]
    assert [path.stem for path in (tmp_path / "mail").glob("*.eml")] == [mail["id"]]


def test_mails_come_newest_first_and_by_the_address_they_went_to(capture: Capturing) -> None:
    _send(capture, subject="one")
    _send(capture, subject="two", envelope="Tom@client.test")
    assert [mail["subject"] for mail in _mails(capture)] == ["two", "one"]
    assert [mail["subject"] for mail in _mails(capture, "?to=tom%40CLIENT.test")] == ["two"]
    assert _mails(capture, "?to=tom") == []


def test_the_pages_show_it_and_its_script_cannot_run(capture: Capturing) -> None:
    _send(capture, subject="<b>bold</b>")
    identifier = _mails(capture)[0]["id"]
    assert b"&lt;b&gt;bold" in _ask(capture, "/")[1]
    page = _ask(capture, f"/mails/{identifier}")[1].decode()
    assert "numbers.csv" in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    answer, frame = _ask(capture, f"/mails/{identifier}/html")
    policy = answer.getheader("Content-Security-Policy") or ""
    assert policy.startswith("sandbox allow-popups")
    assert "allow-scripts" not in policy + page
    assert b'<base target="_blank">' in frame


def test_pictures_inside_the_mail_and_attached_files_are_served(capture: Capturing) -> None:
    _send(capture)
    identifier = _mails(capture)[0]["id"]
    frame = _ask(capture, f"/mails/{identifier}/html")[1].decode()
    source = frame.split('src="')[1].split('"')[0]
    assert _ask(capture, source)[1] == b"\x89PNG"
    answer, body = _ask(capture, f"/mails/{identifier}/files/1")
    assert body == b"a,b"
    assert (answer.getheader("Content-Disposition") or "").startswith("attachment")


def test_delete_forgets_all(capture: Capturing) -> None:
    _send(capture)
    assert _ask(capture, "/mails.json", "DELETE")[0].status == 204
    assert _mails(capture) == []


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.test"}, {"Origin": "http://evil.test"}, {"Origin": "null"}]
)
def test_a_foreign_web_page_may_neither_read_nor_clear(capture: Capturing, headers: dict[str, str]) -> None:
    _send(capture)
    if "Host" in headers:
        assert _ask(capture, "/mails.json", **headers)[0].status == 403
    assert _ask(capture, "/clear", "POST", **headers)[0].status == 403
    assert len(_mails(capture)) == 1


@pytest.mark.parametrize(
    "path", ["/mails/1", "/mails/..%2f..%2fsecret.eml", "/mails/../../secret.eml", "/nothing"]
)
def test_unknown_addresses_are_404(capture: Capturing, path: str) -> None:
    assert _ask(capture, path)[0].status == 404


def test_mails_are_found_again_after_a_restart(tmp_path: Path) -> None:
    with Capturing(tmp_path) as first:
        _send(first)
    with Capturing(tmp_path) as second:
        assert len(_mails(second)) == 1


def test_a_mail_that_is_no_good_mime_is_still_readable(capture: Capturing) -> None:
    with smtplib.SMTP("127.0.0.1", capture.smtp_port) as smtp:
        broken = b"Subject: odd\r\nContent-Type: text/plain; charset=klingon\r\n\r\nqapla \xff"
        smtp.sendmail("a@x.test", ["b@x.test"], broken)
    (mail,) = _mails(capture)
    assert mail["text"].startswith("qapla")
    assert _ask(capture, f"/mails/{mail['id']}")[0].status == 200
