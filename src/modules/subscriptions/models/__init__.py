"""The nouns: offers, what was bought of them, its bills and what was done to it."""

from modules.subscriptions.models.bought import State, Subscription
from modules.subscriptions.models.codes import CatalogCoupon, Coupon, OfferInvitation
from modules.subscriptions.models.history import Bill, Step
from modules.subscriptions.models.offers import CatalogPrice, Interval, Kind, Offer

__all__ = [
    "Bill",
    "CatalogCoupon",
    "CatalogPrice",
    "Coupon",
    "Interval",
    "Kind",
    "Offer",
    "OfferInvitation",
    "State",
    "Step",
    "Subscription",
]
