"""From a declared mail and its words to subject, text and HTML in the agency's brand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import css_inline
from django.template.loader import render_to_string

from portal.branding.brand import brand_of
from portal.branding.queries import load_settings
from portal.module import Email
from tenants.agencies.current import CurrentAgency, current_agency
from ui.theme import mail_colors


@dataclass(frozen=True)
class RenderedMail:
    """What goes over the wire."""

    subject: str
    text: str
    html: str


def render_mail(email: Email, words: Mapping[str, Any]) -> RenderedMail:
    """Render for the current agency. `words` must hold all that the templates print."""
    context = {**_brand(current_agency()), **words}
    subject = render_to_string(f"{email.template}.subject.txt", context)
    context["subject"] = " ".join(subject.split())
    return RenderedMail(
        subject=context["subject"],
        text=render_to_string(f"{email.template}.txt", context).strip() + "\n",
        html=css_inline.inline(render_to_string(f"{email.template}.html", context)),
    )


def _brand(agency: CurrentAgency) -> dict[str, Any]:
    portal = load_settings()
    return {
        "agency": agency,
        "brand": brand_of(agency, portal, absolute=True),
        "colors": mail_colors(portal.accent),
        "language": agency.language,
    }
