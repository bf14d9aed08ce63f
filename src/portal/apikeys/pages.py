"""Console pages of API keys, for owners and admins."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from kit.refused import Refused
from portal.apikeys.forms import KeyForm
from portal.apikeys.keys import known_scopes, make_key, revoke_key
from portal.apikeys.models import ApiKey
from portal.gate import managers_only
from portal.http import Request
from tenants.agencies.current import console_origin


@managers_only
def index(request: Request) -> HttpResponse:
    """The agency's keys."""
    words = known_scopes()
    keys = [
        {"row": key, "scopes": [words.get(scope, scope) for scope in key.scopes]}
        for key in ApiKey.objects.select_related("made_by").order_by("revoked_at", "-pk")
    ]
    context = {"keys": keys, "docs": f"{console_origin()}/api/v1/docs"}
    return render(request, "console/apikeys/index.html", context)


@managers_only
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Make a key. Its text stands on the answer to this POST, and nowhere ever after."""
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            key, text = make_key(**form.cleaned_data, by=request.staff, request=request)
        except Refused as refused:
            form.add_error(refused.field or None, refused.words)
        else:
            return render(request, "console/apikeys/made.html", {"key": key, "text": text})
    return render(request, "console/apikeys/new.html", {"form": form}, status=422 if form.errors else 200)


@managers_only
@require_POST
def revocation(request: Request, key_id: int) -> HttpResponse:
    """Revoke a key."""
    revoke_key(get_object_or_404(ApiKey, pk=key_id), by=request.staff, request=request)
    return redirect("apikeys:index")
