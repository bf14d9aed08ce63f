"""The refusals that operations share, and the row that all of them hold first."""

from kit.refused import Refused
from modules.subscriptions.models import Subscription
from portal.people.models import Client, Right
from portal.people.owned import sees


class NotAllowed(Refused):
    """This person may see it, but not do this."""

    words = "You may look at this, but others decide about it."


class NotOffered(Refused):
    """The offer does not have this, or is not sold any more."""


class NoCards(Refused):
    """The agency cannot take cards yet."""

    words = "Payments by card are not open here yet. Please get in touch."


class StripeFailed(Refused):
    """Stripe refused or did not answer. Nothing was changed."""

    words = "The payment service did not answer, so nothing was changed. Please try again in a minute."


def hold(subscription: Subscription) -> Subscription:
    """The subscription as it is now, held until the transaction ends; every write takes it first."""
    # No join: whoever waits here while another changes the offer would find that the joined offer does not fit
    # the fresh row, and Postgres would answer that there is no such subscription.
    held: Subscription = Subscription.objects.select_for_update().get(pk=subscription.pk)
    return held


def check_may_pay(subscription: Subscription, client: Client | None) -> None:
    """Raises NotAllowed unless this client decides about the owner's money; None: staff do."""
    if client is not None and not sees(client, subscription, Right.PAY):
        raise NotAllowed
