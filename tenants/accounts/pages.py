"""Pages of the console's host that belong to no agency: the way in, the list of agencies, one's own account."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from kit.tokens import digest, new_token
from tenants.accounts.entering import enter_as
from tenants.accounts.forms import NameForm
from tenants.accounts.hand_over import redeem
from tenants.accounts.logins import has_second_factor
from tenants.accounts.models import Account, Membership
from tenants.agencies.current import platform_origin
from tenants.agencies.models import AgencyState

STATE_COOKIE = "enter"
STATE_SECONDS = 10 * 60
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The agencies of this login; with only one, straight into it."""
    memberships = list(
        Membership.objects.select_related("agency")
        .filter(account=request.user.pk)
        .exclude(agency__state=AgencyState.GONE)
        .order_by("agency__name")
    )
    if len(memberships) == 1 and not _person(request).is_operator:
        return redirect(memberships[0].console_path)
    return render(request, "accounts/agencies.html", {"memberships": memberships})


@get_or_post
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """One's own login: name, and the ways to everything else about it."""
    form = NameForm(request.POST or None, instance=_person(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your name is saved.")
        return redirect("/accounts/")
    context = {"form": form, "has_second_factor": has_second_factor(_person(request))}
    return render(request, "accounts/account.html", context)


def to_sign_up(request: HttpRequest) -> HttpResponse:
    """A login is made together with an agency, or by an invitation; never alone."""
    return redirect(f"{platform_origin()}/start/")


@require_safe
def enter(request: HttpRequest) -> HttpResponse:
    """First leg of the hand-over: this browser gets a secret, and goes back with its hash."""
    secret = new_token()
    response = redirect(f"{platform_origin()}/start/enter/?state={digest(secret)}")
    response.set_cookie(
        STATE_COOKIE,
        secret,
        max_age=STATE_SECONDS,
        httponly=True,
        samesite="Lax",
    )
    return response


@get_or_post
def enter_with(request: HttpRequest, code: str) -> HttpResponse:
    """Last leg: only a POST with the secret's cookie signs in, so that nobody is signed in by a mere link."""
    if request.method != "POST":
        response = render(request, "accounts/enter.html")
        response["Referrer-Policy"] = "no-referrer"
        return response
    found = redeem(code, secret=request.COOKIES.get(STATE_COOKIE, ""))
    if found is None or not found.account.is_active:
        return render(request, "accounts/enter_expired.html", status=410)
    enter_as(request, found.account, method="code")
    response = redirect(found.path)
    response.delete_cookie(STATE_COOKIE, samesite="Lax")
    return response


def _person(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)  # login_required has seen to it
    return request.user
