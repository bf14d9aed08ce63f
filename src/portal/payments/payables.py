"""What can be paid for: modules register it, payments know it by a word, "invoices.invoice:17"."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from portal.payments.models import LedgerEntry, Payment
from portal.people.models import Client

_kinds: dict[str, "Payable"] = {}
Kind = TypeVar("Kind", bound=type["Payable"])


class UnknownPayable(LookupError):
    """No module registered this kind, or there is no such row."""


class Payable(Protocol):
    """What a module says about its own thing. Inherit from it: the last three have defaults."""

    def lock(self, pk: int) -> Any:
        """The row, locked with SELECT … FOR UPDATE. May raise its model's DoesNotExist."""

    def recompute(self, row: Any, entries: list[LedgerEntry]) -> None:
        """Set the state from the sums of all its entries, save, publish facts. Under the lock, in the
        transaction that wrote the entries; may be called any number of times with the same entries."""

    def title(self, row: Any) -> str:
        """Its name for clients and staff, e.g. Invoice 2026-17."""

    def url(self, row: Any) -> str:
        """Its path on the portal."""

    def may_pay(self, row: Any, client: Client) -> bool:
        """Whether this client sees it and may pay it."""

    def excess(self, row: Any, entries: list[LedgerEntry]) -> int:
        """By how much more was paid than is due, minor units; 0 if not. Asked after `recompute`."""
        return 0

    def most(self, row: Any) -> int | None:
        """The most that is to be paid now, minor units; None: no limit is known. Asked under the lock, before
        anything is charged without the client there and before an attempt is begun anew."""
        return None

    def failed(self, row: Any, payment: Payment) -> None:
        """A payment has just failed (once each); `payment.reason` says why. Under the lock."""


@dataclass(frozen=True)
class Found:
    """A kind of thing and the id of one of them."""

    kind: Payable
    pk: int


def is_anything_sold() -> bool:
    """Whether there is a kind of thing to pay for at all: without one, staff are shown no payments."""
    return bool(_kinds)


def payable(kind: str) -> Callable[[Kind], Kind]:
    """Register a class for things called `kind`, e.g. "invoices.invoice"; call it in AppConfig.ready."""

    def register(cls: Kind) -> Kind:
        _kinds[kind] = cls()
        return cls

    return register


def find(word: str) -> Found:
    """What "invoices.invoice:17" stands for.

    Raises:
        UnknownPayable: no module registered it, or the id is none.
    """
    kind, _, pk = word.rpartition(":")
    if kind not in _kinds or not (pk.isascii() and pk.isdigit()):
        raise UnknownPayable(word)
    return Found(_kinds[kind], int(pk))


def word_of(kind: str, pk: int) -> str:
    """The word under which one thing is known here."""
    return f"{kind}:{pk}"
