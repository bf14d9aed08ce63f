"""One settings file; environments differ by variables only (docs/operations.md lists them)."""

import sys
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env
from psycopg.conninfo import conninfo_to_dict

from config.settings_domains import *  # noqa: F403  # every name in it is a setting
from config.settings_mail import *  # noqa: F403
from config.settings_stripe import *  # noqa: F403

ROOT = Path(__file__).resolve().parents[2]
for _path in (str(ROOT / "src"), str(ROOT)):
    if _path not in sys.path:
        sys.path.insert(0, _path)
env = Env()

# --- where this installation lives -------------------------------------------------------------------------
PORTICO_HOST = env.str("PORTICO_HOST", "localhost")
PORTICO_SCHEME = env.str("PORTICO_SCHEME", "http")
_port = env.str("PORT", "")
# Behind a proxy the public port is the scheme's own; only http installations show theirs.
PORTICO_PORT_SUFFIX = f":{_port}" if _port and PORTICO_SCHEME == "http" else ""
PORTICO_NAME = env.str("PORTICO_NAME", "Portico")
PORTICO_DEMO = env.bool("PORTICO_DEMO", False)
IS_HTTPS = PORTICO_SCHEME == "https"

SECRET_KEY = env.str("SECRET_KEY", "only-for-tests-and-builds")
if IS_HTTPS and not env.str("SECRET_KEY", ""):
    raise ImproperlyConfigured("SECRET_KEY is not set: with PORTICO_SCHEME=https nothing starts without one.")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
DEBUG = False
# Our own resolve() answers for hosts: a request for an unknown one never reaches a view.
ALLOWED_HOSTS = ["*"]
USE_X_FORWARDED_HOST = False
# Our own edge ends TLS and notes scheme and address; without one neither header is believed.
BEHIND_PROXY = env.bool("BEHIND_PROXY", IS_HTTPS)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None

# --- apps: the folder is the schema ------------------------------------------------------------------------


def _apps(folder: Path, prefix: str) -> list[str]:
    return sorted(f"{prefix}.{p.parent.name}" for p in folder.glob("*/apps.py"))


MODULE_APPS = sorted(f"modules.{p.parent.name}" for p in (ROOT / "src/modules").glob("*/module.py"))
SHARED_APPS = [
    "ui",
    "django.forms",
    "django_tenants",
    *_apps(ROOT / "tenants", "tenants"),
    "tenants.jobs.queue.QueueConfig",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "template_partials",
    "csp",
    "ninja",
    "djstripe",
]
TENANT_APPS = ["portal", *_apps(ROOT / "src/portal", "portal"), *MODULE_APPS]
INSTALLED_APPS = SHARED_APPS + TENANT_APPS
TENANT_MODEL = "agencies.Agency"
TENANT_DOMAIN_MODEL = "domains.Domain"
AUTH_USER_MODEL = "accounts.Account"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- database: one schema on the path ----------------------------------------------------------------------
_database = conninfo_to_dict(env.str("DATABASE_URL", "postgresql://portico@127.0.0.1:5432/portico"))
DATABASES = {
    "default": {
        "ENGINE": "tenants.agencies.backend",
        "NAME": _database.get("dbname", "portico"),
        "USER": _database.get("user", ""),
        "PASSWORD": _database.get("password", ""),
        "HOST": _database.get("host", ""),
        "PORT": _database.get("port", ""),
        "CONN_MAX_AGE": env.int("DB_CONN_MAX_AGE", 300),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            "options": f"-c statement_timeout={env.int('DB_TIMEOUT_MS', 30_000)}",
        },
        "TEST": {"MIGRATE": False},
    }
}
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
PG_EXTRA_SEARCH_PATHS = ["extensions"]
# It would ask the database at every start; a constraint (schemas begin with "a_") holds it instead.
SKIP_PG_EXTRA_VALIDATION = True

MIGRATION_MODULES = {
    # dramatiq-postgres ships no migration of its unmanaged models, which makemigrations would miss.
    "dramatiq_postgres": "tenants.jobs.queue_migrations",
    # dj-stripe's own remove 519 fields one by one, which takes most of a minute; this is what they end in.
    "djstripe": "tenants.billing.mirror.migrations",
}
SPARE_SCHEMAS = env.int("SPARE_SCHEMAS", 3)

