"""Asking people to join the agency: invited by mail, let in once, at the address that was asked."""

from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils.formats import date_format

from kit import clock
from kit.tokens import digest, new_code, same
from portal.audit.operations import record
from portal.events import publish
from portal.http import Request
from portal.mail.operations import queue_mail
from portal.people import roles
from portal.people.models import Staff, StaffInvitation
from portal.people.refusals import AlreadyStaff, LinkUnusable, StaffLimitReached, TooOften, WrongCode
from tenants.accounts import memberships
from tenants.accounts.logins import account_of_proven_address, account_with_email
from tenants.accounts.models import Account
from tenants.agencies.current import current_agency, outside_agencies
from tenants.plans import limits
from tenants.ratelimits.operations import take

VALID_FOR = timedelta(days=7)
CODE_FOR = timedelta(minutes=10)
CODE_TRIES = 5
MOST_PER_HOUR = 30


@transaction.atomic
def invite_staff(
    *,
    email: str,
    role: str,
    by: Staff,
    sees_all: bool = True,
    company_ids: Sequence[int] = (),
    client_ids: Sequence[int] = (),
    request: Request | None = None,
) -> StaffInvitation:
    """Ask somebody to join; it keeps a place of the plan until it is answered, revoked or too old.

    Args:
        company_ids: with `client_ids` whom a member sees who does not see everybody.

    Raises:
        NotAllowed: `by` may not make somebody of this role.
        AlreadyStaff: the address is of staff, or an invitation to it is open.
        StaffLimitReached: the plan's number of people is used up, open invitations included.
        TooOften: many invitations went out within the hour.
    """
    roles.need_may_make(by, role)
    address = email.strip().lower()
    need_room()
    if Staff.objects.filter(is_active=True, email__iexact=address).exists():
        raise AlreadyStaff("Somebody of your team has this address already.", field="email")
    before = StaffInvitation.objects.filter(email__iexact=address)
    if before.open().exists():
        raise AlreadyStaff("An invitation to this address is open. You can send it again.", field="email")
    _take_from_limit()
    before.filter(accepted_at__isnull=True, revoked_at__isnull=True).update(revoked_at=clock.now())
    scope = {"company_ids": list(company_ids), "client_ids": list(client_ids)} if not sees_all else {}
    made = StaffInvitation.objects.create(
        email=address, role=role, sees_all=sees_all, sent_by=by, expires_at=clock.now() + VALID_FOR, **scope
    )
    _mail(made, by)
    summary = f"{address} asked to join as {made.get_role_display()}"
    record("people.staff_invited", made, by=by, summary=summary, request=request)
    return made


@transaction.atomic
def resend(invitation: StaffInvitation, *, by: Staff, request: Request | None = None) -> None:
    """Mail a new link that works as long as a new one; the earlier link ends when it leaves.

    Raises:
        NotAllowed: `by` may not make somebody of this role.
        LinkUnusable: it was answered or revoked meanwhile.
        StaffLimitReached: it had ended, and its place is taken.
        TooOften: many invitations went out within the hour.
    """
    roles.need_may_make(by, invitation.role)
    locked = StaffInvitation.objects.select_for_update().get(pk=invitation.pk)
    if locked.accepted_at or locked.revoked_at:
        raise LinkUnusable("This invitation is not open any more.")
    need_room(but=locked)
    _take_from_limit()
    locked.expires_at, locked.sent_at, locked.token_hash = clock.now() + VALID_FOR, None, ""
    locked.save(update_fields=["expires_at", "sent_at", "token_hash"])
    _mail(locked, by)
    record(
        "people.staff_invited", locked, by=by, summary=f"{locked.email} asked to join again", request=request
    )


@transaction.atomic
def revoke(invitation: StaffInvitation, *, by: Staff, request: Request | None = None) -> bool:
    """Kill an invitation that nobody has answered; False if there was nothing open any more.

    Raises:
        NotAllowed: `by` may not make somebody of this role.
    """
    roles.need_may_make(by, invitation.role)
    waiting = StaffInvitation.objects.filter(
        pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True
    )
    if not waiting.update(revoked_at=clock.now()):
        return False
    summary = f"Invitation of {invitation.email} revoked"
    record("people.staff_invitation_revoked", invitation, by=by, summary=summary, request=request)
    return True


def revoke_all_by(staff: Staff) -> None:
    """Whoever leaves lets nobody in afterwards."""
    StaffInvitation.objects.filter(sent_by=staff, accepted_at__isnull=True, revoked_at__isnull=True).update(
        revoked_at=clock.now()
    )


def find(token: str) -> StaffInvitation | None:
    """The invitation behind a link that would let somebody in now."""
    found: QuerySet[StaffInvitation] = StaffInvitation.objects.open().select_related("sent_by")
    return found.filter(token_hash=digest(token)).first() if token else None


def is_proven(invitation: StaffInvitation, account: Account) -> bool:
    """Whether this login has shown that the invited mailbox is its own."""
    with outside_agencies():
        known = account_with_email(invitation.email)
    return known is not None and known.pk == account.pk


