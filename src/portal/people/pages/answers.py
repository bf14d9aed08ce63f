"""Answers that several sign-in pages give."""

from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from portal.http import Request
from portal.people.sign_in_browser import is_prefetch

View = Callable[..., HttpResponse]


def too_fast(request: Request, wait_seconds: float) -> HttpResponse:
    """429, with when to try again; the same for everybody."""
    seconds = ceil(wait_seconds)
    minutes = ceil(seconds / 60)
    when = f"{seconds} seconds" if seconds < 60 else f"{minutes} minute{'s' if minutes > 1 else ''}"
    response = render(request, "portal/sign_in/wait.html", {"when": when}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def not_ahead(view: View) -> View:
    """Refuses browsers that load the page before anybody asked for it: then they ask again when somebody does."""

    @wraps(view)
    def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "GET" and is_prefetch(request):
            return HttpResponse(status=503)
        return view(request, *args, **kwargs)

    return guarded


def no_referrer(view: View) -> View:
    """The address of the page is a secret: no request that the page makes may carry it."""

    @wraps(view)
    def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded
