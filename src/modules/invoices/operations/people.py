"""What becomes of billing when clients are merged or erased."""

from kit.refused import Refused
from modules.invoices.models import BillingDetails, Mandate, PayingTerms
from portal.people.models import Client


def merge_clients(kept: int, gone: int) -> None:
    """One address for invoices and one set of terms: the kept client's, if there are two.

    Raises:
        Refused: both agreed to be charged automatically.
    """
    if all(Mandate.objects.active().filter(client=pk).exists() for pk in (kept, gone)):
        raise Refused("Both agreed to pay automatically. End it for the one that goes first.")
    for model in (BillingDetails, PayingTerms):
        if model.objects.filter(client=kept).exists():
            # Issued invoices have their buyer printed; nothing of them changes.
            model.objects.filter(client=gone).delete()


def erase_client(client: Client) -> None:
    """Issued invoices keep what is printed on them; address and terms for the next ones go.

    Raises:
        Refused: an automatic payment is agreed to.
    """
    if Mandate.objects.active().filter(client=client).exists():
        raise Refused("An automatic payment is agreed to. End it first.")
    BillingDetails.objects.filter(client=client).delete()
    PayingTerms.objects.filter(client=client).delete()
