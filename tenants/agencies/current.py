"""Which agency a request or job works for, and the only ways in and out of its schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection as _connection

from kit import clock
from tenants.agencies.models import Agency, AgencyState
from tenants.plans import Plan, needs_plan

# django-tenants adds `tenant` and `set_tenant` to Django's connection, and has no types.
connection: Any = _connection


class NoAgency(RuntimeError):
    """Code that works for one agency ran outside any."""


@dataclass(frozen=True)
class CurrentAgency:
    """All that a page or job may know of its agency; read from the public schema once, before the switch."""

    id: int
    name: str
    slug: str
    schema_name: str
    plan: Plan
    state: AgencyState
    zone: str
    language: str
    trial_ends_at: datetime | None
    host: str
    # Its own domain is active: browsers that come to another address of the portal are led there.
    is_moved: bool = False
    # A release could not migrate its schema: this version of the code must not touch it.
    is_behind: bool = False

    def has(self, capability: str) -> bool:
        """Whether the plan opens a declared capability, e.g. `deliverables.approve`."""
        return self.plan >= needs_plan(capability)

    @property
    def is_read_only(self) -> bool:
        """Clients may still read; nobody may change anything."""
        return self.state in (AgencyState.READ_ONLY, AgencyState.SUSPENDED)

    @property
    def tzinfo(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def today(self) -> date:
        """The current day in the agency's zone: access ends and due dates count by it."""
        return clock.now().astimezone(self.tzinfo).date()

    @property
    def default_host(self) -> str:
        """The portal's host on the platform: it answers from the first day and for ever."""
        return default_host(self.slug)

    @property
    def has_own_domain(self) -> bool:
        """Whether the portal answers on a verified domain of the agency's own."""
        return self.host != self.default_host

    def origin_of(self, host: str) -> str:
        """Scheme, host and port of the portal on one of its hosts; an own domain is always https."""
        if host == self.default_host:
            return f"{settings.PORTICO_SCHEME}://{host}{settings.PORTICO_PORT_SUFFIX}"
        return f"https://{host}{settings.EDGE_PORT_SUFFIX}"

    def portal_url(self, path: str = "/") -> str:
        """Absolute address of a path on the portal, from the primary host, never from a request."""
        return f"{self.origin_of(self.host)}{path}"

    def default_url(self, path: str = "/") -> str:
        """The same path on the default address, whatever the primary host is."""
        return f"{self.origin_of(self.default_host)}{path}"

    def console_url(self, path: str = "/") -> str:
        """Absolute address of a path in this agency's console."""
        return f"{console_origin()}/{self.slug}{path}"


def default_host(slug: str) -> str:
    """The host on the platform at which the agency with this slug has its portal."""
    return f"{slug}.{settings.PORTICO_HOST}"


def platform_origin() -> str:
    """Scheme, host and port of the platform's own pages."""
    return f"{settings.PORTICO_SCHEME}://{settings.PORTICO_HOST}{settings.PORTICO_PORT_SUFFIX}"


def console_origin() -> str:
    """Scheme, host and port of the console."""
    return f"{settings.PORTICO_SCHEME}://app.{settings.PORTICO_HOST}{settings.PORTICO_PORT_SUFFIX}"


def current_agency() -> CurrentAgency:
    """The agency whose schema this thread is in.

    Raises:
        NoAgency: the thread is in the public schema.
    """
    agency = connection.tenant
    if not isinstance(agency, CurrentAgency):
        raise NoAgency("this code works inside one agency: wrap the call in inside(agency)")
    return agency


@contextmanager
def inside(agency: CurrentAgency | Agency) -> Iterator[CurrentAgency]:
    """Work in one agency's schema; afterwards the thread is where it was.

    The path holds that schema and `extensions`, not `public`: whatever is missing is an error.
    """
    entered = agency.current() if isinstance(agency, Agency) else agency
    before = connection.tenant
    connection.set_tenant(entered, include_public=False)
    try:
        yield entered
    finally:
        _return_to(before)


@contextmanager
def outside_agencies() -> Iterator[None]:
    """Step out to the public schema for a moment, e.g. to read a login from inside an agency."""
    before = connection.tenant
    connection.set_schema_to_public()
    try:
        yield
    finally:
        _return_to(before)


def leave_agency() -> None:
    """Put this thread back into the public schema: at the start and end of every request and job."""
    connection.set_schema_to_public()


def _return_to(before: object) -> None:
    if isinstance(before, CurrentAgency):
        connection.set_tenant(before, include_public=False)
    else:
        connection.set_schema_to_public()
