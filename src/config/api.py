"""The API of agencies' own programs: people, and one router per module from its declaration."""

from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.http import Http404, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.security import HttpBearer

from kit.paging import BadCursor
from kit.refused import Refused
from portal import registry
from portal.apikeys.door import refusal
from portal.entitlements.api import router as entitlements
from portal.http import Request
from portal.people.api import clients, invitations
from portal.people.api_teams import router as companies
from portal.records.api import router as records
from portal.records.api_companies import router as company_records


class KeyOfTheDoor(HttpBearer):
    """The door (portal.apikeys.door) has checked the key already; here it only shows in the documentation."""

    def authenticate(self, request: Any, token: str) -> Any:
        return getattr(request, "api_key", None)


api = NinjaAPI(
    title="Client portal API",
    version="1",
    urls_namespace="api",
    auth=KeyOfTheDoor(),
    description=(
        "Every request carries an API key of one agency (console → API keys) and works on that agency only. "
        "Lists are paged by cursor. A POST with an Idempotency-Key happens once. "
        'Errors read `{"errors": {"field": ["words"]}}`.'
    ),
)
api.add_router("/clients", clients)
api.add_router("/clients", records)
api.add_router("/invitations", invitations)
api.add_router("/companies", companies)
api.add_router("/companies", company_records)
api.add_router("/entitlements", entitlements)
for _module in registry.all_modules():
    if _module.api:
        api.add_router(f"/{_module.key}", _module.api)


@api.exception_handler(ValidationError)
def _invalid(request: Request, error: ValidationError) -> HttpResponse:
    fields: dict[str, list[str]] = {}
    for problem in error.errors:
        where = [
            str(part) for part in problem["loc"] if part not in ("body", "query", "path", "payload", "paging")
        ]
        fields.setdefault(".".join(where), []).append(problem["msg"])
    return api.create_response(request, {"errors": fields}, status=422)


@api.exception_handler(ModelError)
def _invalid_model(request: Request, error: ModelError) -> HttpResponse:
    fields = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    return api.create_response(request, {"errors": fields}, status=422)


@api.exception_handler(Refused)
def _refused(request: Request, error: Refused) -> HttpResponse:
    return api.create_response(request, {"errors": {error.field: [error.words]}}, status=422)


@api.exception_handler(BadCursor)
def _bad_cursor(request: Request, error: BadCursor) -> HttpResponse:
    return api.create_response(
        request, {"errors": {"cursor": ["This cursor is not one of ours."]}}, status=422
    )


@api.exception_handler(Http404)
def _not_found(request: Request, error: Http404) -> HttpResponse:
    return refusal(404, "There is no such thing.")


@api.exception_handler(HttpError)
def _http_error(request: Request, error: HttpError) -> HttpResponse:
    return refusal(error.status_code, str(error))
