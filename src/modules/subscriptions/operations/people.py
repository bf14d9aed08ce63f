"""What becomes of subscriptions when clients are merged or erased."""

from kit.refused import Refused
from modules.subscriptions.models import Kind, Subscription
from modules.subscriptions.models.bought import RUNNING
from portal.payments.models import StripeCustomer
from portal.people.models import Client


def merge_clients(kept: int, gone: int) -> None:
    """A subscription that Stripe charges stays with its customer there.

    Raises:
        Refused: both are customers at Stripe, and the one that goes has a running subscription.
    """
    both = StripeCustomer.objects.filter(client__in=[kept, gone]).count() == 2
    if both and _running(gone):
        raise Refused(
            "Both are customers at Stripe, and the one that goes has a running subscription. "
            "Keep that one, or end the subscription first."
        )


def erase_client(client: Client) -> None:
    """Nobody who is charged can be forgotten.

    Raises:
        Refused: a subscription runs.
    """
    if _running(client.pk):
        raise Refused("A subscription is running. End it first.")


def _running(client: int) -> bool:
    return Subscription.objects.filter(buyer=client, kind=Kind.RECURRING, state__in=RUNNING).exists()
