"""Amounts in templates: `{% load invoices %}`."""

from django import template

from kit.money import format_money

register = template.Library()


@register.filter
def money(minor: int | None, currency: str) -> str:
    """`{{ invoice.gross_minor|money:invoice.currency }}`; nothing for no amount."""
    return "" if minor is None else format_money(int(minor), currency)


@register.filter
def plain(number: object) -> str:
    """A number without zeros that say nothing: 1.500 is 1.5."""
    text = f"{number:f}" if hasattr(number, "normalize") else str(number)
    return text.rstrip("0").rstrip(".") if "." in text else text
