"""For which company a record is, said to those who act for several."""

from portal.http import Request
from portal.people.models import Client, Company


def companies_shown(request: Request) -> list[Company]:
    """The companies of the signed-in client if there are several; else there is nothing to tell apart."""
    if "_companies_shown" not in request.__dict__:
        request.__dict__["_companies_shown"] = several_of(request.client)
    shown: list[Company] = request.__dict__["_companies_shown"]
    return shown


def several_of(client: Client) -> list[Company]:
    """The companies that a client acts for; none if it is only one."""
    found = list(Company.objects.filter(memberships__client=client).order_by("name", "pk"))
    return found if len(found) > 1 else []


def chosen_company(request: Request) -> Company | None:
    """The one that a list was asked for (`?company=3`); None: all, and for whatever is not theirs."""
    wanted = request.GET.get("company")
    if not wanted:
        return None
    return next((company for company in companies_shown(request) if str(company.pk) == wanted), None)
