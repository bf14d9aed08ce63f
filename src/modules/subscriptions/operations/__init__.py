"""What can be done with offers and subscriptions, for pages, jobs and events alike."""

from kit.refused import NotValid, WrongState
from modules.subscriptions.operations.buying import (
    Checkout,
    begin,
    finish_checkout,
    open_checkout,
    pay_once,
)
from modules.subscriptions.operations.changing import (
    Preview,
    cancel,
    cancel_now,
    change_plan,
    pause,
    preview_plan,
    resume,
    undo_cancel,
)
from modules.subscriptions.operations.checks import NoCards, NotAllowed, NotOffered, StripeFailed
from modules.subscriptions.operations.codes import (
    archive_coupon,
    coupon_for,
    create_coupon,
    edit_coupon,
    uses_of,
)
from modules.subscriptions.operations.grace import climb_all
from modules.subscriptions.operations.hearing import look, look_again
from modules.subscriptions.operations.inviting import send_offer, send_offer_to_new, take_back_offer
from modules.subscriptions.operations.mirroring import Changed, mirror
from modules.subscriptions.operations.offers import (
    OfferFields,
    archive_offer,
    create_offer,
    edit_offer,
    restore_offer,
)
from modules.subscriptions.operations.paying import (
    Purchase,
    card_checkout,
    finish_card,
    open_card_checkout,
    pay_late,
)
from modules.subscriptions.operations.pricing import (
    carry_out_prices,
    move_to_price,
    paying_another_price,
)
from portal.audit.operations import Trail

__all__ = [
    "Changed",
    "Checkout",
    "NoCards",
    "NotAllowed",
    "NotOffered",
    "NotValid",
    "OfferFields",
    "Preview",
    "Purchase",
    "StripeFailed",
    "Trail",
    "WrongState",
    "archive_coupon",
    "archive_offer",
    "begin",
    "cancel",
    "cancel_now",
    "card_checkout",
    "carry_out_prices",
    "change_plan",
    "climb_all",
    "coupon_for",
    "create_coupon",
    "create_offer",
    "edit_coupon",
    "edit_offer",
    "finish_card",
    "finish_checkout",
    "look",
    "look_again",
    "mirror",
    "move_to_price",
    "open_card_checkout",
    "open_checkout",
    "pause",
    "pay_late",
    "pay_once",
    "paying_another_price",
    "preview_plan",
    "restore_offer",
    "resume",
    "send_offer",
    "send_offer_to_new",
    "take_back_offer",
    "undo_cancel",
    "uses_of",
]
