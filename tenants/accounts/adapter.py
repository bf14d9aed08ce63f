"""How allauth behaves here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.loader import render_to_string

from tenants.agencies.current import platform_origin
from tenants.mail.operations import write_plainly


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Staff join by sign-up or by invitation, never by allauth's own form; mails leave by a job."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: the platform's own sign-up makes an agency with the login."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Enqueue instead of sending: the answer takes as long for a known address as for an unknown one."""
        words = {**context, "email": email, "brand_name": settings.PORTICO_NAME}
        words["start_url"] = platform_origin() + "/start/"
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", words).split())
        text = render_to_string(f"{template_prefix}_message.txt", words)
        write_plainly(template_prefix, email, subject=subject, text=text)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the web server saw; a forwarding header is believed by nobody here."""
        return str(request.META.get("REMOTE_ADDR") or "unknown")

    def clean_email(self, email: str) -> str:
        """Addresses are kept in lower case.

        Raises:
            ValidationError: it is longer than the example client's address may become.
        """
        if len(email) > 240:
            raise ValidationError("This address is too long.")
        return email.strip().lower()

    def is_safe_url(self, url: str | None) -> bool:
        """Only paths of this host: agencies are paths here, and nobody is sent elsewhere after signing in."""
        return bool(url) and str(url).startswith("/") and super().is_safe_url(url)


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Google signs in people whom we know by a verified address; it makes no logins."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never, as above."""
        return False
