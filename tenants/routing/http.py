"""The request once routing has placed it."""

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from tenants.agencies.current import CurrentAgency

if TYPE_CHECKING:
    from tenants.routing.resolve import Place


class AgencyRequest(HttpRequest):
    """Only for types: Django makes the object, RoutingMiddleware puts the attributes on it."""

    place: "Place"
    agency: CurrentAgency
    htmx: HtmxDetails
    urlconf: str
