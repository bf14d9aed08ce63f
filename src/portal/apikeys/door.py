"""The way into the API: key → agency → limits → once per idempotency key. Runs around every API request."""

import hashlib
import json
import math
import re
from collections.abc import Callable
from urllib.parse import unquote

from django.db import IntegrityError, transaction
from django.http import HttpResponse, JsonResponse

from portal import registry
from portal.apikeys.keys import agency_id_in, find_key
from portal.apikeys.models import ApiKey, IdempotentAnswer
from portal.audit.operations import through_api
from portal.http import Request
from tenants.agencies.current import CurrentAgency, inside
from tenants.ratelimits.operations import take
from tenants.routing import hosts

PREFIX = "/api/v1/"
OPEN_PATHS = frozenset({"docs", "openapi.json"})
REQUESTS_PER_MINUTE = 600
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
GetResponse = Callable[[Request], HttpResponse]
# As JSON writes the character U+0000, which Postgres keeps in no text; \\u0000 is a backslash and five letters.
_NULL_IN_JSON = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def enter(request: Request, get_response: GetResponse) -> HttpResponse:
    """Answer one API request inside the agency of its key; 401 without a good one."""
    if request.path_info.removeprefix(PREFIX) in OPEN_PATHS:
        return get_response(request)
    text = _bearer(request)
    agency = hosts.by_id(agency_id_in(text) or 0) if text else None
    if agency is None:
        return _no_key()
    if agency.is_behind:
        return refusal(
            503, "An improvement is being made. Please try again in a few minutes.", {"Retry-After": "300"}
        )
    with inside(agency), through_api():
        key = find_key(text)
        if key is None or key.made_by is None:
            return _no_key()
        if wait := take(f"api:{agency.schema_name}:{key.pk}", most=REQUESTS_PER_MINUTE, per_seconds=60):
            return refusal(429, "Too many requests.", {"Retry-After": str(math.ceil(wait))})
        if said_no := _said_no(request, key, agency):
            return said_no
        request.api_key, request.agency, request.staff = key, agency, key.made_by
        return _once(request, key, get_response)


def refusal(
    status: int, words: str, headers: dict[str, str] | None = None, *, field: str = ""
) -> JsonResponse:
    """An error as the whole API words it: `{"errors": {"": ["…"]}}`, or under the field that it is about."""
    return JsonResponse({"errors": {field: [words]}}, status=status, headers=headers)


def _bearer(request: Request) -> str:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else ""


def _no_key() -> HttpResponse:
    return refusal(401, "Send a valid API key: Authorization: Bearer pk_…", {"WWW-Authenticate": "Bearer"})


def _said_no(request: Request, key: ApiKey, agency: CurrentAgency) -> HttpResponse | None:
    """The scope follows from path and method, so that no operation can forget to ask for one."""
    part = request.path_info.removeprefix(PREFIX).partition("/")[0]
    action = "read" if request.method in SAFE_METHODS else "write"
    if f"{part}:{action}" not in key.scopes:
        return refusal(403, f"This key lacks the scope {part}:{action}.")
    module = registry.get(part)
    if module is not None and agency.plan < module.plan:
        return refusal(403, f"The plan {agency.plan.label} does not hold {module.name}.")
    if action == "write" and agency.is_read_only:
        return refusal(403, "The agency is read-only at the moment, so nothing was changed.")
    if _holds_null(request):
        return refusal(422, "No text may hold the character U+0000.", field=_field_with_null(request))
    return None


def _holds_null(request: Request) -> bool:
    """Forms with files are not read here: their operations look at their few fields."""
    if "\x00" in unquote(request.get_full_path()):
        return True
    is_json = (request.content_type or "").startswith("application/json")
    return is_json and bool(_NULL_IN_JSON.search(request.body))


def _field_with_null(request: Request) -> str:
    """The name of the first field that holds it; "" when it is in the address, or the body is no object."""
    try:
        sent = json.loads(request.body)
    except ValueError:
        return ""
    fields = sent.items() if isinstance(sent, dict) else ()
    return next((name for name, value in fields if _NULL_IN_JSON.search(json.dumps(value).encode())), "")


def _once(request: Request, key: ApiKey, get_response: GetResponse) -> HttpResponse:
    """With an Idempotency-Key, a POST happens once: a repeat gets the first answer.

    The remembered answer and the effect are one transaction. A repeat that comes at the same time waits
    on the unique constraint until the first has committed.
    """
    name = request.headers.get("Idempotency-Key", "")
    if request.method != "POST" or not name:
        return get_response(request)
    if len(name) > 255:
        return refusal(422, "The Idempotency-Key is longer than 255 characters.")
    asked = _fingerprint(request)
    try:
        with transaction.atomic():
            row = IdempotentAnswer.objects.create(api_key=key, key=name, request_hash=asked)
            response = get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            row.status, row.body = response.status_code, response.content.decode()
            if response.status_code < 500:
                row.save(update_fields=["status", "body"])
            return response
    except IntegrityError:
        return _again(IdempotentAnswer.objects.get(api_key=key, key=name), asked)


def _fingerprint(request: Request) -> str:
    """What tells one request from another. Uploads are told by their size: they are not read twice."""
    is_upload = (request.content_type or "").startswith("multipart/")
    body = request.headers.get("Content-Length", "").encode() if is_upload else request.body
    return hashlib.sha256(f"{request.get_full_path()}\n".encode() + body).hexdigest()


def _again(row: IdempotentAnswer, asked: str) -> HttpResponse:
    if row.request_hash != asked:
        return refusal(422, "This Idempotency-Key was used for another request.")
    headers = {"Idempotent-Replay": "true"}
    return HttpResponse(row.body, status=row.status, content_type="application/json", headers=headers)
