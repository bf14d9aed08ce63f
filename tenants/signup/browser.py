"""Which sign-up a browser is in: a cookie of the platform's host."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from kit import clock
from kit.tokens import digest
from tenants.signup.models import SignUp, Step
from tenants.signup.operations import KEPT

COOKIE = "start"
StepView = Callable[..., HttpResponse]


def sign_up_of(request: HttpRequest) -> SignUp | None:
    """The sign-up that this browser is in, if it is not too old."""
    secret = request.COOKIES.get(COOKIE, "")
    if not secret:
        return None
    mine = SignUp.objects.filter(browser_hash=digest(secret), created_at__gt=clock.now() - KEPT)
    return mine.select_related("agency", "account").first()


def remember(response: HttpResponse, secret: str) -> HttpResponse:
    """Let this browser be the one that goes on with a sign-up."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(KEPT.total_seconds()),
        httponly=True,
        samesite="Lax",
    )
    return response


def at_step(*steps: Step) -> Callable[[StepView], StepView]:
    """A page of these steps only: anybody else is led to where they stand."""

    def decorate(view: StepView) -> StepView:
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            sign_up = sign_up_of(request)
            if sign_up is None:
                return redirect("signup:start")
            if sign_up.step not in steps:
                return redirect(f"signup:{sign_up.step}")
            return view(request, sign_up, **kwargs)

        return guarded

    return decorate
