"""A company's own fields, and what happened to it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from kit.paging import BadCursor, page_by_id
from kit.refused import Refused
from portal.forms import add_refusal
from portal.http import Request
from portal.records import timeline
from portal.records.fields import set_values
from portal.records.forms import CompanyDetailsForm
from portal.records.pages.finding import company_of


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, company_id: int) -> HttpResponse:
    """The agency's own fields of a company."""
    shown = company_of(request, company_id)
    form = CompanyDetailsForm(request.POST if request.method == "POST" else None, company=shown)
    if request.method == "POST" and form.is_valid():
        try:
            set_values(shown, form.values(), by=request.staff, request=request)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Saved.")
            return redirect("people:company", shown.pk)
    context = {"form": form, "company": shown}
    return render(
        request, "console/records/company_details.html", context, status=422 if form.is_bound else 200
    )


@require_safe
def history(request: Request, company_id: int) -> HttpResponse:
    """Everything that happened to this company itself."""
    shown = company_of(request, company_id)
    entries = timeline.entries_of_company(shown)
    try:
        page = page_by_id(entries, cursor=request.GET.get("after"), size=timeline.SIZE)
    except BadCursor as error:
        raise Http404 from error
    context = {
        "company": shown,
        "happenings": [timeline.happening(entry) for entry in page.rows],
        "next_cursor": page.next_cursor,
        "query": "",
        "is_later_page": "after" in request.GET,
    }
    return render(request, "console/records/company_timeline.html", context)
