"""A certificate for one name: asked for once, finished by whoever comes next should we be killed.

The order's row, with its sealed key, is written before the CA hears of it, and its URL as soon as the CA has
answered. No transaction is open while the CA is asked.
"""

from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from kit import clock
from kit.locks import Busy, alone
from tenants.certificates import accounts, authorities, budgets, bundles, ordering
from tenants.certificates.accounts import SignedIn
from tenants.certificates.answers import Problem
from tenants.certificates.authorities import Authority
from tenants.certificates.models import Bundle, Challenge, Order, OrderState
from tenants.certificates.ordering import Invalid, Stale
from tenants.certificates.sealing import SealBroken, seal
from tenants.certificates.verdicts import LATER, SOON, Postponed, Rejected, verdict

__all__ = ["Postponed", "Rejected", "issue"]

WAIT_SECONDS = 40
# One that the CA has lost or let run out, then one at each CA.
MOST_ORDERS = 3


def issue(host: str, *, replaces: str = "") -> Bundle:
    """The bundle that edges serve for `host`, ordered at a CA if the one we have is due or there is none.

    `replaces` is the `certificate_id` of the certificate that is renewed (RFC 9773 §5): that one does not
    count as one we have. Takes up to two minutes; call it outside any transaction. After a kill at
    any point the next call goes on with the same order.

    Raises:
        Postponed: a limit (ours or the CA's), a CA that is down or slow, no CA configured.
        Rejected: the CA said no to this name.
    """
    try:
        with alone(f"issue {host}", seconds=WAIT_SECONDS):
            return _good(host, replaces) or _issue(host, replaces)
    except Busy:
        raise Postponed(SOON, "busy", "another worker is at this name") from None
    except (ImproperlyConfigured, SealBroken) as error:
        raise Postponed(LATER, "configuration", str(error)) from None


def _good(host: str, replaces: str) -> Bundle | None:
    """What another worker has stored while we waited, or one that was killed right after."""
    bundle = Bundle.objects.filter(host=host, renew_at__gt=clock.now()).first()
    return bundle if bundle and (not replaces or bundle.certificate_id != replaces) else None


def _issue(host: str, replaces: str) -> Bundle:
    refused: list[Postponed] = []
    without: set[str] = set()
    for _ in range(MOST_ORDERS):
        begun = _open(host)
        order = begun or _start(host, replaces, without, refused)
        try:
            return _pursue(order, is_new=begun is None)
        except Stale as stale:
            _end(order, "stale", str(stale))
        except Postponed as postponed:
            if _is_open(order):
                raise
            # Refused before there was an order: another CA may give one.
            refused.append(postponed)
            without.add(order.directory)
    raise refused[0] if refused else Postponed(SOON, "stale", "the CA gives its orders up at once")


def _open(host: str) -> Order | None:
    """The order that somebody else began, if we still use its CA and can read its key."""
    order = Order.objects.filter(host=host, state=OrderState.OPEN).first()
    if order is None:
        return None
    try:
        ordering.key_of(order)
    except SealBroken:
        _end(order, "sealing", "its key cannot be opened")
        return None
    if authorities.named(order.directory) is None:
        _end(order, "superseded", "this installation no longer uses its CA")
        return None
    return order


def _start(host: str, replaces: str, without: set[str], refused: list[Postponed]) -> Order:
    """A new order at the first CA that answers and whose limits allow it."""
    for authority in authorities.in_order():
        if authority.directory in without:
            continue
        try:
            knows_renewals = bool(_signed_in(authority).directory.get("renewalInfo"))
            return _written(authority, host, replaces if knows_renewals else "")
        except Postponed as postponed:
            refused.append(postponed)
    if not refused:
        raise Postponed(LATER, "notConfigured", "this installation has no certificate authority")
    raise min(refused, key=lambda one: one.seconds)


