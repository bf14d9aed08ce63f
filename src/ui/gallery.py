"""Every part of the interface on a few pages, with long words, empty and wrong states. Development only."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from ui.forms import CodeInput, ColorInput, DateInput, FileDrop, RadioCards, Switch
from ui.icons import ICONS
from ui.marks import default_favicon
from ui.theme import DEFAULT_ACCENT, mail_colors, theme_css

PAGES = {
    "parts": "ui/gallery/parts.html",
    "forms": "ui/gallery/forms.html",
    "dashboard": "ui/gallery/dashboard.html",
    "review": "ui/gallery/review.html",
    "console": "ui/gallery/console.html",
    "sign-in": "ui/gallery/sign_in.html",
    "account": "ui/gallery/account.html",
    "site": "ui/gallery/site.html",
    "error": "errors/404.html",
    "mail": "ui/gallery/mail.html",
}
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


class SampleForm(forms.Form):
    """One of each field."""

    name = forms.CharField(label="Name of the project", help_text="Your client reads it in every mail.")
    note = forms.CharField(label="A word for the client", widget=forms.Textarea, required=False)
    email = forms.EmailField(label="Support e-mail", initial="hello@northwind.example")
    due = forms.DateField(label="Due", widget=DateInput, initial=date(2026, 3, 14))
    status = forms.ChoiceField(label="Status", choices=[("a", "Planned"), ("b", "In progress"), ("c", LONG)])
    accent = forms.CharField(label="Accent colour", widget=ColorInput, initial="#4f46e5")
    rule = forms.ChoiceField(
        label="Who has to approve",
        widget=RadioCards,
        initial="any",
        choices=[
            ("any", "Any reviewer|One approval is enough to go on."),
            ("all", "All reviewers|Everyone on the list has to say yes."),
        ],
    )
    tone = forms.ChoiceField(
        label="Tone", widget=forms.RadioSelect, choices=[("1", "Warm"), ("2", "Plain")], initial="1"
    )
    sections = forms.MultipleChoiceField(
        label="Sections",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("p", "Projects"), ("d", "Deliverables"), ("i", "Invoices")],
        initial=["p", "d"],
    )
    portal_on = forms.BooleanField(
        label="Portal is open", widget=Switch, initial=True, required=False, help_text="Clients can sign in."
    )
    terms = forms.BooleanField(label="I have read the terms and agree to them")
    logo = forms.FileField(label="Logo", widget=FileDrop, required=False, help_text="SVG or PNG, up to 2 MB.")
    code = forms.CharField(label="Code from the mail", widget=CodeInput, required=False)
    gone = forms.CharField(label="Cannot be changed", disabled=True, initial="northwind", required=False)


def gallery(request: HttpRequest) -> HttpResponse:
    """Draws the page named by ?page=, in the accent named by ?accent=. Http404 for an unknown page."""
    accent = request.GET.get("accent", DEFAULT_ACCENT)
    try:
        sheet = theme_css(accent)
    except ValueError:
        raise Http404("not a colour") from None
    page = request.GET.get("page", "parts")
    if page == "sheet":
        return HttpResponse(sheet, content_type="text/css")
    if page == "favicon":
        return HttpResponse(default_favicon("Northwind Studio", accent), content_type="image/svg+xml")
    if page not in PAGES:
        raise Http404("no such page")
    if request.GET.get("toast"):
        messages.success(request, "Invoice sent. Maria gets it by mail now.")
    return render(request, PAGES[page], _sample(accent) | _shell(page, accent))


def _sample(accent: str) -> dict[str, Any]:
    return {
        "form": SampleForm(),
        "wrong_form": SampleForm({"email": "not an address", "name": ""}, prefix="wrong"),
        "icons": sorted(ICONS),
        "long": LONG,
        "page": Paginator(range(95), 20).page(2),
        "colors": mail_colors(accent),
        "heading": "Your homepage is ready to look at",
        "button_url": "https://northwind.example/deliverables/7/",
        "button_words": "Look at it",
        "why": "You get this because you review “Spring campaign”.",
    }


def _shell(page: str, accent: str) -> dict[str, Any]:
    query = f"accent={accent.replace('#', '%23')}"
    names = [
        ("dashboard", "Home", "home", 0),
        ("review", "Deliverables", "deliverables", 2),
        ("parts", "Parts", "projects", 0),
        ("forms", "Forms", "documents", 0),
        ("console", "Console", "settings", 0),
        ("sign-in", "Sign-in", "key", 0),
        ("account", "Account", "user", 0),
        ("site", "Public page", "globe", 0),
        ("error", "Error", "warning", 0),
        ("mail", "Mail", "mail", 12),
    ]
    if page == "site":
        names = names[:3]
    return {
        "brand": {
            "name": "Northwind Studio",
            "theme_url": f"?page=sheet&{query}",
            "favicon_url": f"?page=favicon&{query}",
            "support_email": "hello@northwind.example",
        },
        "navigation": [
            {
                "label": label,
                "url": f"?page={key}&{query}",
                "icon": icon,
                "current": key == page,
                "count": count,
            }
            for key, label, icon, count in names
        ],
        "person": {
            "name": "Maria Lopez",
            "email": "maria@lopez-and-daughters.example",
            "note": "Lopez & Daughters",
        },
        "person_menu": [{"label": "Profile", "url": "#main", "icon": "user"}],
        "sign_out_url": "#main",
        "home_url": f"?page=dashboard&{query}",
        "portal_url": f"?page=dashboard&{query}",
        "agencies": [
            {"name": "Northwind Studio", "url": "#main", "current": True},
            {"name": "Harbour", "url": "#main"},
        ],
        "trial": {"words": "Your trial of Growth ends in 9 days.", "url": "#main"},
        "login_url": "#main",
        "signup_url": "#main",
    }
