"""What pages and modules ask of payments."""

from django.db.models import Sum

from portal.payments.models import LedgerEntry, PaymentSettings, SavedMethod
from portal.people.models import Client, Company, Right
from tenants.agencies.current import current_agency
from tenants.gateway.accounts import account_of
from tenants.gateway.client import is_configured

SETTINGS = 1


def load_settings() -> PaymentSettings:
    """The agency's choices; the usual ones as long as it made none."""
    return PaymentSettings.objects.filter(pk=SETTINGS).first() or PaymentSettings(pk=SETTINGS)


def default_currency() -> str:
    """The currency of new invoices."""
    return load_settings().currency


def transfer_words() -> str:
    """How to pay by transfer, in the agency's words; empty if it wrote none."""
    return load_settings().transfer_words


def can_take_cards() -> bool:
    """Whether a payment in the portal can begin now."""
    if not is_configured():
        return False
    account = account_of(current_agency())
    return account is not None and account.can_charge


def balance_of(payable: str) -> dict[str, int]:
    """The sum of all entries of one payable, by currency."""
    sums = LedgerEntry.objects.filter(payable=payable).values_list("currency").annotate(Sum("minor"))
    return dict(sums.order_by("currency"))


def entries_of(payable: str) -> list[LedgerEntry]:
    """All entries of one payable, in the order in which they happened."""
    found = LedgerEntry.objects.filter(payable=payable).select_related("payment", "client", "staff")
    return list(found.order_by("happened_at", "pk"))


def saved_methods(owner: Client | Company) -> list[SavedMethod]:
    """What may be charged without the client there; the first is the one that is."""
    whose = {"customer__client": owner} if isinstance(owner, Client) else {"customer__company": owner}
    return list(SavedMethod.objects.filter(removed_at=None, **whose).order_by("-is_default", "-pk"))


def owners_of(client: Client) -> list[Client | Company]:
    """For whom this client decides how to pay: the companies with the right, and itself when it stands alone
    or has something saved of its own."""
    paid_for = Company.objects.filter(memberships__client=client, memberships__rights__contains=[Right.PAY])
    owners: list[Client | Company] = list(paid_for.order_by("name", "pk"))
    alone = not client.memberships.exists()
    if alone or SavedMethod.objects.filter(customer__client=client, removed_at=None).exists():
        owners.append(client)
    return owners
