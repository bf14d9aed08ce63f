"""The certificate authorities that this installation uses (docs/operations.md lists the settings)."""

from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True)
class Authority:
    """One certificate authority and what it wants from us.

    `ca_file` is what its own TLS is checked with, empty for the system's roots. `eab_kid` and `eab_key`
    (base64url) bind our account to one that it knows already (RFC 8555 §7.3.4).
    """

    directory: str
    ca_file: str = ""
    email: str = ""
    profile: str = ""
    eab_kid: str = ""
    eab_key: str = field(default="", repr=False)


def primary() -> Authority | None:
    """The authority that is asked first; None when this installation gets no certificates.

    Raises ImproperlyConfigured for one that is not reached by https.
    """
    return _checked(
        Authority(
            directory=settings.ACME_DIRECTORY,
            ca_file=settings.ACME_CA_FILE,
            email=settings.ACME_EMAIL,
            profile=settings.ACME_PROFILE,
            eab_kid=settings.ACME_EAB_KID,
            eab_key=settings.ACME_EAB_KEY,
        )
    )


def fallback() -> Authority | None:
    """The authority that is asked when the first cannot or may not be; None when there is none."""
    return _checked(
        Authority(
            directory=settings.ACME_FALLBACK_DIRECTORY,
            ca_file=settings.ACME_FALLBACK_CA_FILE,
            email=settings.ACME_EMAIL,
            eab_kid=settings.ACME_FALLBACK_EAB_KID,
            eab_key=settings.ACME_FALLBACK_EAB_KEY,
        )
    )


def in_order() -> list[Authority]:
    """Those that there are, the first to ask first."""
    return [authority for authority in (primary(), fallback()) if authority]


def named(directory: str) -> Authority | None:
    """The one with that directory; None when we no longer use it."""
    return next((one for one in in_order() if one.directory == directory), None)


def _checked(authority: Authority) -> Authority | None:
    if not authority.directory:
        return None
    if not authority.directory.startswith("https://"):
        # RFC 8555 §6.1; a key authorization must not be swapped on the way.
        raise ImproperlyConfigured("ACME_DIRECTORY and ACME_FALLBACK_DIRECTORY begin with https://.")
    return authority
