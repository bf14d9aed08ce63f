"""Conditions: one value of the trigger compared with what staff typed."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from kit.money import Money, exponent
from kit.refused import Refused
from portal.module import Offer, ValueKind

Condition = dict[str, str]
COMPARISONS: dict[ValueKind, dict[str, str]] = {
    ValueKind.TEXT: {"is": "is", "is_not": "is not", "has": "contains", "has_not": "does not contain"},
    ValueKind.NUMBER: {"over": "is over", "under": "is under", "is": "is"},
    ValueKind.MONEY: {"over": "is over", "under": "is under"},
    ValueKind.DATE: {"after": "is after", "before": "is before"},
    ValueKind.CHOICE: {"is": "is", "is_not": "is not"},
    ValueKind.YES: {"yes": "is so", "no": "is not so"},
}
MOST = 8


class BadCondition(Refused):
    """It cannot be asked, or compares with something that cannot be read."""


def check(condition: Condition, offers: Mapping[str, Offer]) -> None:
    """Whether it can be asked. Raises BadCondition, `field` one of offer, is, value."""
    offer = offers.get(condition["offer"])
    if offer is None:
        raise BadCondition("The event does not tell this. Choose something else.", field="offer")
    if condition["is"] not in COMPARISONS[offer.kind]:
        fitting = ", ".join(COMPARISONS[offer.kind].values())
        raise BadCondition(f"“{offer.label}” cannot be compared like this. Choose: {fitting}.", field="is")
    if offer.kind != ValueKind.YES and not condition["value"].strip():
        raise BadCondition("Type what it is compared with.", field="value")
    _typed(condition["value"], offer)


def holds(condition: Condition, values: Mapping[str, Any], offers: Mapping[str, Offer]) -> bool:
    """Whether it is true now. What is unknown is neither over nor under anything. Raises BadCondition."""
    check(condition, offers)
    offer, how = offers[condition["offer"]], condition["is"]
    value = values.get(offer.key)
    if offer.kind == ValueKind.YES:
        return bool(value) == (how == "yes")
    if value is None:
        return how in ("is_not", "has_not")
    typed = _typed(condition["value"], offer)
    if isinstance(value, Money):
        value = Decimal(value.minor).scaleb(-exponent(value.currency))
    elif offer.kind == ValueKind.NUMBER:
        value = Decimal(value)
    elif offer.kind in (ValueKind.TEXT, ValueKind.CHOICE):
        value = str(value).casefold()
    return bool(_COMPARED[how](value, typed))


def all_hold(conditions: Sequence[Condition], values: Mapping[str, Any], offers: Mapping[str, Offer]) -> bool:
    """Whether every one is true now; none at all: yes."""
    return all(holds(condition, values, offers) for condition in conditions)


def say(condition: Condition, offers: Mapping[str, Offer]) -> str:
    """the amount is over 500"""
    offer = offers.get(condition["offer"])
    if offer is None:
        return "something that the event does not tell"
    if offer.kind == ValueKind.YES:
        return offer.label if condition["is"] == "yes" else denied(offer.label)
    how = COMPARISONS[offer.kind].get(condition["is"], "?")
    value = condition["value"]
    if offer.kind == ValueKind.CHOICE and offer.choices:
        value = dict(offer.choices()).get(value, value)
    return f"{offer.label} {how} {value}"


def denied(label: str) -> str:
    """the invoice is paid → the invoice is not paid"""
    for verb in (" is ", " has "):
        if verb in label:
            return label.replace(verb, f"{verb}not ", 1)
    return f"not: {label}"


_COMPARED: dict[str, Any] = {
    "is": lambda value, typed: value == typed,
    "is_not": lambda value, typed: value != typed,
    "has": lambda value, typed: typed in value,
    "has_not": lambda value, typed: typed not in value,
    "over": lambda value, typed: value > typed,
    "under": lambda value, typed: value < typed,
    "after": lambda value, typed: value > typed,
    "before": lambda value, typed: value < typed,
}


def _typed(text: str, offer: Offer) -> Any:
    text = text.strip()
    if offer.kind in (ValueKind.MONEY, ValueKind.NUMBER):
        try:
            number = Decimal(text.replace(" ", "").replace("\u00a0", ""))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise BadCondition("Type a number with a point, such as 500 or 49.90.", field="value")
        return number
    if offer.kind == ValueKind.DATE:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise BadCondition("Type a day as year-month-day, such as 2026-03-31.", field="value") from None
    if offer.kind == ValueKind.CHOICE and offer.choices:
        if text not in dict(offer.choices()):
            fitting = ", ".join(f"{label}" for _, label in offer.choices()) or "there is none yet"
            raise BadCondition(f"Choose one of these: {fitting}.", field="value")
        return text.casefold()
    return text.casefold()
