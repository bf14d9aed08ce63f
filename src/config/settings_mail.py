"""Settings of mail: how it goes out, and where answers and bounces come in (docs/operations.md)."""

import os
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env

env = Env()
_platform = env.str("PORTICO_HOST", "localhost")

# --- out ---------------------------------------------------------------------------------------------------
_smtp = env.str("SMTP_URL", "")
# We write the wire ourselves: mails can be signed and have a return path.
SIGNS_MAILS = bool(_smtp)
if _smtp:
    _mail = urlsplit(_smtp)
    EMAIL_BACKEND = "portal.mail.smtp.HurriedBackend"
    EMAIL_HOST = _mail.hostname or "localhost"
    EMAIL_PORT = _mail.port or 25
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
else:
    EMAIL_BACKEND = env.str("EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
    if env.str("PORTICO_SCHEME", "http") == "https" and not env.str("EMAIL_BACKEND", ""):
        raise ImproperlyConfigured("SMTP_URL is not set: nobody could sign in, links go by mail.")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", f"no-reply@{_platform}")
# What agencies put into the SPF record of their own sending domain: it lists the servers behind SMTP_URL.
MAIL_SPF = env.str("MAIL_SPF", f"spf.{_platform}")

# --- a mail service, by its API or by its SMTP server ------------------------------------------------------
_service = EMAIL_BACKEND.removeprefix("anymail.backends.").partition(".")[0]
# Whose events are believed at /mail/webhooks/<service>/; by its API the service of EMAIL_BACKEND.
MAIL_SERVICE = env.str("MAIL_SERVICE", _service if EMAIL_BACKEND.startswith("anymail.") else "")
ANYMAIL: dict[str, Any] = {
    name.removeprefix("ANYMAIL_"): value for name, value in os.environ.items() if name.startswith("ANYMAIL_")
}
ANYMAIL |= {
    "WEBHOOK_SECRET": env.list("ANYMAIL_WEBHOOK_SECRET", []),  # name:password, several while one is changed
    "REQUESTS_TIMEOUT": (2, 10),
    "IGNORE_UNSUPPORTED_FEATURES": True,
}

# --- in ----------------------------------------------------------------------------------------------------
# Its MX record leads to the intake (`manage.py intake`); addresses at it are signed. Unless it is set, mails have
# no return path of their own: servers refuse mails whose sender's domain does not exist.
HAS_INTAKE = bool(env.str("INTAKE_HOST", ""))
INTAKE_HOST = env.str("INTAKE_HOST", "") or f"in.{_platform}"
INTAKE_LIMIT_BYTES = env.int("INTAKE_LIMIT_MB", 20) * 1024 * 1024
INTAKE_TLS_CERT = env.str("INTAKE_TLS_CERT", "")  # STARTTLS, if given
INTAKE_TLS_KEY = env.str("INTAKE_TLS_KEY", "")
