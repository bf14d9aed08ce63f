"""What every page's shell shows; everything lazy, so that a page pays only for what it prints."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from portal import registry
from portal.branding.brand import brand_of, console_brand
from portal.branding.queries import sections_on
from portal.http import Request
from portal.payments import payables
from portal.people import viewing
from portal.people.acting import companies_shown
from portal.people.models import Client, Staff
from tenants.accounts.models import Membership
from tenants.agencies.current import CurrentAgency, console_origin, outside_agencies, platform_origin
from tenants.agencies.models import AgencyState
from tenants.routing.resolve import Console, Portal


@dataclass(frozen=True)
class NavigationItem:
    """One entry of a menu."""

    label: str
    url: str
    icon: str
    current: bool = False
    count: int | None = None
    group: str = ""  # the heading above it; only the first of a group has one


def shell(request: Request) -> dict[str, Any]:
    """Context of the layouts: portal, console or platform, by where the request belongs."""
    place = getattr(request, "place", None)
    if isinstance(place, Portal):
        return _portal_shell(request, place.agency)
    if isinstance(place, Console) and place.agency and getattr(request, "staff", None):
        return _console_shell(request, place.agency)
    return {
        "platform": {"name": settings.PORTICO_NAME, "url": platform_origin() + "/"},
        "login_url": console_origin() + "/accounts/login/",
        "signup_url": platform_origin() + "/start/",
    }


def _portal_shell(request: Request, agency: CurrentAgency) -> dict[str, Any]:
    client = getattr(request, "client", None)
    context: dict[str, Any] = {
        "agency": agency,
        "client": client,
        "can": getattr(request, "can", None),
        "brand": _lazy(lambda: brand_of(agency, request.portal_settings)),
        "home_url": "/",
    }
    if client is not None:
        context |= {
            **viewing.banner(request),
            "navigation": _lazy(lambda: _portal_navigation(request)),
            "acts_for": _lazy(lambda: companies_shown(request)),
            "person": {"name": client.shown_name, "email": client.email, "photo_url": _photo_url(client)},
            "person_menu": [
                {"label": "Profile", "url": "/profile/", "icon": "user"},
                {"label": "Team", "url": "/team/", "icon": "people"},
            ],
            "sign_out_url": "/sign-out/",
        }
    return context


def _console_shell(request: Request, agency: CurrentAgency) -> dict[str, Any]:
    staff = request.staff
    return {
        "agency": agency,
        "staff": staff,
        "can": getattr(request, "can", None),
        "brand": _lazy(lambda: console_brand(agency, request.portal_settings)),
        "home_url": reverse("home"),
        "navigation": _lazy(lambda: _console_navigation(request)),
        "person": {"name": str(staff), "email": staff.email, "note": staff.get_role_display()},
        "person_menu": [
            {"label": "Your account", "url": "/accounts/", "icon": "user"},
            {"label": "Your devices", "url": "/accounts/sessions/", "icon": "device"},
            {"label": "Leave this agency", "url": reverse("people:leave"), "icon": "log-out"},
        ],
        "factor_from": request.lacks_second_factor_from,
        "second_factor_url": "/accounts/2fa/",
        "sign_out_url": "/accounts/logout/",
        "agencies": _lazy(lambda: _agencies_of(request)),
        "new_agency_url": platform_origin() + "/start/",
        "portal_url": agency.portal_url("/"),
        "trial": _with_way_out(request, trial_banner(agency)),
    }


def _with_way_out(request: Request, banner: dict[str, str] | None) -> dict[str, str] | None:
    if banner is None or request.staff.role != Staff.Role.OWNER:
        return banner
    return {**banner, "url": reverse("plan:index")}


def trial_banner(agency: CurrentAgency) -> dict[str, str] | None:
    """What the console says about the agency's state, if anything."""
    if agency.is_read_only:
        words = "Your agency is read-only: nothing can be changed. Your clients can still see everything."
        way = {"do": "See what to do"} if agency.state == AgencyState.READ_ONLY else {}
        return {"words": words, "tone": "negative", **way}
    if agency.state == AgencyState.PAST_DUE:
        return {
            "words": "The last payment for your plan did not go through. Everything works on for now.",
            "tone": "warning",
            "do": "See what to do",
        }
    if agency.state != AgencyState.TRIAL or agency.trial_ends_at is None:
        return None
    days = (agency.trial_ends_at.astimezone(agency.tzinfo).date() - agency.today()).days
    left = "ends today" if days <= 0 else f"ends in {days} day{'s' if days != 1 else ''}"
    tone = "warning" if days <= 3 else ""
    return {"words": f"Your trial of {agency.plan.label} {left}.", "tone": tone}


def _photo_url(client: Client) -> str:
    return f"/profile/photo/{client.photo_id}/" if client.photo_id else ""


def _lazy(load: Callable[[], Any]) -> Any:
    return SimpleLazyObject(load)


def _portal_navigation(request: Request) -> list[NavigationItem]:
    if getattr(request, "client", None) is None:
        return []
    items = [NavigationItem("Home", reverse("home"), "home", request.path == "/")]
    for key, section in sections_on().items():
        module = section.module
        if request.viewing is not None and module.hidden_when_viewing:
            continue
        if not module.client_urls or (module.has_content and not module.has_content(request)):
            continue
        url = reverse(f"{key}:index")
        items.append(NavigationItem(section.name, url, module.icon, request.path.startswith(url)))
    return items


Entry = tuple[str, str, str]  # label, address, icon


def _console_navigation(request: Request) -> list[NavigationItem]:
    groups = [
        ("", [("Home", reverse("home"), "home"), ("To do", reverse("tasks:index"), "check")]),
        ("People", _people_entries()),
        ("Sections", _section_entries()),
        ("Settings", _settings_entries(request)),
    ]
    home = reverse("home")
    return [
        NavigationItem(
            label,
            url,
            icon,
            current=request.path == url if url == home else request.path.startswith(url),
            group=group if place == 0 else "",
        )
        for group, entries in groups
        for place, (label, url, icon) in enumerate(entries)
    ]


def _people_entries() -> list[Entry]:
    return [
        ("Clients", reverse("people:clients"), "people"),
        ("Companies", reverse("people:companies"), "company"),
        ("Entitlements", reverse("entitlements:index"), "lock"),
        ("Mails", reverse("delivery:index"), "mail"),
    ]


def _section_entries() -> list[Entry]:
    return [
        (module.name, reverse(f"{module.key}:index"), module.icon)
        for module in registry.all_modules()
        if module.console_urls
    ]


def _settings_entries(request: Request) -> list[Entry]:
    entries = []
    if request.staff.may_manage:
        entries.append(("Workflows", reverse("workflows:index"), "workflows"))
        entries.append(("Team", reverse("people:team"), "people"))
        entries.append(("Branding", reverse("branding:index"), "brand"))
        entries.append(("Words of mails", reverse("mail:index"), "edit"))
        if payables.is_anything_sold():
            entries.append(("Payments", reverse("payments:index"), "card"))
        entries.append(("API keys", reverse("apikeys:index"), "key"))
    if request.staff.role == Staff.Role.OWNER:
        entries.append(("Plan and billing", reverse("plan:index"), "invoices"))
    return entries


def _agencies_of(request: Request) -> list[dict[str, Any]]:
    with outside_agencies():
        memberships = Membership.objects.select_related("agency").filter(account=request.user.pk)
        return [
            {
                "name": membership.agency.name,
                "url": f"/{membership.agency.slug}/",
                "current": membership.agency_id == request.agency.id,
            }
            for membership in memberships.order_by("agency__name")
        ]
