"""Who is asking, and may they? Deny by default.

`AudienceMiddleware` opens the agency's schema and finds the client or staff member. `GateMiddleware`
refuses every page that its audience may not open: a client needs a session with access, a page of a
module needs the plan and the agency's switch, a console page needs a membership. A view opts out of the
sign-in, and only of that, with `@open_page`; it narrows the console to owners and admins with
`@managers_only`.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import Exists, OuterRef, Subquery
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from portal import registry
from portal.apikeys import door as api_door
from portal.branding.models import PortalSettings
from portal.branding.queries import load_settings, sections_on, sections_read_once
from portal.http import Request
from portal.module import Module
from portal.people import sessions, viewing
from portal.people.models import Client, Staff, TeamSettings
from portal.people.sign_in_browser import forget_cookie
from tenants.accounts.models import Membership
from tenants.agencies.current import CurrentAgency, inside
from tenants.routing.middleware import GetResponse, nothing_here
from tenants.routing.resolve import Console, Portal

View = TypeVar("View", bound=Callable[..., Any])
# The one part of a console that opens to who is not of the agency yet: invitations to its team.
JOINING = "/join/"
# Of the client's own pages those that staff see who look as this client.
VIEWERS_SEE = ("profile", "photo")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Can:
    """What the plan opens inside one module: `can.approve` in a view or template."""

    def __init__(self, agency: CurrentAgency, module: str) -> None:
        self._agency, self._module = agency, module

    def __getattr__(self, name: str) -> bool:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._agency.has(f"{self._module}.{name}")


def open_page(view: View) -> View:
    """No sign-in needed: sign-in pages, invitations, the theme. Plan and switches still count."""
    view.is_open_page = True  # type: ignore[attr-defined]
    return view


def managers_only(view: View) -> View:
    """Console pages that owners and admins may open, members not."""
    view.is_managers_only = True  # type: ignore[attr-defined]
    return view


def whole_agency(view: View) -> View:
    """Console pages about everybody at once: not for members who may see chosen clients only."""
    view.is_about_all = True  # type: ignore[attr-defined]
    return view


def hidden_when_viewing(view: View) -> View:
    """A portal's page that staff who look as a client do not get: it asks Stripe, or shows a secret."""
    view.is_hidden_when_viewing = True  # type: ignore[attr-defined]
    return view


def works_read_only(view: View) -> View:
    """A POST that a read-only agency still allows, e.g. signing in and out."""
    view.works_read_only = True  # type: ignore[attr-defined]
    return view


def works_closed(view: View) -> View:
    """What a switched-off portal still answers: the theme and pictures of the note that says so."""
    view.works_closed = True  # type: ignore[attr-defined]
    return view


def on_any_host(view: View) -> View:
    """Answered on every host of the portal: the way to the agency's own domain, and pictures on the way."""
    view.is_on_any_host = True  # type: ignore[attr-defined]
    return view


class AudienceMiddleware:
    """Opens the agency's schema around the view and puts `client` or `staff` on the request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        nobody: Any = None
        request.client = request.staff = request.client_session = request.module = nobody
        request.lacks_second_factor_from = request.viewing = None
        place = request.place
        if isinstance(place, Portal):
            with inside(place.agency), sections_read_once():
                request.portal_settings = cast(PortalSettings, SimpleLazyObject(load_settings))
                viewing.recognise(request)
                if request.viewing is None:
                    sessions.recognise(request)
                with timezone.override(zone_of(request.client, place.agency)):
                    if request.viewing is not None:
                        return viewing.answer(request, self.get_response)
                    return self.get_response(request)
        if isinstance(place, Console) and place.agency:
            return self._console(request, place.agency)
        if isinstance(place, Console) and request.path_info.startswith(api_door.PREFIX):
            return api_door.enter(request, self.get_response)
        return self.get_response(request)

    def _console(self, request: Request, agency: CurrentAgency) -> HttpResponse:
        # Session and login are rows of the public schema: read both before the switch.
        person = request.user if request.user.is_authenticated else None
        if request.path_info.startswith(JOINING):
            with inside(agency):
                return self.get_response(request)
        if person is None:
            return HttpResponseRedirect("/accounts/login/?" + urlencode({"next": request.get_full_path()}))
        has_factor = _second_factors(person.pk, agency)
        if has_factor is None:
            return nothing_here()
        with inside(agency):
            asked_from = Subquery(TeamSettings.objects.values("second_factor_from")[:1])
            found = Staff.objects.filter(account_id=person.pk, is_active=True)
            staff = found.annotate(second_factor_from=asked_from).first()
            if staff is None:
                return nothing_here()
            staff.follow_login(person.email)
            request.staff = staff
            request.portal_settings = cast(PortalSettings, SimpleLazyObject(load_settings))
            request.lacks_second_factor_from = None if has_factor else vars(staff)["second_factor_from"]
            with timezone.override(agency.tzinfo):
                return self.get_response(request)


def zone_of(client: Client | None, agency: CurrentAgency) -> ZoneInfo:
    """In whose zone moments are shown on a portal: the client's own if one is chosen, else the agency's."""
    try:
        return ZoneInfo(client.zone) if client and client.zone else agency.tzinfo
    except (ZoneInfoNotFoundError, ValueError):  # the zone was dropped from the database of zones
        return agency.tzinfo


def _second_factors(account_id: int, agency: CurrentAgency) -> bool | None:
    """Whether a member's login has a second factor; None: the login is no member. One question."""
    own = Authenticator.objects.filter(user=OuterRef("account"))
    factors = Exists(own.exclude(type=Authenticator.Type.RECOVERY_CODES))
    members = Membership.objects.filter(account=account_id, agency=agency.id)
    return members.annotate(has_factor=factors).values_list("has_factor", flat=True).first()