def accept(token: str, account: Account, *, code: str = "", request: Request | None = None) -> Staff:
    """Let a login in that owns the invited address, or has the code that was mailed there.

    Raises:
        LinkUnusable: answered, revoked or too old, or the address is another login's.
        WrongCode: the code is not the one, has ended or was tried too often.
        StaffLimitReached: a smaller plan was chosen meanwhile.
    """
    found = find(token)
    if found is None or not account.is_active:
        raise LinkUnusable("This invitation no longer works.")
    if code:
        _spend_try(found)
    with transaction.atomic():
        invitation = StaffInvitation.objects.open().select_for_update().filter(pk=found.pk).first()
        if invitation is None or invitation.token_hash != digest(token):
            raise LinkUnusable("This invitation no longer works.")
        if not is_proven(invitation, account) and not _has_code(invitation, account, code):
            raise WrongCode("This is not the code. Look at the newest mail.", field="code")
        need_room(but=invitation)
        staff = _let_in(invitation, account)
        invitation.accepted_at, invitation.accepted_by = clock.now(), staff
        invitation.code_hash = ""
        invitation.save(update_fields=["accepted_at", "accepted_by", "code_hash"])
        summary = f"{staff} joined as {staff.get_role_display()}"
        record("people.staff_joined", staff, by=staff, summary=summary, request=request)
        publish("people.staff_joined", staff_id=staff.pk)
    return staff


def make_login(token: str, *, name: str, password: str) -> Account | None:
    """A login for the invited address, whose mailbox the link came through; None if it has one meanwhile.

    Raises:
        LinkUnusable: answered, revoked or too old.
    """
    invitation = find(token)
    if invitation is None:
        raise LinkUnusable("This invitation no longer works.")
    with outside_agencies():
        account, is_new = account_of_proven_address(
            invitation.email, name=name, password_hash=make_password(password)
        )
    return account if is_new else None


@transaction.atomic
def send_code(token: str, account: Account) -> None:
    """Mail a code to the invited address, for a login with another one. An earlier code ends.

    Raises:
        LinkUnusable: answered, revoked or too old.
        TooOften: several codes went out already.
    """
    invitation = find(token)
    if invitation is None:
        raise LinkUnusable("This invitation no longer works.")
    if take(f"join:{current_agency().schema_name}:{invitation.pk}", most=5, per_seconds=3600):
        raise TooOften("We have sent several codes. Please wait a little before you ask for another.", 3600)
    StaffInvitation.objects.filter(pk=invitation.pk).update(
        code_account_id=account.pk, code_hash="", code_tries=0, code_expires_at=clock.now() + CODE_FOR
    )
    words = {"invitation_id": invitation.pk, "login": account.email}
    queue_mail("people.staff_code", None, words=words, address=invitation.email)


def new_code_of(invitation: StaffInvitation) -> str:
    """The code for the mail that is leaving now; only its hash is kept."""
    code = new_code()
    StaffInvitation.objects.filter(pk=invitation.pk).update(code_hash=digest(code, salt=str(invitation.pk)))
    return code


def need_room(*, but: StaffInvitation | None = None) -> None:
    """Keep the plan's limit until the end of the transaction, open invitations counted in.

    Raises:
        StaffLimitReached: all places are taken.
    """
    agency = current_agency()
    most = limits(agency.plan).staff
    with connection.cursor() as cursor:
        # Two at once would both see the last free place, or both ask the same person.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('staff'))")
    if most is None:
        return
    waiting = StaffInvitation.objects.open()
    if but is not None:
        waiting = waiting.exclude(pk=but.pk)
    if Staff.objects.filter(is_active=True).count() + waiting.count() >= most:
        raise StaffLimitReached(
            f"Your plan {agency.plan.label} has room for {most} people of your agency, and all places are taken,"
            " open invitations counted in. Remove somebody, revoke an invitation or choose a larger plan."
        )


def _let_in(invitation: StaffInvitation, account: Account) -> Staff:
    staff, is_new = Staff.objects.select_for_update().get_or_create(
        account_id=account.pk, defaults={"name": account.name or account.email, "email": account.email}
    )
    if is_new or not staff.is_active:
        staff.role, staff.sees_all = invitation.role, invitation.sees_all
        staff.is_active, staff.left_at = True, None
        staff.save(update_fields=["role", "sees_all", "is_active", "left_at"])
        roles.choose_scope(staff, company_ids=invitation.company_ids, client_ids=invitation.client_ids)
    agency_id = current_agency().id
    with outside_agencies():
        memberships.grant(account, agency_id=agency_id, role=staff.role)
    return staff


def _spend_try(invitation: StaffInvitation) -> None:
    # Before the comparison and for good, whatever comes after: guesses cannot share a try.
    spent = StaffInvitation.objects.filter(
        pk=invitation.pk, code_tries__lt=CODE_TRIES, code_expires_at__gt=clock.now()
    ).exclude(code_hash="")
    if not spent.update(code_tries=F("code_tries") + 1):
        raise WrongCode("This code has ended. Ask for a new one.", field="code")


def _has_code(invitation: StaffInvitation, account: Account, code: str) -> bool:
    return (
        bool(code and invitation.code_hash)
        and invitation.code_account_id == account.pk
        and same(digest(code, salt=str(invitation.pk)), invitation.code_hash)
    )


def _mail(invitation: StaffInvitation, by: Staff) -> None:
    expires = invitation.expires_at.astimezone(current_agency().tzinfo).date()
    words = {
        "invitation_id": invitation.pk,
        "inviter": str(by),
        "role": invitation.get_role_display(),
        "address": invitation.email,
        "expires": date_format(expires, "j F Y"),
    }
    queue_mail("people.staff_invitation", None, words=words, address=invitation.email)


def _take_from_limit() -> None:
    if take(f"staff-invite:{current_agency().schema_name}", most=MOST_PER_HOUR, per_seconds=3600):
        raise TooOften("Many invitations went out within an hour. Please try again later.", 3600)
