"""The mails of invoices as they are declared: who gets them, and what their words may hold."""

from collections.abc import Mapping
from typing import Any

from modules.invoices.emails import leaving
from portal.module import Email, Kind, Placeholder

SAMPLE = {
    "number": "2026-0017",
    "title": "New website",
    "amount": "€1,190.00",
    "due": "5 January 2026",
    "what": "",
    "reason": "",
    "who": "Maria Silva",
    "is_late": False,
    "is_plan": False,
    "is_automatic": False,
    "whole": "€1,190.00",
    "pays": True,
    "button_url": "https://example.com/invoices/17/",
}


def _outcome(words: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of an automatic payment that was refused: which of four sentences says what happens next."""
    stopped = words.get("stopped", "")
    return {
        "asks_bank": stopped == "confirm",
        "card_is_gone": stopped == "card",
        "gives_up": bool(stopped) and stopped not in ("confirm", "card"),
        "tries_again": not stopped,
    }


NUMBER = {"number": Placeholder("Number of the invoice"), "title": Placeholder("What the invoice is for")}
AMOUNT = {"amount": Placeholder("The amount, with its currency")}
DUE = {"due": Placeholder("Day by which it is due")}
REASON = {"reason": Placeholder("The reason, if there is one", Kind.LONG)}
PAGE = {"button_url": Placeholder("The invoice's page", Kind.LINK, needed=True)}
PAYS = {"pays": Placeholder("Whether who gets the mail can pay now", Kind.FLAG)}
QUOTE = {
    "number": Placeholder("Number of the quote"),
    "title": Placeholder("What the quote is for"),
    "due": Placeholder("Last day on which it can be accepted"),
    "owner": Placeholder("The company or client that it is for"),
    "button_url": Placeholder("The quote's page", Kind.LINK, needed=True),
}
WHAT = {"what": Placeholder("What happened, in a sentence")}
BANK = {
    "asks_bank": Placeholder("Whether the bank wants the client to confirm", Kind.FLAG),
    "card_is_gone": Placeholder("Whether this card cannot be charged any more", Kind.FLAG),
    "gives_up": Placeholder("Whether it is not tried again for another reason", Kind.FLAG),
    "tries_again": Placeholder("Whether it is tried again", Kind.FLAG),
    "again": Placeholder("The day on which it is tried again"),
}
ANSWERED = "Owners, admins and who made the quote, when a client answers it."
WHO_PAYS = "Everybody who may pay the invoice, "


def _email(
    key: str,
    label: str,
    prepare: Any,
    told: str,
    placeholders: Mapping[str, Placeholder],
    *,
    derive: Any = None,
    digest: str = "",
    **sample: Any,
) -> Email:
    return Email(
        key=f"invoices.{key}",
        label=label,
        template=f"invoices/emails/{key}",
        sample=SAMPLE | sample,
        prepare=prepare,
        told=told,
        placeholders=placeholders,
        derive=derive,
        digest=digest,
    )


EMAILS = (
    _email(
        "issued",
        "New invoice",
        leaving.to_client,
        "Everybody who may see the invoice, when it is sent.",
        {
            **NUMBER,
            **AMOUNT,
            **DUE,
            "whole": Placeholder("The whole amount, where it is paid in parts"),
            "is_plan": Placeholder("Whether it is paid in parts", Kind.FLAG),
            "is_automatic": Placeholder("Whether it is charged automatically", Kind.FLAG),
            **PAYS,
            **PAGE,
        },
        digest="new",
    ),
    _email(
        "receipt",
        "Invoice paid (receipt)",
        leaving.to_client,
        "Everybody who may see the invoice, at once when money arrives.",
        {
            **NUMBER,
            **AMOUNT,
            "who": Placeholder("Who paid, if that is known"),
            "left": Placeholder("What is still open; empty when it is paid"),
            **PAGE,
        },
        left="",
    ),
    _email(
        "payment_failed",
        "A payment failed",
        leaving.to_client,
        "Who tried to pay, else everybody who may, at once.",
        {**NUMBER, **AMOUNT, **REASON, **PAYS, **PAGE},
        reason="The card was declined.",
    ),
    _email(
        "charge_coming",
        "An automatic payment is coming",
        leaving.to_client,
        WHO_PAYS + "some days before it is charged.",
        {
            **NUMBER,
            **AMOUNT,
            "method": Placeholder("The card or account that is charged"),
            "on": Placeholder("The day on which it is charged"),
            **PAGE,
        },
        on="5 January 2026",
        method="Visa ending in 4242",
    ),
    _email(
        "not_charged",
        "An automatic payment was refused",
        leaving.to_client,
        WHO_PAYS + "when the bank refused it.",
        {
            **NUMBER,
            **AMOUNT,
            "method": Placeholder("The card or account that was to be charged"),
            **BANK,
            **PAYS,
            **PAGE,
        },
        derive=_outcome,
        method="Visa ending in 4242",
        stopped="",
        again="8 January 2026",
    ),
    _email(
        "reminder",
        "An invoice is due",
        leaving.to_client,
        "Everybody who may see the invoice, on the days of your reminders and when you press Remind.",
        {
            **NUMBER,
            **AMOUNT,
            **DUE,
            "is_late": Placeholder("Whether that day is past", Kind.FLAG),
            **PAYS,
            **PAGE,
        },
    ),
    _email(
        "news",
        "An invoice is void, credited or a transfer was not found",
        leaving.to_client,
        "Everybody who may see the invoice, or who reported the transfer.",
        {**NUMBER, **WHAT, **REASON, **PAGE},
        what="Invoice 2026-0017 is void. Nothing is to be paid for it.",
    ),
    _email(
        "attention",
        "An invoice needs you (to staff)",
        leaving.to_staff,
        "Owners and admins, when something about money waits for them.",
        {**NUMBER, **WHAT, **PAGE},
        what="Maria Silva says that €1,190.00 is paid.",
    ),
    _email(
        "quote",
        "New quote",
        leaving.quote_to_client,
        "Everybody who may see the quote, when it is sent.",
        {**QUOTE, **AMOUNT},
        digest="new",
        number="Q-2026-0003",
        owner="Brightside",
    ),
    _email(
        "quote_news",
        "A quote is accepted or taken back",
        leaving.quote_to_client,
        "Everybody who may see the quote.",
        {**QUOTE, **AMOUNT, **WHAT, **REASON},
        number="Q-2026-0003",
        owner="Brightside",
        what="Maria Silva accepted quote Q-2026-0003.",
    ),
    _email(
        "quote_answered",
        "A quote is answered (to staff)",
        leaving.quote_on_console,
        ANSWERED,
        {**QUOTE, **AMOUNT, **WHAT, **REASON},
        number="Q-2026-0003",
        owner="Brightside",
        what="Maria Silva accepted it.",
        reason="The invoice waits as a draft.",
    ),
)
