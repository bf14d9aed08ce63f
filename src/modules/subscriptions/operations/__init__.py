"""What can be done with offers and subscriptions, for pages, jobs and events alike."""

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
from modules.subscriptions.operations.checks import (
    NoCards,
    NotAllowed,
    NotOffered,
    NotValid,
    StripeFailed,
    Trail,
    WrongState,
)
from modules.subscriptions.operations.grace import climb_all
from modules.subscriptions.operations.hearing import look, look_again
from modules.subscriptions.operations.mirroring import mirror
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

__all__ = [
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
    "archive_offer",
    "begin",
    "cancel",
    "cancel_now",
    "card_checkout",
    "change_plan",
    "climb_all",
    "create_offer",
    "edit_offer",
    "finish_card",
    "finish_checkout",
    "look",
    "look_again",
    "mirror",
    "open_card_checkout",
    "open_checkout",
    "pause",
    "pay_late",
    "pay_once",
    "preview_plan",
    "restore_offer",
    "resume",
    "undo_cancel",
]
