"""From the platform's host, where somebody signed up, to the console's host, where staff are signed in.

The browser is given a secret by the console's host first (a cookie), comes back with its hash, gets a code,
and returns it by POST. The code alone is worth nothing in another browser.
"""

from datetime import timedelta

from kit import clock
from kit.tokens import digest, new_token
from tenants.accounts.logins import has_second_factor
from tenants.accounts.models import Account, HandOver

LIFETIME = timedelta(seconds=60)


def may_be_handed_over(account: Account) -> bool:
    """A proven address stands for the first factor only; who has a second one signs in as always."""
    return account.is_active and not has_second_factor(account)


def offer(account: Account, *, state_hash: str, path: str) -> str:
    """A code for this account in the browser that holds the secret behind `state_hash`; older ones end."""
    HandOver.objects.filter(account=account, used_at=None).delete()
    code = new_token()
    HandOver.objects.create(
        account=account,
        code_hash=digest(code),
        state_hash=state_hash,
        path=path,
        expires_at=clock.now() + LIFETIME,
    )
    return code


def redeem(code: str, *, secret: str) -> HandOver | None:
    """The hand-over that this code stands for, once; None if it is used, expired or of another browser."""
    mine = HandOver.objects.filter(
        code_hash=digest(code), state_hash=digest(secret), used_at=None, expires_at__gt=clock.now()
    )
    if not mine.update(used_at=clock.now()):
        return None
    return HandOver.objects.select_related("account").get(code_hash=digest(code))
