"""settle(): fetch what Stripe has, write what is missing."""

from uuid import UUID

from portal.payments.models import Payment


def settle(payment_uid: UUID | str) -> Payment:
    raise NotImplementedError
