"""The frame of the tabs of Branding."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal.http import Request
from tenants.plans import needs_plan

TABS = (("index", "Look"), ("portal", "Portal"), ("sections", "Sections"), ("domain", "Domain"))


def tab(request: Request, current: str, template: str, page: dict[str, Any]) -> HttpResponse:
    """One tab; 422 when its form has errors."""
    tabs = [(reverse(f"branding:{view}"), label, view == current) for view, label in TABS]
    common = {"tabs": tabs, "full_plan": needs_plan("branding.full").label}
    form = page.get("form")
    status = 422 if form is not None and form.errors else 200
    return render(request, template, common | page, status=status)
