"""Which part of the platform answers for a host and a path. Pure: no request, no database of its own."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import idna

from tenants.agencies.current import CurrentAgency

CONSOLE_LABEL = "app"
# On `localhost` (the demo) names below a made-up zone are as foreign as any: they reach the demo without DNS.
DEMO_PLATFORM, DEMO_TARGETS = "localhost", "to.localhost"
# Words of the console's host that are pages of the host itself, never an agency.
CONSOLE_PAGES = frozenset({"", "accounts", "api", "operators", "static", "agencies", "health", "favicon.ico"})
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")


class UnroutableHost(ValueError):
    """The Host header cannot be a host name."""


class UnknownHost(LookupError):
    """No agency answers here."""


class UnknownAgency(LookupError):
    """The console's path names an agency that does not exist."""


@dataclass(frozen=True)
class Platform:
    """The apex: pricing, sign-up, webhooks, health."""


@dataclass(frozen=True)
class Console:
    """The staff's host. `agency` is None on its own pages (sign-in, list of agencies, API)."""

    agency: CurrentAgency | None = None


@dataclass(frozen=True)
class Portal:
    """One agency's portal, on the host that was asked for."""

    agency: CurrentAgency
    host: str

    @property
    def is_own_domain(self) -> bool:
        """Whether this is a domain of the agency's own, not its default address."""
        return self.host != self.agency.default_host


Place = Platform | Console | Portal
BySlug = Callable[[str], CurrentAgency | None]
ByDomain = Callable[[str], CurrentAgency | None]


def resolve(host: str, path: str, *, platform: str, by_slug: BySlug, by_domain: ByDomain) -> Place:
    """Where a request belongs.

    Args:
        host: the Host header as it arrived.
        path: the path, beginning with a slash.
        platform: the platform's own host name.
        by_slug: finds the agency of a slug, or None.
        by_domain: finds the agency that verified a custom host, or None.

    Raises:
        UnroutableHost: the header is no host name.
        UnknownHost: nobody answers on this host; there is no default agency.
        UnknownAgency: the console was asked for an agency that does not exist.
    """
    name = normalise(host)
    if name == platform:
        return Platform()
    if name == f"{CONSOLE_LABEL}.{platform}":
        return _console(path, by_slug)
    if name.endswith(f".{platform}") and not is_foreign_in_demo(name, platform):
        label = name.removesuffix(f".{platform}")
        agency = by_slug(label) if "." not in label else None
    else:
        agency = by_domain(name)
    if agency is None:
        raise UnknownHost(name)
    return Portal(agency=agency, host=name)


def is_foreign_in_demo(name: str, platform: str) -> bool:
    """Whether a name below `localhost` stands for an agency's own domain, e.g. `portal.agency.localhost`."""
    if platform != DEMO_PLATFORM or name.count(".") < 2 or not name.endswith(f".{DEMO_PLATFORM}"):
        return False
    return not name.endswith((f".{DEMO_TARGETS}", f".{CONSOLE_LABEL}.{DEMO_PLATFORM}"))


def normalise(host: str) -> str:
    """A host name in lower case, without port and trailing dot, as A-labels (RFC 5890).

    Raises:
        UnroutableHost: it is an address literal, has empty labels or characters no host has.
    """
    name, _, port = host.partition(":")
    if port and not port.isdigit():
        raise UnroutableHost(host)
    name = name.removesuffix(".").lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii").lower()
        except idna.IDNAError as error:
            raise UnroutableHost(host) from error
    if len(name) > 253 or not all(_LABEL.match(label) for label in name.split(".")):
        raise UnroutableHost(host)
    return name


def _console(path: str, by_slug: BySlug) -> Console:
    slug = path.lstrip("/").partition("/")[0]
    if slug in CONSOLE_PAGES:
        return Console()
    agency = by_slug(slug) if _LABEL.match(slug) else None
    if agency is None:
        raise UnknownAgency(slug)
    return Console(agency=agency)
