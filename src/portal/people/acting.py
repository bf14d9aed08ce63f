"""For which company a record is, said to those who act for several."""

from portal.http import Request
from portal.people.models import Company


def companies_shown(request: Request) -> list[Company]:
    """The companies of the signed-in client if there are several; else there is nothing to tell apart."""
    if "_companies_shown" not in request.__dict__:
        found = list(Company.objects.filter(memberships__client=request.client).order_by("name", "pk"))
        request.__dict__["_companies_shown"] = found if len(found) > 1 else []
    shown: list[Company] = request.__dict__["_companies_shown"]
    return shown


def chosen_company(request: Request) -> Company | None:
    """The one that a list was asked for (`?company=3`); None: all, and for whatever is not theirs."""
    wanted = request.GET.get("company")
    if not wanted:
        return None
    return next((company for company in companies_shown(request) if str(company.pk) == wanted), None)