# --- requests ----------------------------------------------------------------------------------------------
MIDDLEWARE = [
    # Before the way to https and before routing: a CA asks by http, on hosts that no portal answers on yet.
    "tenants.certificates.answering.ChallengeMiddleware",
    "config.middleware.ClientAddressMiddleware",
    "config.middleware.HostCookiesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tenants.routing.middleware.RoutingMiddleware",
    "config.middleware.SecurityHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.StaffSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.middleware.StaffAuthenticationMiddleware",
    # Reads nothing by itself, so it may stand on portal hosts too; allauth insists on finding it by this name.
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.gate.AudienceMiddleware",
    "portal.people.middleware.ClientLocaleMiddleware",
    "portal.people.middleware.MovingMiddleware",
    "portal.uploads.receiving.BodyLimitMiddleware",
    "portal.gate.GateMiddleware",
]
ROOT_URLCONF = "config.urls_platform"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "portal.context.shell",
            ],
            "builtins": ["ui.templatetags.ui", "template_partials.templatetags.partials"],
        },
    }
]
FORM_RENDERER = "ui.forms.Renderer"
CSRF_FAILURE_VIEW = "config.views.csrf_failure"
# Cookies of a host stay on that host: HostCookiesMiddleware adds __Host- wherever there is TLS.
CLIENT_COOKIE_NAME = "session"
SESSION_COOKIE_NAME = "staff"
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_NAME = "csrf"
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
SECURE_SSL_REDIRECT = IS_HTTPS and env.bool("SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS includeSubDomains and preload would bind hosts of our customers' domains
    "security.W021",
]
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Shared by all processes: allauth counts its limits and used one-time codes here. Public schema only; nothing
# of an agency is cached.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cacheentry",
        # A small table would be culled by whoever makes many entries, and their limits with it.
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}

# --- people ------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "tenants.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS = {
    "change_password": "tenants.accounts.forms.ChangePasswordForm",
    "set_password": "tenants.accounts.forms.SetPasswordForm",
    "reset_password_from_key": "tenants.accounts.forms.ResetPasswordKeyForm",
}
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 5
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
# On top of allauth's own: six digits may not be asked for all day long.
ACCOUNT_RATE_LIMITS = {
    "request_login_code": "20/m/ip,3/m/key,12/h/key",
    "reset_password": "20/m/ip,5/m/key,12/h/key",
    "login_failed": "10/m/ip,5/5m/key,30/h/key",
}
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = PORTICO_NAME
# A plain-http *.localhost is a secure context in browsers: passkeys work in the demo.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
OPERATORS_NEED_MFA = env.bool("OPERATORS_NEED_MFA", not PORTICO_DEMO)
# Messages of workflows go to the public internet over https only; a demo may tell a program on its own machine.
WEBHOOKS_TO_LOOPBACK = env.bool("WEBHOOKS_TO_LOOPBACK", PORTICO_DEMO)
OPERATORS_ALERT_EMAIL = env.str("OPERATORS_ALERT_EMAIL", "")  # empty: alerts go to every operator
# Of clients, on portals: any OpenID Connect provider. Of staff: Google's own.
GOOGLE_ISSUER = env.str("GOOGLE_ISSUER", "https://accounts.google.com")
GOOGLE_CLIENT_ID = env.str("GOOGLE_CLIENT_ID", "")
GOOGLE_CLIENT_SECRET = env.str("GOOGLE_CLIENT_SECRET", "")
_google = {"client_id": GOOGLE_CLIENT_ID, "secret": GOOGLE_CLIENT_SECRET}
if GOOGLE_CLIENT_ID:
    # Browsers count the redirect after a form as a part of it.
    _providers = {"https://accounts.google.com", "/".join(GOOGLE_ISSUER.split("/")[:3])}
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += sorted(_providers)
SOCIALACCOUNT_PROVIDERS = {"google": {"APPS": [_google] if _google["client_id"] else []}}
SOCIALACCOUNT_ADAPTER = "tenants.accounts.adapter.SocialAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True

