"""Whether the settings of edge and certificates go together."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

WAYS = ("off", "wildcard", "per-host")


@register()
def check_edge(**_: Any) -> list[CheckMessage]:
    """Runs with `manage.py check`, at every release and before the edge starts."""
    said: list[CheckMessage] = []
    if settings.PLATFORM_TLS not in WAYS:
        words = f"PLATFORM_TLS is {settings.PLATFORM_TLS!r}, which means nothing."
        hint = f"It is one of {', '.join(WAYS)}."
        return [Error(words, hint=hint, id="certificates.E004")]
    if settings.PLATFORM_TLS == "wildcard" and not settings.EDGE_WILDCARD_CERT:
        hint = "Set EDGE_WILDCARD_CERT (and EDGE_WILDCARD_KEY), or PLATFORM_TLS=per-host."
        said.append(Error("PLATFORM_TLS is wildcard, but there is none.", hint=hint, id="certificates.E001"))
    if settings.PLATFORM_TLS == "per-host" and not settings.ACME_DIRECTORY:
        hint = "Set ACME_DIRECTORY, or PLATFORM_TLS=off."
        words = "PLATFORM_TLS is per-host, but no CA is configured."
        said.append(Error(words, hint=hint, id="certificates.E002"))
    if settings.PLATFORM_TLS != "wildcard" and settings.EDGE_WILDCARD_CERT:
        hint = "The edge serves the wildcard: unset EDGE_WILDCARD_CERT, or leave PLATFORM_TLS out."
        words = f"PLATFORM_TLS is {settings.PLATFORM_TLS}, but EDGE_WILDCARD_CERT is set."
        said.append(Error(words, hint=hint, id="certificates.E003"))
    if settings.ACME_DIRECTORY and not (settings.EDGE_PROBES or settings.EDGE_IPV4):
        hint = "Set EDGE_IPV4 to the addresses that EDGE_ZONE leads to (or EDGE_PROBES)."
        words = "Nobody knows where the edges are: no custom domain will ever become active."
        said.append(Warning(words, hint=hint, id="certificates.W001"))
    return said
