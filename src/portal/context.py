"""What every page's shell shows; everything lazy, so that a page pays only for what it prints."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from portal import registry
from portal.branding.queries import sections_on
from tenants.accounts.models import Membership
from tenants.agencies.current import console_origin, outside_agencies, platform_origin
from tenants.routing.resolve import Console, Portal


@dataclass(frozen=True)
class NavigationItem:
    """One entry of a menu."""

    label: str
    url: str
    icon: str
    current: bool = False
    count: int | None = None


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the layouts: portal, console or platform, by where the request belongs."""
    place = getattr(request, "place", None)
    if isinstance(place, Portal):
        return {
            "agency": place.agency,
            "client": getattr(request, "client", None),
            "portal": getattr(request, "portal_settings", None),
            "can": getattr(request, "can", None),
            "navigation": _lazy_list(lambda: _portal_navigation(request)),
            "shows_powered_by": not place.agency.has("branding.unbranded"),
            "platform_name": settings.PORTICO_NAME,
        }
    base = {
        "platform_name": settings.PORTICO_NAME,
        "platform_origin": platform_origin(),
        "console_origin": console_origin(),
    }
    if isinstance(place, Console) and place.agency and getattr(request, "staff", None):
        base |= {
            "agency": place.agency,
            "staff": request.staff,
            "portal": request.portal_settings,
            "can": getattr(request, "can", None),
            "navigation": _lazy_list(lambda: _console_navigation(request)),
            "agencies": _lazy_list(lambda: _agencies_of(request)),
            "portal_address": place.agency.portal_url("/"),
        }
    return base


def _lazy_list(load: Callable[[], list[Any]]) -> Any:
    return SimpleLazyObject(load)


def _portal_navigation(request: HttpRequest) -> list[NavigationItem]:
    if getattr(request, "client", None) is None:
        return []
    items = [NavigationItem("Home", reverse("home"), "home", request.path == "/")]
    for key, section in sections_on().items():
        module = section.module
        if not module.client_urls or (module.has_content and not module.has_content(request)):
            continue
        url = reverse(f"{key}:index")
        items.append(NavigationItem(section.name, url, module.icon, request.path.startswith(url)))
    return items


def _console_navigation(request: HttpRequest) -> list[NavigationItem]:
    entries = [("Home", reverse("home"), "home"), ("Clients", reverse("people:clients"), "people")]
    for module in registry.all_modules():
        if module.console_urls:
            entries.append((module.name, reverse(f"{module.key}:index"), module.icon))
    if request.staff.may_manage:
        entries += [
            ("Branding", reverse("branding:index"), "brand"),
            ("API keys", reverse("apikeys:index"), "key"),
        ]
    home = reverse("home")
    return [
        NavigationItem(label, url, icon, request.path == url if url == home else request.path.startswith(url))
        for label, url, icon in entries
    ]


def _agencies_of(request: HttpRequest) -> list[Membership]:
    with outside_agencies():
        return list(
            Membership.objects.select_related("agency").filter(account=request.user.pk).order_by("agency__name")
        )
