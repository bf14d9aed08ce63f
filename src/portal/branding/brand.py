"""The agency's brand as the layouts and mails read it (docs/interface.md, "brand")."""

import hashlib
from typing import Any

from django.conf import settings

from portal.branding.models import PortalSettings
from tenants.agencies.current import CurrentAgency, platform_origin
from ui.marks import default_favicon
from ui.theme import theme_css


def brand_of(agency: CurrentAgency, portal: PortalSettings, *, absolute: bool = False) -> dict[str, Any]:
    """The portal's brand; `absolute` addresses are for mails. Full branding counts only in the plan."""
    full = agency.has("branding.full")
    at = agency.portal_url if absolute else str
    version = look(agency, portal)
    return {
        "name": shown_name(agency, portal),
        "accent": portal.accent,
        "logo_url": at(f"/brand/logo/{portal.logo_id}/") if portal.logo_id else "",
        "favicon_url": at(f"/brand/favicon/?v={version}"),
        "manifest_url": at("/manifest.webmanifest"),
        "theme_url": at(f"/theme.css?v={version}"),
        "login_image_url": at(f"/brand/login/{portal.login_image_id}/")
        if full and portal.login_image_id
        else "",
        "welcome": portal.welcome if full else "",
        "support_email": portal.support_email if full else "",
        "powered_by": None if full else {"name": settings.PORTICO_NAME, "url": platform_origin()},
    }


def console_brand(agency: CurrentAgency, portal: PortalSettings) -> dict[str, Any]:
    """The agency's own looks in its console: its workspace logo, the portal's accent."""
    version = look(agency, portal)
    at = f"/{agency.slug}/branding"
    return brand_of(agency, portal) | {
        "name": agency.name,
        "logo_url": f"{at}/agency-logo/{portal.agency_logo_id}/" if portal.agency_logo_id else "",
        "login_image_url": "",
        "favicon_url": f"{at}/favicon/?v={version}",
        "manifest_url": "",
        "theme_url": f"{at}/theme.css?v={version}",
        "powered_by": None,
    }


def shown_name(agency: CurrentAgency, portal: PortalSettings) -> str:
    """What clients read: the portal's own title where the plan has one, else the agency's name."""
    return (portal.title if agency.has("branding.full") else "") or agency.name


def own_favicon_id(agency: CurrentAgency, portal: PortalSettings) -> Any:
    """The uploaded favicon's id where the plan has one; None: it is drawn from name and accent."""
    return portal.favicon_id if agency.has("branding.full") else None


def look(agency: CurrentAgency, portal: PortalSettings) -> str:
    """A short hash that changes whenever theme or favicon do: their addresses may be cached for ever.

    Of what is served rather than of the settings, so that a release that draws the theme in another way
    gets new addresses too.
    """
    drawn = own_favicon_id(agency, portal) or default_favicon(shown_name(agency, portal), portal.accent)
    return hashlib.sha256(f"{theme_css(portal.accent)}{drawn}".encode()).hexdigest()[:12]
