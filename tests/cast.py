"""The cast: agencies Northwind (Growth) and Harbour (Starter); staff Alice (Northwind) and Hugo (Harbour);
clients Maria (company Brightside) and Tom (on his own) of Northwind, Ines of Harbour; and Charlie, a client
of Northwind's other company, who may see nothing of what the others have.
"""

from typing import Any

from django.conf import settings
from django.test import Client as Browser

from kit import clock
from kit.tokens import digest, new_token
from portal.people.models import Bundle, Client, ClientSession, Company, CompanyMembership
from portal.people.sessions import LIFETIME
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency, AgencyState
from tenants.plans import Plan
from tenants.provisioning.operations import provision

PASSWORD = "correct horse battery"


def make_agencies() -> None:
    """Both agencies with their people; part of the template database."""
    make_agency("northwind", "Northwind Studio", Plan.GROWTH, "alice@northwind.example", "Alice Moreno")
    make_agency("harbour", "Harbour & Co", Plan.STARTER, "hugo@harbour.example", "Hugo Lindt")
    with inside(Agency.objects.get(slug="northwind")):
        brightside, oakley = (Company.objects.create(name=name) for name in ("Brightside", "Oakley"))
        for name, company in (("Maria Silva", brightside), ("Charlie Oakley", oakley), ("Tom Becker", None)):
            client = Client.objects.create(email=f"{name.split()[0].lower()}@client.example", name=name)
            if company:
                CompanyMembership.objects.create(client=client, company=company, bundle=Bundle.OWNER)
    with inside(Agency.objects.get(slug="harbour")):
        Client.objects.create(email="ines@client.example", name="Ines Faro")


def make_agency(slug: str, name: str, plan: Plan, email: str, founder: str) -> CurrentAgency:
    """An agency with its owner, made as sign-up makes it."""
    from allauth.account.models import EmailAddress

    account = Account.objects.create_user(email, PASSWORD, name=founder)
    EmailAddress.objects.create(user=account, email=email, verified=True, primary=True)
    agency = Agency(
        slug=slug,
        name=name,
        schema_name=f"a_{slug}",
        plan=plan,
        state=AgencyState.ACTIVE,
        zone="Europe/Berlin",
    )
    current = provision(agency, {"account_id": account.pk, "name": founder, "email": email})
    Membership.objects.create(account=account, agency=agency, role=Role.OWNER)
    return current


def portal_browser(agency: CurrentAgency, client: Client | None = None) -> Browser:
    """A browser on the agency's portal, signed in as `client` if one is given (its address: client.email)."""
    browser = host_browser(agency.host, is_https=agency.has_own_domain)
    if client is not None:
        token = new_token()
        with inside(agency):
            ClientSession.objects.create(
                client=client, token_hash=digest(token), expires_at=clock.now() + LIFETIME, device="test"
            )
        name = settings.CLIENT_COOKIE_NAME
        browser.cookies[f"__Host-{name}" if agency.has_own_domain else name] = token
    return browser


class TlsBrowser(Browser):
    """Every request is made over TLS."""

    def generic(self, method: str, path: Any, *args: Any, **kwargs: Any) -> Any:
        return super().generic(method, path, *args, **{**kwargs, "secure": True})


def host_browser(host: str, *, is_https: bool = False) -> Browser:
    """A browser on any host; agencies' own domains are https."""
    return (TlsBrowser if is_https else Browser)(headers={"host": host}, enforce_csrf_checks=False)


def console_browser(account: Account | None = None) -> Browser:
    """A browser on the console's host; paths begin with the agency's slug."""
    browser = Browser(headers={"host": f"app.{settings.PORTICO_HOST}"})
    if account is not None:
        browser.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


def platform_browser() -> Browser:
    """A browser on the apex."""
    return Browser(headers={"host": settings.PORTICO_HOST})
