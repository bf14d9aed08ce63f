"""Pages where captured mails are read. Every word of a mail is escaped; its HTML stays in a sandbox."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from infra.embedded.local_page import document
from infra.embedded.mailbox import Mail

# Scripts never run in a captured mail; its links open in a new tab, outside the sandbox.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
# Pictures from this machine only: reading a mail must not tell anyone that it was read.
MAIL_POLICY = (
    f"sandbox {SANDBOX}; default-src 'none'; style-src 'unsafe-inline';"
    " img-src 'self' data: http://localhost:* http://*.localhost:*"
)


def inbox(mails: list[Mail], recipient: str) -> str:
    """All mails, newest first; looks for new ones by itself every few seconds."""
    rows = "".join(_row(mail) for mail in mails)
    nothing = f"for {escape(recipient)} yet" if recipient else "yet. What the platform sends lands here."
    listing = f"<ol>{rows}</ol>" if rows else f'<p class="quiet">No mail {nothing}</p>'
    head = '<meta http-equiv="refresh" content="5">'
    return document(
        "Captured mail",
        f"""<header><h1>Captured mail</h1>
<form action="/" role="search"><input type="search" name="to" value="{escape(recipient)}"
placeholder="Address" aria-label="Mails for this address"><button>Find</button></form>
<form action="/clear" method="post"><button>Delete all</button></form></header>
<main>{listing}</main>""",
        head,
    )


def _row(mail: Mail) -> str:
    subject = escape(mail.subject) or "(no subject)"
    return (
        f'<li><a href="/mails/{mail.identifier}"><strong>{subject}</strong>{_when(mail)}'
        f"<span>{escape(mail.sender)} → {escape(', '.join(mail.recipients))}</span></a></li>"
    )


def _when(mail: Mail) -> str:
    return f'<time datetime="{mail.captured.isoformat()}">{mail.captured:%d %b %H:%M:%S} UTC</time>'


def reading(mail: Mail) -> str:
    """One mail: who, what, its HTML in a sandbox, its plain words, links, files and source."""
    base = f"/mails/{mail.identifier}"
    links = "".join(f'<li><a href="{escape(link)}">{escape(link)}</a></li>' for link in mail.links)
    files = "".join(
        f'<li><a href="{base}/files/{number}">{escape(file.name)}<span>{escape(file.media_type)}, '
        f"{len(file.content):,} bytes</span></a></li>"
        for number, file in enumerate(mail.attachments)
    )
    shown = f'<iframe title="The mail as it looks" sandbox="{SANDBOX}" src="{base}/html"></iframe>'
    return document(
        mail.subject or "(no subject)",
        f"""<p><a href="/">← All mail</a></p>
<main><h1>{escape(mail.subject) or "(no subject)"}</h1>
<dl><dt>From</dt><dd>{escape(mail.sender)}</dd><dt>To</dt><dd>{escape(", ".join(mail.recipients))}</dd>
<dt>Came in</dt><dd>{_when(mail)}</dd></dl>
{shown if mail.body("html") else ""}
<h2>As plain text</h2><pre>{escape(mail.body("plain")) or "(none)"}</pre>
{f"<h2>Links</h2><ol>{links}</ol>" if links else ""}
{f"<h2>Files</h2><ol>{files}</ol>" if files else ""}
<p><a href="{base}.eml">Source</a></p></main>""",
    )


def framed(mail: Mail) -> str:
    """The mail's own HTML for the sandbox: pictures that came along are found, links open in a new tab."""
    html = mail.body("html")
    for number, file in enumerate(mail.attachments):
        if file.content_id:
            html = html.replace(
                f"cid:{file.content_id}", f"/mails/{mail.identifier}/files/{quote(str(number))}"
            )
    base = '<base target="_blank">'
    place = html.lower().find("<head>")
    return f"{html[: place + 6]}{base}{html[place + 6 :]}" if place >= 0 else base + html
