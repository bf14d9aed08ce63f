"""One browser on several hosts, as people have it: cookies by host, redirects followed from host to host."""

from typing import Any
from urllib.parse import urlsplit

from django.test import Client as Browser

from portal.people.models import Client
from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import Agency
from tenants.domains.models import Domain, DomainState
from tenants.routing import hosts
from tests.cast import host_browser, portal_browser

CUSTOM = "portal.northwind.example"
HTTPS = f"https://{CUSTOM}"


class OneBrowser:
    """Goes where it is sent and keeps the addresses on its way in `trail`."""

    def __init__(self) -> None:
        self._browsers: dict[str, Browser] = {}
        self.trail: list[str] = []

    @classmethod
    def signed_in(cls, agency: CurrentAgency, client: Client) -> "OneBrowser":
        """Signed in as `client` at the portal's host of the moment."""
        made = cls()
        made._browsers[agency.host] = portal_browser(agency, client)
        return made

    def on(self, host: str) -> Browser:
        """This browser's side of one host."""
        is_https = not host.endswith(".localhost")
        return self._browsers.setdefault(host, host_browser(host, is_https=is_https))

    def step(self, address: str, **headers: str) -> Any:
        """One request; redirects are not followed."""
        parts = urlsplit(address)
        return self.on(parts.netloc).get(parts._replace(scheme="", netloc="").geturl(), headers=headers)

    def go(self, address: str, **headers: str) -> Any:
        """Go there and on, as far as it leads."""
        self.trail = []
        for _ in range(12):
            self.trail.append(address)
            answer = self.step(address, **headers)
            if answer.status_code != 302:
                return answer
            parts, there = urlsplit(address), answer["Location"]
            address = there if "://" in there else f"{parts.scheme}://{parts.netloc}{there}"
        raise AssertionError(f"too many redirects: {self.trail}")


def give_domain(
    agency: CurrentAgency, host: str = CUSTOM, state: str = DomainState.ACTIVE, **fields: Any
) -> CurrentAgency:
    """The agency with a domain of its own in this state."""
    Domain.objects.update_or_create(
        agency_id=agency.id,
        host=host,
        defaults={"state": state, **fields},
        create_defaults={"state": state, **fields},
    )
    return seen_again(agency)


def seen_again(agency: CurrentAgency) -> CurrentAgency:
    """The agency as the next request sees it."""
    hosts.forget_all()
    changed: Agency = Agency.objects.get(pk=agency.id)
    return changed.current()