class GateMiddleware:
    """Refuses by urlconf namespace, before any view runs."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse | None:
        """A page that writes although it is only looked at is not shown, and nothing of it is written."""
        if getattr(request, "viewing", None) is None:
            return None
        return viewing.refused_write(request, exception)

    def process_view(
        self, request: Request, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """None lets the view run; anything else is the refusal.

        Raises:
            Http404: a client asks for a section that is not open here.
        """
        place = request.place
        if isinstance(place, Portal):
            return _portal(request, view, place.agency)
        if isinstance(place, Console) and place.agency:
            return _console(request, view, place.agency)
        return None


def _portal(request: Request, view: Callable[..., Any], agency: CurrentAgency) -> HttpResponse | None:
    is_open_page = getattr(view, "is_open_page", False)
    if request.viewing is not None and not _is_shown_to_viewers(request, view):
        return viewing.refused(request)
    if viewing.is_over(request) and not is_open_page:
        return _viewing_over(request)
    if not request.portal_settings.is_open and not getattr(view, "works_closed", False):
        return render(request, "portal/closed.html", status=503)
    if not is_open_page and request.client is None:
        return _to_sign_in(request)
    module = _module_of(request)
    if module is not None:
        if agency.plan < module.plan or module.key not in sections_on():
            raise Http404
        request.module, request.can = module, Can(agency, module.key)
    if _is_refused_write(request, view, agency):
        return render(request, "portal/read_only.html", status=403)
    return None


def _is_shown_to_viewers(request: Request, view: Callable[..., Any]) -> bool:
    """What of a portal staff see as a client: no way to sign in, to pay, or to change how one does either."""
    if getattr(view, "is_hidden_when_viewing", False):
        return False
    if getattr(view, "is_open_page", False):
        return bool(getattr(view, "works_closed", False))  # the theme and the pictures of the brand
    match = request.resolver_match
    if match is not None and match.namespaces[:1] == ["people"]:
        return match.url_name in VIEWERS_SEE
    module = _module_of(request)
    if module is not None and module.hidden_when_viewing:
        return False
    return match is None or match.namespaces[:1] != ["payments"]


def _viewing_over(request: Request) -> HttpResponse:
    response = render(request, "portal/viewing/over.html", status=403)
    forget_cookie(response, viewing.COOKIE)
    return response


def _console(request: Request, view: Callable[..., Any], agency: CurrentAgency) -> HttpResponse | None:
    if request.staff is None:
        return None if getattr(view, "is_open_page", False) else nothing_here()
    asked_from = request.lacks_second_factor_from
    if asked_from is not None and asked_from <= agency.today():
        return _to_second_factor(request)
    if getattr(view, "is_managers_only", False) and not request.staff.may_manage:
        return render(request, "console/managers_only.html", status=403)
    if getattr(view, "is_about_all", False) and request.staff.is_limited:
        return render(request, "console/whole_agency.html", status=403)
    module = _module_of(request)
    if module is not None:
        if agency.plan < module.plan:
            return _upgrade(request, module)
        request.module, request.can = module, Can(agency, module.key)
    if _is_refused_write(request, view, agency):
        messages.error(request, "Your agency is read-only at the moment, so nothing was changed.")
        return HttpResponseRedirect(agency.console_url("/"))
    return None


def _upgrade(request: Request, module: Module) -> HttpResponse:
    """What the section needs, and for owners the way there."""
    is_owner = request.staff is not None and request.staff.role == Staff.Role.OWNER
    who = "You" if is_owner else "An owner of your agency"
    note = f"This section comes with {module.plan.label}. {who} can change the plan at any time."
    context = {"module": module, "note": note, "is_owner": is_owner}
    return render(request, "console/upgrade.html", context, status=402)


def _to_second_factor(request: Request) -> HttpResponse:
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": request.agency.console_url("/")})
    return render(request, "console/second_factor.html", status=403)


def _module_of(request: Request) -> Module | None:
    namespaces = request.resolver_match.namespaces if request.resolver_match else []
    return registry.get(namespaces[0]) if namespaces else None


def _is_refused_write(request: Request, view: Callable[..., Any], agency: CurrentAgency) -> bool:
    return (
        agency.is_read_only
        and request.method not in SAFE_METHODS
        and not getattr(view, "works_read_only", False)
    )


def _to_sign_in(request: Request) -> HttpResponse:
    query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
    response: HttpResponse = HttpResponseRedirect("/sign-in/" + (f"?{query}" if query else ""))
    if request.htmx:
        # A fragment must not be replaced by a sign-in page.
        response = HttpResponse(status=204, headers={"HX-Redirect": "/sign-in/"})
    return response
