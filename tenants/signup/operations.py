"""The steps of a sign-up. Each may be repeated; none leaves anything half done."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F

from kit import clock
from kit.refused import Refused
from kit.tokens import digest, new_code, new_token, same
from tenants.accounts.logins import account_with_email
from tenants.mail.operations import write
from tenants.ratelimits.operations import take
from tenants.signup import queries
from tenants.signup.models import CODE_TRIES, SignUp

CODE_LIFETIME = timedelta(minutes=10)
KEPT = timedelta(days=7)
HOUR = 3600


class TooOften(Refused):
    """Asked more often than a person would."""


class WrongCode(Refused):
    """Not the code, or not any more."""

    field = "code"


class AddressTaken(Refused):
    """No portal can have this address; `suggestions` are free ones."""

    field = "slug"

    def __init__(self, words: str, suggestions: list[str]) -> None:
        super().__init__(words)
        self.suggestions = suggestions


def start(*, email: str, ip: str) -> tuple[SignUp, str]:
    """Begin for an address and mail it a code; the sign-up and the secret of this browser.

    Raises:
        TooOften: too many mails to this address or from this network.
    """
    _limit(f"start:ip:{ip}", most=40, words="Too many sign-ups from your network. Please try again later.")
    secret = new_token()
    with transaction.atomic():
        sign_up = SignUp.objects.create(email=email.strip().lower(), browser_hash=digest(secret))
        send_code(sign_up)
    return sign_up, secret


def send_code(sign_up: SignUp) -> None:
    """Mail a fresh code; the older one ends. The answer is the same for people whom we know already.

    Raises:
        TooOften: too many mails to this address.
    """
    words = "We have sent several codes to this address. Please wait a little before you ask for another."
    _limit(f"start:mail:{sign_up.email}", most=6, words=words)
    code = new_code()
    SignUp.objects.filter(pk=sign_up.pk).update(
        code_hash=digest(code, salt=str(sign_up.pk)),
        code_expires_at=clock.now() + CODE_LIFETIME,
        code_tries=0,
    )
    known = account_with_email(sign_up.email) is not None
    write("signup/mail/code", sign_up.email, {"code": code, "sign_up": sign_up, "known": known})


def verify(sign_up: SignUp, *, code: str, ip: str) -> tuple[SignUp, str]:
    """Take the code from the mail, on whichever device; the sign-up to go on with and the browser's new secret.

    The secret changes, so that whoever began with somebody else's address is left outside. An earlier
    sign-up of the same address that was not finished is gone on with.

    Raises:
        WrongCode: wrong, expired, used or tried too often.
        TooOften: too many tries from this network.
    """
    _limit(f"start:try:{ip}", most=60, words="Too many tries. Please wait a little.")
    _spend_try(sign_up)
    with transaction.atomic():
        current = SignUp.objects.select_for_update().get(pk=sign_up.pk)
        if not same(digest(code, salt=str(current.pk)), current.code_hash):
            raise WrongCode("This is not the code. Please look at the newest mail.")
        account = account_with_email(current.email)
        if account is not None and not account.is_active:
            raise WrongCode("This address cannot be used. Please write to us.")
        current = _earlier(current) or current
        secret = new_token()
        current.browser_hash, current.code_hash, current.verified_at = digest(secret), "", clock.now()
        current.save(update_fields=["browser_hash", "code_hash", "verified_at"])
    return current, secret


def name_agency(
    sign_up: SignUp, *, name: str, agency_name: str, slug: str, zone: str, password: str = ""
) -> None:
    """Keep what the agency is to be called. The password is for people whom we do not know yet.

    Raises:
        AddressTaken: the address cannot be had.
    """
    refuse_address(slug, agency_name)
    is_known = account_with_email(sign_up.email) is not None
    fields = {"name": name, "agency_name": agency_name, "slug": slug, "zone": zone}
    if password and not is_known:
        fields["password"] = make_password(password)
    SignUp.objects.filter(pk=sign_up.pk, finished_at=None).update(**fields)


def refuse_address(slug: str, agency_name: str) -> None:
    """Raise AddressTaken with free ones nearby, if this address cannot be had."""
    if words := queries.problem_with(slug):
        raise AddressTaken(words, queries.suggest(agency_name, slug))


def forget_old() -> int:
    """Delete sign-ups that nobody goes on with, and finished ones that are no longer asked for."""
    return int(SignUp.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0])


def _spend_try(sign_up: SignUp) -> None:
    # Counted before the comparison and in one statement: parallel guesses cannot share a try.
    spent = SignUp.objects.filter(
        pk=sign_up.pk, code_tries__lt=CODE_TRIES, code_expires_at__gt=clock.now()
    ).exclude(code_hash="")
    if not spent.update(code_tries=F("code_tries") + 1):
        raise WrongCode("This code has ended. Please ask for a new one.")


def _earlier(sign_up: SignUp) -> SignUp | None:
    """The newest unfinished sign-up of the same, already proven address; this one is then not needed."""
    before = (
        SignUp.objects.select_for_update()
        .filter(email=sign_up.email, finished_at=None, verified_at__isnull=False)
        .exclude(pk=sign_up.pk)
        .order_by("-created_at")
        .first()
    )
    if before is not None:
        sign_up.delete()
    return before


def _limit(key: str, *, most: int, words: str) -> None:
    if take(key, most=most, per_seconds=HOUR):
        raise TooOften(words)
