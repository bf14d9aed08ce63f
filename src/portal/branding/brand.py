"""The agency's brand as the layouts and mails read it (docs/interface.md, "brand")."""

import hashlib
from typing import Any

from django.conf import settings

from portal.branding.models import PortalSettings
from tenants.agencies.current import CurrentAgency, platform_origin


def brand_of(agency: CurrentAgency, portal: PortalSettings, *, absolute: bool = False) -> dict[str, Any]:
    """The portal's brand; `absolute` addresses are for mails. Full branding counts only in the plan."""
    full = agency.has("branding.full")
    at = agency.portal_url if absolute else str
    return {
        "name": (portal.title if full else "") or agency.name,
        "accent": portal.accent,
        "logo_url": at(f"/brand/logo/{portal.logo_id}/") if portal.logo_id else "",
        "favicon_url": at(f"/brand/favicon/?v={look(portal)}"),
        "theme_url": at(f"/theme.css?v={look(portal)}"),
        "login_image_url": at(f"/brand/login/{portal.login_image_id}/")
        if full and portal.login_image_id
        else "",
        "support_email": portal.support_email if full else "",
        "powered_by": None if full else {"name": settings.PORTICO_NAME, "url": platform_origin()},
    }


def console_brand(agency: CurrentAgency, portal: PortalSettings) -> dict[str, Any]:
    """The agency's own looks in its console: its workspace logo, the portal's accent."""
    brand = brand_of(agency, portal)
    return brand | {
        "name": agency.name,
        "logo_url": f"/{agency.slug}/branding/agency-logo/{portal.agency_logo_id}/"
        if portal.agency_logo_id
        else "",
        "favicon_url": f"/{agency.slug}/branding/favicon/?v={look(portal)}",
        "theme_url": f"/{agency.slug}/branding/theme.css?v={look(portal)}",
        "powered_by": None,
    }


def look(portal: PortalSettings) -> str:
    """A short hash that changes whenever theme or favicon do: their addresses may be cached for ever."""
    return hashlib.sha256(f"{portal.accent}:{portal.favicon_id}:{portal.title}".encode()).hexdigest()[:10]
