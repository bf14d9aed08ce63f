"""The WSGI entry point."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
for path in (str(ROOT / "src"), str(ROOT)):
    if path not in sys.path:
        sys.path.insert(0, path)

from django.core.wsgi import get_wsgi_application  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()


def _warm_up() -> None:
    """Import what the first request of each kind would: the four address books, the migrations' fingerprint."""
    from django.urls import get_resolver

    from tenants.provisioning.migrating import current_fingerprint
    from tenants.routing.middleware import CONSOLE_URLS, PLATFORM_URLS, PORTAL_URLS, STAFF_URLS

    for urls in (PLATFORM_URLS, STAFF_URLS, CONSOLE_URLS, PORTAL_URLS):
        _ = get_resolver(urls).reverse_dict
    current_fingerprint()


_warm_up()
