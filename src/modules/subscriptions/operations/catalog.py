"""An offer's price on the agency's Stripe account: made when it is needed first, never changed."""

from kit.money import to_stripe
from modules.subscriptions.models import CatalogPrice, Offer
from portal.payments.stripe_account import stripe_of_agency


def price_for(offer: Offer) -> CatalogPrice:
    """The price under which Stripe knows what the offer costs now. Not inside a transaction.

    Raises:
        portal.payments.stripe_account.NoCards: the agency has no account.
        stripe.StripeError: Stripe does not answer.
    """
    account = str(stripe_of_agency()[1]["stripe_account"])
    agreed = {
        "account": account,
        "minor": offer.gross_minor,
        "currency": offer.currency,
        "interval": offer.interval,
        "every": offer.every,
    }
    known: CatalogPrice | None = offer.catalog.filter(**agreed).first()
    if known is not None:
        return known
    product_id = _product_of(offer, account)
    price_id = _make_price(offer, product_id)
    made, _ = CatalogPrice.objects.get_or_create(
        offer=offer, **agreed, defaults={"product_id": product_id, "price_id": price_id}
    )
    return made


def _product_of(offer: Offer, account: str) -> str:
    known = offer.catalog.filter(account=account).first()
    if known is not None:
        return known.product_id
    client, options = stripe_of_agency(f"product:{offer.pk}:{offer.created_at.timestamp():.0f}")
    return client.v1.products.create({"name": offer.name}, options).id


def _make_price(offer: Offer, product_id: str) -> str:
    minor, currency = offer.gross_minor, offer.currency
    # The key names everything that the price is made of: two at once make one.
    key = f"price:{product_id}:{minor}:{currency}:{offer.interval}:{offer.every}"
    client, options = stripe_of_agency(key)
    price = client.v1.prices.create(
        {
            "product": product_id,
            "currency": currency.lower(),
            "unit_amount": to_stripe(minor, currency),
            "recurring": {"interval": offer.interval, "interval_count": offer.every},
        },
        options,
    )
    return price.id