# --- jobs --------------------------------------------------------------------------------------------------
JOB_MIDDLEWARE = [
    "dramatiq.middleware.AgeLimit",
    "dramatiq.middleware.TimeLimit",
    "dramatiq.middleware.ShutdownNotifications",
    "dramatiq.middleware.Callbacks",
    "dramatiq.middleware.Retries",
    "tenants.jobs.middleware.AgencyMiddleware",
]
# A dead worker's jobs are taken up again within heartbeat_ttl + 1.5 × maintenance_interval seconds.
JOB_BROKER_OPTIONS = {
    "heartbeat_interval": 2.0,
    "heartbeat_ttl": 8.0,
    "maintenance_interval": 3.0,
    "poll_interval": 0.5,
}
# Empty: Postgres hands the jobs out. redis://…: Redis does, and Postgres stays the outbox.
BROKER_URL = env.str("BROKER_URL", "")
JOB_THREADS = env.int("JOB_THREADS", 4)

# --- files, static ---------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", ROOT / "var/static")
STORAGE_DIR = env.path("STORAGE_DIR", ROOT / "var/files")
S3_BUCKET = env.str("S3_BUCKET", "")
_s3_endpoint = env.str("S3_ENDPOINT_URL", "")
_s3_region = env.str("AWS_REGION", "us-east-1")


def _bucket() -> dict[str, Any]:
    from botocore.config import Config

    # A store that hangs must not hold a worker: two seconds to answer the door, ten for a word.
    patience: dict[str, Any] = {"connect_timeout": 2, "read_timeout": 10, "retries": {"max_attempts": 2}}
    addressing: Any = {
        "addressing_style": env.str("S3_ADDRESSING_STYLE", "path" if _s3_endpoint else "virtual")
    }
    return {
        "bucket_name": S3_BUCKET,
        "endpoint_url": _s3_endpoint or None,
        "region_name": _s3_region,
        "querystring_expire": 60,
        "default_acl": None,
        "file_overwrite": False,
        # Links are signed with version 4; left to itself botocore signs those of some regions with version 2.
        "client_config": Config(signature_version="s3v4", s3=addressing, **patience),
    }


def _bucket_origins() -> list[str]:
    """Where links into the bucket lead: pages show its images, videos and PDFs by a redirect there."""
    if not S3_BUCKET:
        return []
    if _s3_endpoint:
        scheme, _, rest = _s3_endpoint.partition("://")
        host = rest.partition("/")[0]
        return [f"{scheme}://{host}", f"{scheme}://{S3_BUCKET}.{host}"]
    return [f"https://{S3_BUCKET}.s3.{_s3_region}.amazonaws.com", f"https://{S3_BUCKET}.s3.amazonaws.com"]


# connect-src: large files go there in parts, from a script of ours.
for _directive in ("img-src", "media-src", "frame-src", "connect-src"):
    CONTENT_SECURITY_POLICY["DIRECTIVES"][_directive] += _bucket_origins()
_files = (
    {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _bucket()}
    if S3_BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": STORAGE_DIR}}
)
# The manifest exists after collectstatic (`release` runs it), which has to write it the first time, too;
# in a clone without one names stay plain.
_collects = bool({"collectstatic", "release"} & set(sys.argv[1:2]))
_hashed = _collects or (STATIC_ROOT / "staticfiles.json").exists()
STORAGES = {
    "default": _files,
    "staticfiles": {
        "BACKEND": "ui.storage.HashedFiles"
        if _hashed
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not _hashed
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
UPLOAD_LIMIT_BYTES = env.int("UPLOAD_LIMIT_MB", 500) * 1024 * 1024
# In a bucket: what goes there in parts, past our processes.
BIG_UPLOAD_LIMIT_BYTES = env.int("BIG_UPLOAD_LIMIT_MB", 20 * 1024) * 1024 * 1024
# host:port of a clamd that looks into clients' and staff's files (module files); empty: nobody does.
CLAMD_ADDRESS = env.str("CLAMD_ADDRESS", "")

# --- words, time, logs -------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español")]
USE_TZ = True
USE_I18N = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"secrets": {"()": "config.logs.ScrubSecrets"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["secrets"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "stripe": {"level": "WARNING"},
        "mail.log": {"level": "WARNING"},
    },
}
