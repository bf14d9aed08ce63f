"""The last step: an agency with its schema, its founder and its trial, or nothing at all."""

from datetime import timedelta

from django.db import IntegrityError, connection, transaction

from kit import clock
from tenants.accounts.logins import account_of_proven_address
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.models import Agency, AgencyState
from tenants.plans import Plan
from tenants.provisioning.operations import provision
from tenants.ratelimits.operations import take
from tenants.routing import hosts
from tenants.signup import queries, slugs
from tenants.signup.models import SignUp
from tenants.signup.operations import AddressTaken, TooOften

TRIAL = timedelta(days=14)
DAY = 86_400


def finish(sign_up: SignUp, *, plan: Plan) -> Agency:
    """Make the agency: schema, founder and membership in one transaction, on a trial of `plan`.

    Asked twice, at once or later, it answers with the same agency.

    Raises:
        AddressTaken: somebody was faster; nothing was made, and the sign-up asks for another address.
        TooOften: this person has made many agencies today.
    """
    try:
        with transaction.atomic():
            current = SignUp.objects.select_for_update().get(pk=sign_up.pk)
            if current.agency is None:
                _join(current, plan)
            agency = current.agency
    except AddressTaken:
        SignUp.objects.filter(pk=sign_up.pk, finished_at=None).update(slug="")
        raise
    # This process may have answered "nobody is here" for the address a moment ago.
    hosts.forget_all()
    assert agency is not None
    return agency


def _join(current: SignUp, plan: Plan) -> None:
    if take(f"start:join:{current.email}", most=10, per_seconds=DAY):
        raise TooOften("You have started many agencies today. Please try again tomorrow.")
    _refuse_taken(current)
    account, is_new = account_of_proven_address(
        current.email, name=current.name, password_hash=current.password
    )
    current.agency = _make(current, plan, account)
    Membership.objects.create(account=account, agency=current.agency, role=Role.OWNER)
    current.account, current.is_new_account = account, is_new
    current.finished_at, current.password = clock.now(), ""
    current.save()


def _refuse_taken(current: SignUp) -> None:
    # Look-alikes are not covered by the unique index: who comes second waits here, then sees the first.
    with connection.cursor() as cursor:
        key = f"address:{slugs.skeleton(current.slug)}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
    if words := queries.problem_with(current.slug):
        raise AddressTaken(words, queries.suggest(current.agency_name, current.slug))


def _make(current: SignUp, plan: Plan, account: Account) -> Agency:
    agency = Agency(
        name=current.agency_name,
        slug=current.slug,
        plan=plan,
        state=AgencyState.TRIAL,
        zone=current.zone or "UTC",
        trial_ends_at=clock.now() + TRIAL,
    )
    founder = {"account_id": account.pk, "name": account.name or current.name, "email": current.email}
    try:
        with transaction.atomic():
            provision(agency, founder)
    except IntegrityError as error:
        if "slug" not in str(error):
            raise
        words = "Somebody has just taken this address."
        raise AddressTaken(words, queries.suggest(current.agency_name, current.slug)) from error
    return agency
