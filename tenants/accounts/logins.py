"""Finding and making logins."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import connection, transaction

from tenants.accounts.models import Account


def account_with_email(email: str) -> Account | None:
    """The login that this address belongs to: as its own, or as a further one that was confirmed."""
    address = email.strip().lower()
    found = Account.objects.filter(email__iexact=address).first()
    if found is None:
        other = (
            EmailAddress.objects.filter(email__iexact=address, verified=True).select_related("user").first()
        )
        found = other.user if other else None
    return found


def has_second_factor(account: Account) -> bool:
    """Whether signing in asks this person for more than the first thing."""
    return bool(
        Authenticator.objects.filter(user=account).exclude(type=Authenticator.Type.RECOVERY_CODES).exists()
    )


@transaction.atomic
def account_of_proven_address(email: str, *, name: str, password_hash: str = "") -> tuple[Account, bool]:
    """The login of somebody who has shown that the address is theirs, made if need be; and whether it is new.

    A known login keeps its name and password. Two at once get the same one.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"account:{email.lower()}"])
    account, is_new = account_with_email(email), False
    if account is None:
        account, is_new = Account.objects.create_user(email, name=name), True
        if password_hash:
            account.password = password_hash
            account.save(update_fields=["password"])
    elif not account.name and name:
        account.name = name
        account.save(update_fields=["name"])
    _confirm(account, email.lower())
    return account, is_new


def _confirm(account: Account, email: str) -> None:
    address, _ = EmailAddress.objects.get_or_create(user=account, email=email)
    address.verified = True
    address.primary = address.primary or not EmailAddress.objects.filter(user=account, primary=True).exists()
    address.save()
