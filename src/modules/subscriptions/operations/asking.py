"""Asking Stripe, on the agency's account, with words for what it refuses."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from modules.subscriptions.operations.checks import NoCards, StripeFailed
from portal.payments.stripe_account import NoCards as NoAccount

DECLINED = "Your bank declined this card. Please use another one, or ask your bank."


@contextmanager
def refusals() -> Iterator[None]:
    """Turns Stripe's errors into ours.

    Raises:
        NoCards: the agency has no account.
        StripeFailed: declined, refused or no answer; the words say which.
    """
    try:
        yield
    except NoAccount as refused:
        raise NoCards from refused
    except stripe.CardError as error:
        raise StripeFailed(DECLINED) from error
    except stripe.InvalidRequestError as error:
        raise StripeFailed("The payment service does not accept this, so nothing was changed.") from error
    except stripe.StripeError as error:
        raise StripeFailed from error
