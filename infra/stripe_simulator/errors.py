"""Errors in Stripe's envelope."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]


class StripeError(Exception):
    """What the client gets instead of an object: HTTP status and `{"error": …}`."""

    def __init__(self, status: int, kind: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        said = {"type": kind, "message": message, **more}
        self.body: Object = {"error": {key: value for key, value in said.items() if value is not None}}


def refused(
    message: str, code: str | None = None, param: str | None = None, status: int = 400
) -> StripeError:
    """An `invalid_request_error`."""
    return StripeError(status, "invalid_request_error", message, code=code, param=param)


def missing(kind: str, identifier: str, param: str = "id") -> StripeError:
    """There is no such object in this account."""
    name = kind.rsplit(".", 1)[-1] if kind != "checkout.session" else "checkout.session"
    return refused(f"No such {name}: '{identifier}'", "resource_missing", param, 404)


def not_implemented(what: str) -> StripeError:
    """Stripe can do it, the simulator cannot: said plainly, so that no test passes on a plausible lie."""
    return StripeError(
        501, "api_error", f"The Stripe simulator does not implement {what}. Stripe itself does."
    )
