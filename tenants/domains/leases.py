"""One worker at a claim at a time, without a lock across the network. A killed worker's lease runs out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from kit import clock
from tenants.domains import life
from tenants.domains.models import Domain, DomainQuerySet

# Longer than a look at DNS takes at most; longer pieces of work extend it first.
FIRST = timedelta(seconds=30)


class Lost(RuntimeError):
    """The lease ran out and is another worker's, or the claim moved meanwhile: nothing may be written."""


@dataclass
class Lease:
    """The right to work on one claim until `until`, which tells our lease from another worker's."""

    domain_id: int
    until: datetime

    def extend(self, seconds: float) -> None:
        """Have it for so long from now.

        Raises:
            Lost: it is not ours any more.
        """
        until = clock.now() + timedelta(seconds=seconds)
        if not self._ours().update(lease_until=until):
            raise Lost(f"claim {self.domain_id}")
        self.until = until

    @contextmanager
    def writing(self, state: str) -> Iterator[Domain]:
        """The claim, locked, to be changed and saved at the end of the block.

        Raises:
            Lost: the lease is not ours any more, or the claim is no longer in that state.
        """
        with transaction.atomic():
            domain = life.locked(self.domain_id)
            if domain.lease_until != self.until or domain.state != state:
                raise Lost(f"claim {self.domain_id}")
            yield domain
            domain.save()

    def give_back(self) -> None:
        """Let the next worker in; nothing if it is another's by now."""
        self._ours().update(lease_until=None)

    def _ours(self) -> "DomainQuerySet":
        return Domain.objects.filter(pk=self.domain_id, lease_until=self.until)


def take(domain_id: int) -> Lease | None:
    """A lease on a claim that nobody holds; None while somebody does."""
    now = clock.now()
    until = now + FIRST
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    taken = Domain.objects.filter(free, pk=domain_id).update(lease_until=until)
    return Lease(domain_id, until) if taken else None
