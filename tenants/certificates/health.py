"""How it goes with certificates, for operators: the CAs, what is spent of their limits, what runs out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from kit import clock
from tenants.certificates import authorities, budgets
from tenants.certificates.budgets import Used
from tenants.certificates.models import AcmeAccount, Bundle, Order, OrderState
from tenants.certificates.renewing import NOT_SERVED
from tenants.certificates.sealing import key_names

DAY = timedelta(days=1)
# A renewal that is later than this is no hiccup.
LATE = DAY
MANY_FAILURES, MUCH = 5, 0.8


@dataclass(frozen=True)
class AuthorityHealth:
    """One certificate authority; `is_used` is false for one that the settings no longer name."""

    directory: str
    is_used: bool
    is_primary: bool
    succeeded_at: datetime | None
    failed_at: datetime | None
    failures_in_row: int
    problem: str
    problem_detail: str
    open_orders: int
    budgets: list[Used]


@dataclass(frozen=True)
class Expiring:
    """How many certificates end in that time."""

    words: str
    count: int


@dataclass(frozen=True)
class Ending:
    """One certificate that ends soon, and why it has not been renewed ("" when nothing went wrong)."""

    host: str
    not_after: datetime
    renew_at: datetime
    problem: str
    problem_detail: str
    next_try_at: datetime | None


@dataclass(frozen=True)
class Health:
    """All of it. `unopened` counts private keys whose sealing key is not in CERTIFICATE_KEYS."""

    is_configured: bool
    authorities: list[AuthorityHealth]
    expiring: list[Expiring]
    soonest: list[Ending]
    late: int
    unopened: int


def summary(*, most: int = 10) -> Health:
    """What there is to know now; `most` is how many of the soonest to expire are named."""
    soonest = Bundle.objects.order_by("not_after", "host")[:most]
    return Health(
        is_configured=bool(settings.ACME_DIRECTORY),
        authorities=_authorities(),
        expiring=_expiring(),
        soonest=[_ending(bundle) for bundle in soonest],
        late=_late(),
        unopened=_unopened(),
    )


def alerts() -> list[str]:
    """What somebody has to look at, a sentence each; empty when all is well."""
    return [*_of_authorities(), *_of_bundles(), *_of_keys()]


def _authorities() -> list[AuthorityHealth]:
    used = [authority.directory for authority in authorities.in_order()]
    rows = {row.directory: row for row in AcmeAccount.objects.all()}
    found = []
    for directory in dict.fromkeys([*used, *sorted(rows)]):
        row = rows.get(directory) or AcmeAccount(directory=directory)
        found.append(
            AuthorityHealth(
                directory=directory,
                is_used=directory in used,
                is_primary=directory == settings.ACME_DIRECTORY,
                succeeded_at=row.succeeded_at,
                failed_at=row.failed_at,
                failures_in_row=row.failures_in_row,
                problem=row.problem,
                problem_detail=row.problem_detail,
                open_orders=Order.objects.filter(directory=directory, state=OrderState.OPEN).count(),
                budgets=budgets.used(directory),
            )
        )
    return found


def _expiring() -> list[Expiring]:
    now, found = clock.now(), []
    begin: datetime | None = None
    for words, end in (
        ("expired", now),
        ("within a day", now + DAY),
        ("within 3 days", now + 3 * DAY),
        ("within 7 days", now + 7 * DAY),
        ("later", None),
    ):
        bundles = Bundle.objects.filter(not_after__gt=begin) if begin else Bundle.objects.all()
        found.append(Expiring(words, (bundles.filter(not_after__lte=end) if end else bundles).count()))
        begin = end
    return found


def _ending(bundle: Bundle) -> Ending:
    return Ending(
        host=bundle.host,
        not_after=bundle.not_after,
        renew_at=bundle.renew_at,
        problem=bundle.renewal_problem,
        problem_detail=bundle.renewal_detail,
        next_try_at=bundle.renewal_next_at,
    )


def _late() -> int:
    due = Bundle.objects.exclude(directory="").exclude(renewal_problem=NOT_SERVED)
    return due.filter(renew_at__lt=clock.now() - LATE).count()


def _unopened() -> int:
    try:
        known = key_names()
    except ImproperlyConfigured:
        known = []
    return Bundle.objects.exclude(key_name__in=known).count()


def _of_authorities() -> Iterator[str]:
    for one in _authorities():
        if not one.is_used:
            continue
        if one.failures_in_row >= MANY_FAILURES:
            words = f"{one.problem}, {one.problem_detail}".rstrip(", ")
            yield f"The certificate authority {one.directory} has failed {one.failures_in_row} times: {words}"
        for spent in one.budgets:
            if spent.used >= spent.most * MUCH:
                about = f" ({spent.key})" if spent.key else ""
                yield (
                    f"At {one.directory} {spent.used} of {spent.most} {spent.words}{about} are spent:"
                    " new certificates will have to wait."
                )


def _of_bundles() -> Iterator[str]:
    served = Bundle.objects.exclude(renewal_problem=NOT_SERVED)
    now = clock.now()
    if expired := served.filter(not_after__lte=now).count():
        yield f"{expired} certificates have expired and were not renewed."
    if soon := served.filter(not_after__gt=now, not_after__lte=now + DAY).count():
        yield f"{soon} certificates expire within a day and are not renewed yet."
    if late := _late():
        yield f"{late} renewals are more than a day late: is the worker running, is the authority up?"


def _of_keys() -> Iterator[str]:
    if not settings.ACME_DIRECTORY:
        return
    try:
        key_names()
    except ImproperlyConfigured as error:
        yield str(error)
        return
    if unopened := _unopened():
        yield (
            f"{unopened} private keys are sealed by a key that CERTIFICATE_KEYS does not name any more: put it"
            " back, or have them issued anew (manage.py reissue --sealed-by NAME)."
        )
