"""Absolute addresses for mails, hand-overs and links between audiences; from the agency, never the request."""

from typing import Any

from django.urls import get_script_prefix, reverse, set_script_prefix

from tenants.agencies.current import CurrentAgency
from tenants.routing.middleware import CONSOLE_URLS, PORTAL_URLS


def portal_link(agency: CurrentAgency, view: str, *args: Any) -> str:
    """The address of a portal page, e.g. `portal_link(agency, "deliverables:show", 7)`."""
    return agency.portal_url(_path(view, args, PORTAL_URLS))


def console_link(agency: CurrentAgency, view: str, *args: Any) -> str:
    """The address of a console page."""
    return agency.console_url(_path(view, args, CONSOLE_URLS))


def portal_path(view: str, *args: Any) -> str:
    """The path of a portal page on its host."""
    return _path(view, args, PORTAL_URLS)


def _path(view: str, args: tuple[Any, ...], urlconf: str) -> str:
    # Inside a console request the script prefix is the agency's slug; these paths begin at the root.
    before = get_script_prefix()
    set_script_prefix("/")
    try:
        return reverse(view, args=args, urlconf=urlconf)
    finally:
        set_script_prefix(before)
