"""From a declared mail and its values to subject, text and HTML in the agency's brand and words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import css_inline
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from portal.branding.brand import brand_of
from portal.branding.queries import load_settings
from portal.mail.defaults import Words
from portal.mail.marks import html_of
from portal.mail.placeholders import known_to, link_of, values_for
from portal.mail.plain import text_of
from portal.mail.source import fill_line
from portal.mail.wordings import words_for
from portal.module import Email
from tenants.agencies.current import CurrentAgency, current_agency
from ui.theme import mail_colors

LONGEST_SUBJECT = 250
# Rules for phones and dark screens cannot be inlined; programs that know them find them in the head.
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@dataclass(frozen=True)
class RenderedMail:
    """What goes over the wire."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Line:
    """A mail as one line of another: what it is about, and where it leads."""

    title: str
    note: str
    url: str

    def as_item(self) -> dict[str, str]:
        """As the list of new items holds it."""
        return {"title": self.title, "note": self.note, "url": self.url}


def render_mail(
    email: Email,
    words: Mapping[str, Any],
    *,
    wording: Words | None = None,
    brand: Mapping[str, Any] | None = None,
    language: str = "",
    mark: str = "",
) -> RenderedMail:
    """Render for the current agency.

    Args:
        words: `person` (who gets it), what was stored with the message, and what was prepared.
        wording: other words than the agency's own, e.g. of a preview; None: those that count, in the
            person's language.
        brand: what is to be shown differently, e.g. the logo's address within the console.
        language: of `wording`; empty: the agency's.
        mark: stands before the subject.
    """
    agency = current_agency()
    frame = _brand(agency)
    frame["brand"] |= brand or {}
    frame["language"] = language or frame["language"]
    if wording is None:
        wording, frame["language"] = words_for(email, words.get("person"))
    values, known = _values(email, words, agency, frame), known_to(email)
    frame |= {
        "subject": (mark + fill_line(wording.subject, values, known))[:LONGEST_SUBJECT],
        "unsubscribe_url": words.get("unsubscribe_url", ""),
        "before": fill_line(wording.before, values, known),
        "why": fill_line(wording.foot, values, known),
    }
    html = mark_safe(html_of(wording.body, values, known))  # escaped and cut down there
    return RenderedMail(
        subject=frame["subject"],
        text=render_to_string(
            "mail/words.txt", {**frame, "body": text_of(wording.body, values, known)}
        ).strip()
        + "\n",
        html=_INLINER.inline(render_to_string("mail/words.html", {**frame, "body": html})),
    )


def line_of(email: Email, words: Mapping[str, Any]) -> Line:
    """The mail as one line of a mail that tells of several."""
    agency = current_agency()
    wording, _ = words_for(email, words.get("person"))
    values, known = _values(email, words, agency, _brand(agency)), known_to(email)
    return Line(
        title=fill_line(wording.subject, values, known)[:LONGEST_SUBJECT],
        note=fill_line(wording.before, values, known)[:LONGEST_SUBJECT],
        url=str(values.get(link_of(email), "")),
    )


def _values(
    email: Email, words: Mapping[str, Any], agency: CurrentAgency, frame: Mapping[str, Any]
) -> dict[str, Any]:
    return values_for(email, words, agency_name=agency.name, portal_name=frame["brand"]["name"])


def _brand(agency: CurrentAgency) -> dict[str, Any]:
    portal = load_settings()
    return {
        "agency": agency,
        "brand": brand_of(agency, portal, absolute=True),
        "colors": mail_colors(portal.accent),
        "language": agency.language,
    }
