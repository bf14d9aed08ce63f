"""Apple Pay and Google Pay show only on hosts that the account knows (payment_method_domains)."""

import stripe

from portal.payments.stripe_account import NoCards, stripe_of_agency
from tenants.agencies.current import current_agency, outside_agencies
from tenants.gateway.accounts import account_of
from tenants.gateway.models import ConnectAccount


def register() -> list[str]:
    """Make the portal's hosts known where they are not yet; those that were new.

    Raises:
        stripe.StripeError: Stripe could not be asked.
    """
    agency = current_agency()
    account = account_of(agency)
    if account is None or not account.can_charge:
        return []
    fresh = [host for host in dict.fromkeys([agency.default_host, agency.host]) if host not in account.hosts]
    done = [host for host in fresh if _register(host)]
    if done:
        with outside_agencies():
            ConnectAccount.objects.filter(pk=account.pk).update(hosts=[*account.hosts, *done])
    return done


def _register(host: str) -> bool:
    try:
        client, options = stripe_of_agency(f"domain:{host}")
        client.v1.payment_method_domains.create({"domain_name": host}, options)
    except (stripe.InvalidRequestError, NoCards):
        return False  # e.g. a host that the internet does not know, as in the demo
    return True
