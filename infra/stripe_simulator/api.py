"""One request of the API from its headers to its answer."""

from __future__ import annotations

import base64
import copy
import json
from dataclasses import dataclass, field
from typing import Any

from infra.stripe_simulator import faults, form, judge, lists, routes
from infra.stripe_simulator.errors import StripeError, refused
from infra.stripe_simulator.idempotency import Kept, Keys, fingerprint
from infra.stripe_simulator.world import PLATFORM, Object, World, identifier

CODES = {"unknown": "parameter_unknown", "missing": "parameter_missing", "invalid": "parameter_invalid"}


@dataclass(frozen=True)
class Request:
    """What came in; header names in lower case."""

    verb: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    """What goes out; `body` is JSON."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


class Api:
    """Stripe's API over a world."""

    def __init__(self, world: World, secret_key: str) -> None:
        self.world = world
        self.secret_key = secret_key
        self.keys = Keys()
        self.faults = faults.Faults()
        self.requests: list[Object] = []

    def answer(self, request: Request) -> Answer:
        """The answer; raises `faults.Cut` where there is to be none."""
        headers = {
            "Request-Id": identifier("req", 14),
            "Stripe-Version": request.headers.get("stripe-version", judge.API_VERSION),
        }
        key = request.headers.get("idempotency-key", "")
        if key:
            headers["Idempotency-Key"] = key
        try:
            kept, replayed = self._answer(request, key)
        except StripeError as error:
            return Answer(error.status, json.dumps(error.body, indent=2), headers)
        if replayed:
            headers["Idempotent-Replayed"] = "true"
        return Answer(kept.status, kept.body, headers)

    def _answer(self, request: Request, key: str) -> tuple[Kept, bool]:
        account = self._account(request)
        given = _params(request)
        self._record(request, account, key, given)
        params, expand = self._judged(request, given), _expand(given)
        asked = fingerprint(request.verb, request.path, given)
        fault = self.faults.of(request.verb, request.path)
        if not key or request.verb != "POST":
            faults.strike(fault, "before")
            kept = self._execute(request, account, params, expand, asked)
        else:
            earlier = self.keys.begin(account, key, asked)
            if earlier:
                return earlier, True
            done: Kept | None = None
            try:
                faults.strike(fault, "before")
                kept = done = self._execute(request, account, params, expand, asked)
            finally:
                self.keys.finish(account, key, done)
        faults.strike(fault, "after")
        return kept, False

    def _execute(self, request: Request, account: str, params: Object, expand: list[str], asked: str) -> Kept:
        with self.world.lock:
            merchant = self.world.merchant(account)
            try:
                found = routes.answer(merchant, request.verb, request.path, params)
                found = self.world.checked(lists.expanded(merchant, copy.deepcopy(found), expand))
                status = 200
            except StripeError as error:
                found, status = error.body, error.status
            self.world.at_change()
        return Kept(asked, status, json.dumps(found, indent=2))

    def _account(self, request: Request) -> str:
        given = _key(request.headers.get("authorization", ""))
        if given != self.secret_key:
            shown = f"{given[:8]}{'*' * 8}" if given else "none"
            raise refused(f"Invalid API Key provided: {shown}", status=401)
        account = request.headers.get("stripe-account") or request.headers.get("stripe-context") or PLATFORM
        known = self.world.objects[PLATFORM].get("account", {})
        if account not in known or self.world.hidden.get(account, {}).get("deauthorized"):
            words = (
                f"The provided key '{given[:8]}****' does not have access to account '{account}' (or that account "
                "does not exist). Application access may have been revoked."
            )
            raise refused(words, "account_invalid", status=403)
        return account

    def _judged(self, request: Request, given: Object) -> Object:
        if judge.endpoint_of(request.verb, request.path) is None:
            words = f"Unrecognized request URL ({request.verb}: {request.path})."
            raise refused(words, status=404)
        is_form = request.path.startswith("/v1/") or request.verb == "GET"
        params, findings = judge.judge_request(request.verb, request.path, given, form=is_form)
        if findings:
            first = findings[0]
            words = f"Received unknown parameter: {first.path}" if first.kind == "unknown" else first.words
            self.requests[-1]["refused"] = [f"{each.path} {each.words}" for each in findings]
            raise refused(f"{first.path}: {words}", CODES[first.kind], bracketed(first.path))
        return params

    def _record(self, request: Request, account: str, key: str, given: Object) -> None:
        said: Object = {"verb": request.verb, "path": request.path, "account": account, "params": given}
        version = request.headers.get("stripe-version")
        self.requests.append({**said, "idempotency_key": key, "version": version, "refused": []})


def bracketed(path: str) -> str:
    """a.b[0].c as Stripe names it in errors: a[b][0][c]."""
    first, *others = path.replace("[", ".").replace("]", "").split(".")
    return first + "".join(f"[{part}]" for part in others)


def _params(request: Request) -> Object:
    if request.verb == "POST" and request.path.startswith("/v2/"):
        try:
            found = json.loads(request.body or b"{}")
        except ValueError as error:
            raise refused("The body is not JSON.") from error
        if not isinstance(found, dict):
            raise refused("The body is not an object.")
        return found
    text = request.body.decode("utf-8", "replace") if request.verb == "POST" else request.query
    return form.decoded(text)


def _expand(given: Object) -> list[str]:
    found: Any = given.get("expand", [])
    return [str(each) for each in (found.values() if isinstance(found, dict) else found)]


def _key(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    if scheme == "Bearer":
        return value
    if scheme != "Basic":
        return ""
    try:
        return base64.b64decode(value).decode().partition(":")[0]
    except ValueError:
        return ""
