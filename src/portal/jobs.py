"""@job: a dramatiq actor that carries its agency, and the delivery of published facts."""

from collections.abc import Callable
from typing import Any, TypeVar

from portal import registry
from tenants.jobs.jobs import AGENCY, declare_job

F = TypeVar("F", bound=Callable[..., None])


def job(name: str, *, every_seconds: int | None = None, **options: Any) -> Callable[[F], Any]:
    """Declare work inside one agency, named `module.verb`; keyword arguments, JSON values only.

    `.send(**kwargs)` enqueues it for the agency that is current (refused outside any), as part of the
    open transaction. It may run twice: make its effect idempotent. With `every_seconds` the scheduler
    enqueues it for every agency.
    """
    return declare_job(name, audience=AGENCY, every_seconds=every_seconds, **options)


@job("portal.deliver_fact")
def deliver_fact(*, fact: str, part: str, ids: dict[str, Any]) -> None:
    """Let one part hear one fact. One message per ear, so that one that fails does not repeat the others."""
    for key, hear in registry.hears(fact):
        if key == part:
            hear.ear(**ids)


@job("portal.overhear_fact")
def overhear_fact(*, fact: str, part: str, ids: dict[str, Any], event: str) -> None:
    """Let one part that hears every fact with a trigger hear this one."""
    for each in registry.parts():
        if each.key == part and each.overhears:
            each.overhears.ear(fact, ids, event)
