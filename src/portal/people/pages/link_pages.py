"""Pages behind a secret link that were opened, not used: the form's proof says in which browser."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from portal.http import Request
from portal.people.sign_in_browser import proof, secret_for, set_cookie


def link_page(
    request: Request, template: str, link_token: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a link's page. Its form must carry `proof` as a hidden field, see sign_in_browser.has_proof()."""
    secret = secret_for(request)
    context = {**context, "token": link_token, "proof": proof(secret, link_token)}
    response = render(request, template, context, status=status)
    set_cookie(response, "browser", secret)
    return response
