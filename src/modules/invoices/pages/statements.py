"""Statements of account: the client's own, and any owner's on the console; as a page and as a paper."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from kit.paging import BadCursor
from modules.invoices.forms import StatementForm
from modules.invoices.pages.answers import pdf
from modules.invoices.queries import figures, papers, people, statements
from portal.http import Request
from portal.people.models import Client, Company, Staff

LONGEST = timedelta(days=3700)


@require_safe
def of_client(request: Request) -> HttpResponse:
    """Its account, and those of its companies of which nothing is hidden from it; `?pdf` as a paper."""
    owner = {"name": request.client.name, "email": request.client.email}
    whose = people.seen_by(request.client).whole
    return _answer(request, "invoices/client/statement.html", whose, owner, {})


@require_safe
def of_owner(request: Request, whose: str) -> HttpResponse:
    """The account of one company or client, for staff."""
    found = owner_of(whose, request.staff)
    details = people.details_of(found)
    owner = {"name": (details.name if details else "") or str(found)}
    if details:
        owner |= {"address": details.address, "country": details.country, "tax_id": details.tax_id}
    more = {"owner": found, "whose": whose, "totals": figures.of_owner(found, request.agency.today())}
    return _answer(request, "invoices/console/statement.html", [whose], owner, more)


def owner_of(whose: str, staff: Staff) -> Company | Client:
    """The company or client behind "company-3" or "client-5".

    Raises:
        Http404: there is none, or none that this person may see.
    """
    kind, _, pk = whose.partition("-")
    models: dict[str, Any] = {"company": Company, "client": Client}
    if kind not in models or not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        raise Http404
    found: Company | Client = get_object_or_404(models[kind].objects.served_by(staff), pk=int(pk))
    return found


def _answer(
    request: Request, template: str, whose: Sequence[str], owner: dict[str, str], more: dict[str, Any]
) -> HttpResponse:
    currencies = statements.currencies_of(whose)
    if not currencies:
        return render(request, template, {"statement": None, **more})
    form, chosen = _chosen(request, currencies)
    try:
        found = statements.statement_of(
            whose,
            **chosen,
            cursor=None if "pdf" in request.GET else request.GET.get("after"),
            size=statements.MOST_ON_PAPER if "pdf" in request.GET else statements.PER_PAGE,
        )
    except BadCursor:
        raise Http404 from None
    if "pdf" in request.GET and found.is_cut:
        words = f"One paper holds {statements.MOST_ON_PAPER:,} movements. Choose fewer days for it."
        messages.error(request, words)
    elif "pdf" in request.GET:
        return pdf(papers.statement_pdf(found, owner=owner), f"statement-{found.from_on}-{found.to_on}")
    kept = request.GET.copy()
    for name in ("after", "pdf"):
        kept.pop(name, None)
    query = f"{kept.urlencode()}&" if kept else ""
    context = {"statement": found, "form": form, "query": query, "next_cursor": found.next_cursor}
    context |= {"is_later": found.is_later, "pager_first": "From the beginning", "pager_next": "Later"} | more
    return render(request, template, context, status=422 if form.errors else 200)


def _chosen(request: Request, currencies: list[str]) -> tuple[StatementForm, dict[str, Any]]:
    today = request.agency.today()
    usual: dict[str, Any] = {"start": date(today.year, 1, 1), "end": today, "currency": currencies[0]}
    asked = request.GET if "start" in request.GET else None
    form = StatementForm(asked, initial=usual, currencies=currencies)
    read = form.cleaned_data if asked is not None and form.is_valid() else usual
    if read["end"] - read["start"] > LONGEST:
        read = usual
    return form, {"currency": read["currency"], "from_on": read["start"], "to_on": read["end"]}
