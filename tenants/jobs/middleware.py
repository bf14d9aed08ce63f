"""Jobs carry their agency: stamped on enqueue, opened around the run, refused without one."""

from collections.abc import Mapping
from contextlib import ExitStack
from contextvars import ContextVar
from threading import local
from types import MappingProxyType
from typing import Any

from dramatiq import Broker, Message, MessageProxy
from dramatiq.middleware import Middleware, MiddlewareError, SkipMessage

from tenants.agencies.current import CurrentAgency, connection, inside, leave_agency
from tenants.routing import hosts

AGENCY = "agency"
PUBLIC = "public"
BEHIND_DELAY_MS = 60_000
# What jobs hand on to the jobs that they enqueue, however far: e.g. which workflows brought this about.
_NOTHING: Mapping[str, Any] = MappingProxyType({})
carried: ContextVar[Mapping[str, Any]] = ContextVar("carried", default=_NOTHING)


class JobRefused(MiddlewareError):
    """A job of an agency was enqueued outside any. (dramatiq lets only MiddlewareError through.)"""


class AgencyMiddleware(Middleware):
    """Every actor declares `audience`: "agency" (the default) or "public"."""

    actor_options = {"audience"}

    def __init__(self) -> None:
        self._threads = local()

    def before_enqueue(self, broker: Broker, message: Message[Any], delay: int | None) -> None:
        if carried.get() and "carried" not in message.options:
            message.options["carried"] = dict(carried.get())
        if _audience(broker, message) == PUBLIC or "agency_id" in message.options:
            return
        if not isinstance(connection.tenant, CurrentAgency):
            raise JobRefused(f"{message.actor_name} was enqueued outside any agency")
        message.options["agency_id"] = connection.tenant.id

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:
        leave_agency()
        carried.set(message.options.get("carried") or _NOTHING)
        self._threads.open = ExitStack()
        if _audience(broker, message) == PUBLIC:
            return
        agency = hosts.by_id(message.options.get("agency_id") or 0)
        if agency is None:
            # fail() sends it to the dead letters, where an operator sees it; a retry would not help.
            message.fail()
            raise SkipMessage(f"{message.actor_name}: no agency {message.options.get('agency_id')!r}")
        if agency.is_behind:
            # Its schema is older than this code. Not a failed try: the job waits, however long it takes.
            broker.enqueue(message.copy(), delay=BEHIND_DELAY_MS)
            raise SkipMessage(f"{message.actor_name}: {agency.slug} waits for its migrations")
        self._threads.open.enter_context(inside(agency))

    def after_process_message(
        self,
        broker: Broker,
        message: MessageProxy,
        *,
        result: Any = None,
        exception: BaseException | None = None,
    ) -> None:
        self._close()

    def after_skip_message(self, broker: Broker, message: MessageProxy) -> None:
        self._close()

    def _close(self) -> None:
        if stack := getattr(self._threads, "open", None):
            stack.close()
        carried.set(_NOTHING)
        leave_agency()


def _audience(broker: Broker, message: Message[Any] | MessageProxy) -> str:
    return str(broker.get_actor(message.actor_name).options.get("audience", AGENCY))