@transaction.atomic
def _written(authority: Authority, host: str, replaces: str) -> Order:
    """The row of an order within our limits. A renewal that the CA knows as one counts in none of them."""
    is_theirs = Bundle.objects.filter(
        host=host, directory=authority.directory, certificate_id=replaces
    ).exists()
    renews = replaces if replaces and is_theirs else ""
    if not renews:
        _spend(authority.directory, host)
    sealed = seal(host, accounts.pem_of_key(ec.generate_private_key(ec.SECP256R1())))
    return Order.objects.create(
        host=host,
        directory=authority.directory,
        sealed_key=sealed.blob,
        key_name=sealed.key_name,
        replaces=renews,
        profile=authority.profile,
    )


def _spend(directory: str, host: str) -> None:
    if wait := budgets.take(directory, host):
        words = "as many certificates as the CA allows have been ordered lately"
        raise Postponed(wait, "rateLimited", words)


def _pursue(order: Order, *, is_new: bool) -> Bundle:
    authority = authorities.named(order.directory)
    assert authority is not None
    ca = _signed_in(authority)
    try:
        if not order.url:
            # A row that another worker wrote may have been on its way when that one was killed.
            url = "" if is_new else ordering.find_lost(ca, order.host)
            order.url = url or _placed(ca, order)
            Order.objects.filter(pk=order.pk).update(url=order.url)
        return _keep(order, ordering.fulfil(ca, order))
    except Problem as problem:
        was_refused = not order.url and 400 <= problem.status < 500
        raise _concluded(order, verdict(problem), is_over=was_refused) from None
    except Invalid as invalid:
        raise _concluded(order, invalid.said, is_over=True) from None
    except (Postponed, Rejected) as said:
        raise _concluded(order, said) from None


def _placed(ca: SignedIn, order: Order) -> str:
    try:
        return ordering.place(ca, order)
    except Problem as problem:
        if not order.replaces or problem.status not in (400, 404, 409):
            raise
    # It was renewed before, or the CA does not know it: then it is an order like any other.
    with transaction.atomic():
        _spend(order.directory, order.host)
        Order.objects.filter(pk=order.pk).update(replaces="")
    order.replaces = ""
    return ordering.place(ca, order)


def _keep(order: Order, chain: bytes) -> Bundle:
    try:
        with transaction.atomic():
            row = Order.objects.select_for_update().filter(pk=order.pk, state=OrderState.OPEN).first()
            if row is None:
                raise Rejected("forgotten", "the name was removed meanwhile")
            bundle = bundles.store(order.host, chain, ordering.key_of(row), directory=order.directory)
            _end(row, "", "", OrderState.DONE)
    except bundles.BadBundle as error:
        raise Invalid(Postponed(LATER, "nonsense", str(error))) from None
    accounts.note_success(order.directory)
    return bundle


def _concluded(order: Order, said: Postponed | Rejected, *, is_over: bool = False) -> Postponed | Rejected:
    """Write down how it went. An order without an answer stays open: the next call goes on with it."""
    if isinstance(said, Rejected):
        accounts.note_answer(order.directory)
    else:
        accounts.note_failure(order.directory, said.code, said.detail)
    if is_over or isinstance(said, Rejected):
        _end(order, said.code, said.detail)
    else:
        Order.objects.filter(pk=order.pk).update(problem=said.code, problem_detail=said.detail)
    return said


def _signed_in(authority: Authority) -> SignedIn:
    try:
        return accounts.signed_in(authority)
    except (Problem, Busy) as error:
        problem = error if isinstance(error, Problem) else Problem("timeout", "the account is being made")
    said = verdict(problem)
    if isinstance(said, Rejected):
        # It is our account that it refuses, not a name.
        said = Postponed(LATER, said.code, said.detail)
    accounts.note_failure(authority.directory, said.code, said.detail)
    raise said


def _end(order: Order, code: str, detail: str, state: OrderState = OrderState.FAILED) -> None:
    """The order is over, and its key is nowhere but in the bundle."""
    with transaction.atomic():
        Order.objects.filter(pk=order.pk, state=OrderState.OPEN).update(
            state=state, problem=code, problem_detail=detail, sealed_key=b"", ended_at=clock.now()
        )
        Challenge.objects.filter(host=order.host).delete()


def _is_open(order: Order) -> bool:
    return Order.objects.filter(pk=order.pk, state=OrderState.OPEN).exists()
