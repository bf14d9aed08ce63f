"""Passkeys: signing in with one, and a client's list of them. The list works without a script, adding cannot."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from portal.gate import open_page, works_read_only
from portal.http import Request
from portal.people import passkeys, sign_in, sign_in_limits
from portal.people import sessions as session_rules
from portal.people.forms_sign_in import PasskeyForm, PasskeyNameForm
from portal.people.pages.answers import too_fast
from portal.people.sign_in_paths import safe_next

NOT_RIGHT = "That did not work. Try again, or sign in with a link by mail."


@open_page
@works_read_only
@require_POST
def sign_in_challenge(request: Request) -> HttpResponse:
    """What the browser is to sign; the same kind of answer for everybody."""
    wait = sign_in_limits.passkey(request)
    if wait:
        return too_fast(request, wait)
    return passkeys.begin_signing_in(request)


@open_page
@works_read_only
@require_POST
def sign_in_page(request: Request) -> HttpResponse:
    """Sign in with the browser's answer."""
    next_path = safe_next(request.POST.get("next"))
    response = HttpResponseRedirect(next_path)
    try:
        with transaction.atomic():
            client = passkeys.client_of(request, request.POST.get("credential", ""))
            sign_in.admit(request, response, client, by="passkey")
    except passkeys.PasskeyRefused:
        messages.error(request, NOT_RIGHT)
        return redirect("people:sign-in")
    passkeys.forget_challenge(response)
    return response


@session_rules.fresh_only
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: Request) -> HttpResponse:
    """The client's passkeys, and one more."""
    form = PasskeyForm(request.POST or None)
    if form.is_valid():
        try:
            passkeys.add(request, form.cleaned_data["credential"], form.cleaned_data["name"])
        except passkeys.PasskeyRefused:
            form.add_error(None, "The passkey could not be added. Please try again.")
        else:
            messages.success(request, "The passkey is added. You can sign in with it from now on.")
            response = redirect("people:passkeys")
            passkeys.forget_challenge(response)
            return response
    context = {
        "form": form,
        "passkeys": passkeys.of(request.client, request),
        "earlier": passkeys.of_other_hosts(request.client, request),
        "most": passkeys.MOST,
    }
    status = 422 if form.is_bound else 200
    return render(request, "portal/sign_in/passkeys.html", context, status=status)


@session_rules.fresh_only
@require_POST
def challenge(request: Request) -> HttpResponse:
    """What the browser needs to make a passkey."""
    return passkeys.begin_adding(request)


@session_rules.fresh_only
@require_POST
def rename(request: Request, passkey_id: int) -> HttpResponse:
    """Give a passkey of one's own another name."""
    passkey = get_object_or_404(request.client.passkeys, pk=passkey_id)
    form = PasskeyNameForm(request.POST)
    if form.is_valid():
        passkey.name = form.cleaned_data["name"]
        passkey.save(update_fields=["name"])
        messages.success(request, "The name is saved.")
    else:
        messages.error(request, "A passkey needs a name of at most 80 characters.")
    return redirect("people:passkeys")


@session_rules.fresh_only
@require_POST
def remove(request: Request, passkey_id: int) -> HttpResponse:
    """Forget a passkey of one's own."""
    passkeys.remove(request, get_object_or_404(request.client.passkeys, pk=passkey_id))
    messages.success(request, "The passkey is removed. You may also delete it on your device.")
    return redirect("people:passkeys")
