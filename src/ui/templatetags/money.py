"""`{{ invoice.minor|money:invoice.currency }}`: an amount as readers of the page write it."""

from django import template
from django.utils.translation import get_language

from kit.money import format_money

register = template.Library()


@register.filter
def money(minor: int, currency: str) -> str:
    """Minor units and their currency, in the page's language."""
    return format_money(int(minor), currency, get_language() or "en")
