"""The sample page beside the forms: the portal as it would look, before anything is saved."""

from copy import copy
from typing import Any

from kit.color import contrast, parse_hex
from portal.branding.brand import brand_of
from portal.branding.forms import picture_url
from portal.branding.queries import sections_on
from portal.branding.welcome import LONGEST, welcome_html
from portal.http import Request
from ui.theme import theme


def sample_of(request: Request, **unsaved: str) -> dict[str, Any]:
    """What the sample prints: the saved settings under what is not saved yet.

    Args:
        unsaved: `accent`, `title`, `welcome_source`, `support_email`, as far as they were typed.
    """
    portal = copy(request.portal_settings)
    for name, value in unsaved.items():
        setattr(portal, name, value)
    portal.accent = _color(portal.accent, request.portal_settings.accent)
    if "welcome_source" in unsaved:
        portal.welcome = welcome_html(unsaved["welcome_source"][:LONGEST])
    brand = brand_of(request.agency, portal)
    brand["logo_url"] = picture_url("logo", portal.logo) if portal.logo else ""
    sections = [(section.name, section.module.icon) for section in sections_on().values()]
    return {
        "brand": brand,
        "sections": sections,
        "schemes": ("light", "dark"),
        "own_name": request.agency.name,
        "is_open": portal.is_open,
    }


def palette_of(accent: str) -> dict[str, Any]:
    """How well the accent can be read, in both schemes: contrast (1–21) of the words where it is used."""
    colors = theme(accent)
    rows = []
    for label, dark in (("Light", False), ("Dark", True)):
        shades = colors.dark if dark else colors.light
        ground = colors.neutral("canvas", dark=dark)
        rows.append(
            {
                "label": label,
                "button": round(contrast(shades.on_fill, shades.fill), 1),
                "link": round(contrast(shades.ink, ground), 1),
                "tint": round(contrast(shades.ink, shades.soft), 1),
                "is_moved": shades.ink != accent,
            }
        )
    return {"rows": rows, "accent": accent, "is_moved": any(row["is_moved"] for row in rows)}


def asked_color(request: Request) -> str:
    """The colour in `?accent=`.

    Raises:
        ValueError: it is none.
    """
    return parse_hex(request.GET.get("accent", ""))


def _color(wanted: str, saved: str) -> str:
    try:
        return parse_hex(wanted)
    except ValueError:
        return saved
