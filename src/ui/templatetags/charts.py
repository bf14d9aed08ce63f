"""Charts in templates: `{% load charts %}`. A table with the same figures stands beside each."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ui.charts import Columns, share

register = template.Library()


@register.inclusion_tag("ui/columns.html")
def column_chart(chart: Columns, label: str) -> dict[str, Any]:
    """`{% column_chart months "Money in by month" %}`: upright bars."""
    return {"chart": chart, "label": label}


@register.simple_tag
def bar(part: int, whole: int, tone: str = "") -> SafeString:
    """A lying bar for a row of a table whose words say the same; tone "" or "negative"."""
    kind = f"chart__bar chart__bar--{tone}" if tone else "chart__bar"
    return format_html(
        '<svg class="bar" width="100%" height="10" aria-hidden="true">'
        '<rect class="bar__ground" width="100%" height="10" rx="5"/>'
        '<rect class="{}" width="{}" height="10" rx="5"/></svg>',
        kind,
        share(int(part), int(whole)),
    )
