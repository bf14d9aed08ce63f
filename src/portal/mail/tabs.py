"""The frame of the tabs of Mails."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal.http import Request

# View, label, whether only owners and admins open it.
TABS = (
    ("delivery:index", "Log", False),
    ("delivery:marks", "Addresses", False),
    ("sender:index", "Sending", True),
)


def tab(request: Request, current: str, template: str, page: dict[str, Any]) -> HttpResponse:
    """One tab; 422 when its form has errors."""
    tabs = [
        (reverse(view), label, view == current)
        for view, label, is_for_managers in TABS
        if request.staff.may_manage or not is_for_managers
    ]
    form = page.get("form")
    status = 422 if form is not None and form.errors else 200
    return render(request, template, {"tabs": tabs} | page, status=status)
