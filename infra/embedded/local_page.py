"""What the demo's own small pages have in common: only this machine may ask, nothing is kept by browsers."""

from __future__ import annotations

from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

OWN_NAMES = {"localhost", "127.0.0.1"}
LONGEST_FORM = 64 * 1024
STYLE = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; img-src 'self' data:"
)


def document(title: str, body: str, head: str = "") -> str:
    """A whole page around a body; `title` is escaped here, body and head are HTML."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}
<link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"></head><body>{body}</body></html>"""


class LocalPage(BaseHTTPRequestHandler):
    """Answers a browser or a script on this machine."""

    protocol_version = "HTTP/1.1"
    sys_version = ""

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the pages ask again every few seconds."""

    def body(self) -> bytes:
        """What came along; read also where it is refused, or the connection would go on with it."""
        return self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LONGEST_FORM))

    def form(self) -> dict[str, str]:
        """The fields of a posted form, the first of each name."""
        fields = parse_qs(self.body().decode(errors="replace"), keep_blank_values=True)
        return {name: values[0] for name, values in fields.items()}

    def is_from_here(self) -> bool:
        """False, and refused, when another site's page asks."""
        # A web page elsewhere may have its name resolve to 127.0.0.1, or post to us.
        origin = self.headers.get("Origin")
        names = {
            urlsplit(f"//{self.headers.get('Host', '')}").hostname,
            (urlsplit(origin).hostname or origin) if origin else None,
        }
        if names - {None} <= OWN_NAMES:
            return True
        self.refuse(HTTPStatus.FORBIDDEN)
        return False

    def page(self, html: str, policy: str = PAGE_POLICY, status: HTTPStatus = HTTPStatus.OK) -> None:
        """Sends a page."""
        self.answer(html.encode(), "text/html; charset=utf-8", status, Content_Security_Policy=policy)

    def style(self) -> None:
        """Sends the style sheet that `document` names."""
        self.answer(STYLE.encode(), "text/css; charset=utf-8")

    def see(self, path: str) -> None:
        """After a form: the browser fetches that page."""
        self.answer(b"", "text/plain", HTTPStatus.SEE_OTHER, Location=path)

    def refuse(self, status: HTTPStatus) -> None:
        """Sends the status in its own words."""
        self.answer(status.phrase.encode(), "text/plain", status)

    def answer(
        self, body: bytes, media_type: str, status: HTTPStatus = HTTPStatus.OK, **headers: str
    ) -> None:
        """Sends anything; `headers` by keyword, with _ for -."""
        self.send_response(status)
        fixed = {"Content-Type": media_type, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        for name, value in {**fixed, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
