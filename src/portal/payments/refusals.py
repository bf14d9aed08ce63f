"""Why a payment was refused, in words for the person whose card it is.

Codes: https://docs.stripe.com/declines/codes. What a bank suspects (lost, stolen, fraud) is not said, as Stripe asks.
"""

_WORDS = {
    "authentication_required": "Your bank wants you to confirm this payment.",
    "card_not_supported": "The card cannot be used for payments like this.",
    "card_velocity_exceeded": "The card has reached its limit.",
    "currency_not_supported": "The card cannot be used for this currency.",
    "expired_card": "The card has expired.",
    "incorrect_cvc": "The card's security code was wrong.",
    "incorrect_number": "The card's number was wrong.",
    "insufficient_funds": "There was not enough money in the account.",
    "invalid_cvc": "The card's security code was wrong.",
    "invalid_number": "The card's number was wrong.",
    "no_method": "There is no card that could be charged.",
    "processing_error": "The bank could not be reached.",
    "withdrawal_count_limit_exceeded": "The card has reached its limit.",
}
_OTHERWISE = "The bank refused it."


def words_of(reason: str) -> str:
    """A sentence for a payment's `reason`, which is Stripe's code or its words; empty for none."""
    if not reason or " " in reason:
        return reason
    return _WORDS.get(reason, _OTHERWISE)
