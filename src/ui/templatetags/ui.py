"""Parts of pages as template tags: `{% load ui %}`."""

from typing import Any

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from ui import sheets
from ui.icons import ICONS
from ui.marks import initials_mark

register = template.Library()

TONES = {"", "positive", "warning", "negative", "notice", "accent"}


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """`{% icon "check" %}` beside words, `{% icon "check" "Done" %}` alone; size "small" or "large".

    Raises KeyError for a name that is not in ui.icons.
    """
    drawing = mark_safe(ICONS[name])
    kind = f"icon icon--{size}" if size else "icon"
    if label:
        return format_html(
            '<svg class="{}" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>', kind, label, drawing
        )
    return format_html('<svg class="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', kind, drawing)


@register.simple_tag
def badge(words: Any, tone: str = "", icon_name: str = "") -> SafeString:
    """A status as a word: `{% badge "Due soon" "warning" %}`. Raises ValueError for an unknown tone."""
    if tone not in TONES:
        raise ValueError(f"unknown tone: {tone!r}")
    kind = f"badge badge--{tone}" if tone else "badge"
    return format_html('<span class="{}">{}{}</span>', kind, icon(icon_name) if icon_name else "", words)


@register.simple_tag
def avatar(name: str, photo_url: str = "", size: str = "") -> SafeString:
    """A round picture, or the initials. Decoration: the name has to stand beside it in words."""
    kind = f"avatar avatar--{size}" if size else "avatar"
    if photo_url:
        return format_html(
            '<img class="{}" src="{}" alt="" width="36" height="36" loading="lazy">', kind, photo_url
        )
    return format_html('<span class="{}" aria-hidden="true">{}</span>', kind, initials_mark(name, letters=2))


@register.simple_tag
def initial(name: str) -> str:
    """One letter for a brand mark."""
    return initials_mark(name)


@register.simple_tag
def styles() -> SafeString:
    """Links to the product's style sheets."""
    return format_html_join(
        "\n", '<link rel="stylesheet" href="{}">', ((static(path),) for path in sheets.STYLES)
    )


@register.simple_tag
def font_url() -> str:
    """Address of the one font file that is worth preloading."""
    return static(sheets.FONT)


@register.simple_tag
def scripts() -> SafeString:
    """Our modules, and htmx as the library ships it."""
    return format_html(
        '<script type="module" src="{}"></script>\n<script src="{}" defer></script>',
        static(sheets.SCRIPT),
        static(sheets.HTMX),
    )


@register.simple_tag
def field(bound: BoundField, **attrs: Any) -> SafeString:
    """One form field with label, help and errors. Keyword arguments become attributes of its control."""
    if attrs:
        # A copy of the widget's own, so that nothing is kept for the next page.
        own = {name.replace("_", "-"): value for name, value in attrs.items()}
        bound.field.widget.attrs = {**bound.field.widget.attrs, **own}
    return bound.as_field_group()


@register.filter
def before_bar(label: Any) -> str:
    """The words of a choice: what stands before the first "|"."""
    return str(label).partition("|")[0].strip()


@register.filter
def after_bar(label: Any) -> str:
    """The note of a choice: what stands after the first "|", or nothing."""
    return str(label).partition("|")[2].strip()


@register.filter
def field_kind(bound: BoundField) -> str:
    """Which shape a field's row takes: "check", "group" (several controls under one legend) or "plain"."""
    if getattr(bound.field.widget, "input_type", "") == "checkbox" and not bound.use_fieldset:
        return "check"
    return "group" if bound.use_fieldset else "plain"


@register.filter
def breakable(name: str) -> SafeString:
    """A host name that is broken after a dot where it has to be, not inside a word."""
    return format_html_join(mark_safe(".<wbr>"), "{}", ((label,) for label in str(name).split(".")))


@register.filter
def message_icon(tags: str) -> str:
    """The icon of a message by its level."""
    for level in ("success", "warning", "error"):
        if level in tags:
            return level
    return "info"


@register.filter
def percent(part: float, whole: float = 100) -> int:
    """`part` of `whole` as a whole number of per cent, 0 to 100."""
    return max(0, min(100, round(100 * float(part) / float(whole)))) if whole else 0


@register.inclusion_tag("ui/progress.html")
def progress(value: float, maximum: float = 100, label: str = "", note: str = "") -> dict[str, Any]:
    """A bar with its figure: `{% progress 9 14 "Lessons" %}`."""
    return {
        "value": value,
        "maximum": maximum,
        "label": label,
        "note": note,
        "percent": percent(value, maximum),
    }


@register.inclusion_tag("ui/empty.html")
def empty_state(
    icon_name: str, title: str, note: str = "", url: str = "", do: str = "", *, is_whole_page: bool = False
) -> dict[str, str | bool]:
    """What a page says when it has nothing yet; `do` is the one button's words and `url` its address.

    Where nothing else is on the page, `is_whole_page` makes the title the page's heading.
    """
    return {
        "icon_name": icon_name,
        "title": title,
        "note": note,
        "url": url,
        "do": do,
        "is_whole_page": is_whole_page,
    }
