"""`{% load accounts %}`"""

from collections.abc import Collection

from django import template

from tenants.accounts.devices import device_words

register = template.Library()
register.filter("device", device_words)

# What allauth says of a button, and our kind of button; the first that fits.
_KINDS = (
    ({"danger", "delete"}, "button button--danger"),
    ({"link", "cancel", "minor"}, "button button--quiet"),
    ({"outline", "secondary", "tool"}, "button"),
)


@register.filter
def button_class(tags: Collection[str] | None) -> str:
    """Our classes for a button that allauth describes by tags; one without any is the primary one."""
    own = set(tags or ())
    return next((kind for marks, kind in _KINDS if own & marks), "button button--primary")
