"""The style sheets and scripts every page loads, in order. The one list of them."""

STYLES = (
    "ui/css/layers.css",
    "ui/css/tokens.css",
    "ui/css/base.css",
    "ui/css/layout.css",
    "ui/css/navigation.css",
    "ui/css/components.css",
    "ui/css/states.css",
    "ui/css/forms.css",
    "ui/css/review.css",
    "ui/css/utilities.css",
)
FONT = "ui/fonts/inter-latin.woff2"
SCRIPT = "ui/js/page.js"
HTMX = "django_htmx/htmx-2.min.js"
