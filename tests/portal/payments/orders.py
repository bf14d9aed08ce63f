"""Where looks at Stripe lead to, in every order: each state is reached in the database once, the orders walk over it.

What a look does depends on nothing but what is stored, so it is enough to write every look once from every state that
there is: seven hundred orders pass through a dozen states.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from portal.payments.models import Concern, LedgerEntry, Payment
from portal.payments.settling import write
from portal.payments.truth import Truth
from portal.people.models import Company

State = tuple[Any, ...]
MOST = 600


class Looks:
    """One payment and the looks that may come. Let the clock stand still while this is used."""

    def __init__(self, payment: Payment, looks: Sequence[Truth]) -> None:
        self.payment = payment
        self.looks = looks
        self.start = self._stored()
        self._leads_to: dict[tuple[State, int], State] = {}
        self._visit(self.start)

    @property
    def states(self) -> set[State]:
        """Every state that can be reached by any looks, however many."""
        return {self.start, *self._leads_to.values()}

    def end_of(self, order: Iterable[int]) -> State:
        """Where these looks lead to, one after the other."""
        state = self.start
        for place in order:
            state = self._leads_to[state, place]
        return state

    def ends_of_all_walks(self) -> set[State]:
        """Every state in which one can be after each look was had at least once: any order, any repetition."""
        begun = (self.start, frozenset[int]())
        found, waiting = {begun}, [begun]
        while waiting:
            state, had = waiting.pop()
            for place in range(len(self.looks)):
                after = (self._leads_to[state, place], had | {place})
                if after not in found:
                    found.add(after)
                    waiting.append(after)
        return {state for state, had in found if len(had) == len(self.looks)}

    def written(self, order: Iterable[int]) -> State:
        """The same as `end_of`, written to the database look by look, and taken back."""
        with transaction.atomic():
            for place in order:
                write(self.payment, self.looks[place])
            state = self._stored()
            transaction.set_rollback(True)
        return state

    def _visit(self, state: State) -> None:
        assert len(self._leads_to) < MOST, "looks that were had before lead to ever new states"
        for place, look in enumerate(self.looks):
            with transaction.atomic():
                write(self.payment, look)
                after = self._stored()
                is_new = after not in self.states
                self._leads_to[state, place] = after
                if is_new:
                    self._visit(after)
                transaction.set_rollback(True)

    def _stored(self) -> State:
        """Every column of every row that settling reads or writes; ids of rows apart, their order kept."""
        bill = int(self.payment.payable.rpartition(":")[2])
        about = {"payable": self.payment.payable}
        return (
            _rows(Payment.objects.filter(pk=self.payment.pk)),
            _rows(LedgerEntry.objects.filter(**about)),
            _rows(Concern.objects.filter(**about)),
            _rows(Company.objects.filter(pk=bill)),
        )


def _rows(found: Any) -> State:
    names = [field.attname for field in found.model._meta.concrete_fields if not field.primary_key]
    # JSON columns are lists.
    return tuple(tuple(map(repr, row)) for row in found.order_by("pk").values_list(*names))
