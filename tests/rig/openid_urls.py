"""Pages of the provider in openid_server.py, and what its ID tokens say."""

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import include, path
from oauth2_provider.oauth2_validators import OAuth2Validator


class Validator(OAuth2Validator):  # type: ignore[misc]
    """Adds the address to the ID token, as Google does."""

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        user = request.user
        return {"email": user.email, "email_verified": user.last_name == "verified"}


class Login(LoginView):
    """A form that a browser can fill in."""

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        asked = self.request.GET.get("next", "")
        return HttpResponse(
            "<!doctype html><html lang=en><title>Provider</title><form method=post>"
            f"<input type=hidden name=csrfmiddlewaretoken value='{get_token(self.request)}'>"
            f"<input type=hidden name=next value='{asked.replace('&', '&amp;').replace(chr(39), '&#39;')}'>"
            "<input name=username aria-label=Account><input name=password type=password aria-label=Password>"
            "<button>Sign in</button></form></html>"
        )


def ready(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ready")


urlpatterns = [
    path("ready/", ready),
    path("favicon.ico", ready),
    path("login/", Login.as_view()),
    path("logout/", LogoutView.as_view()),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]
