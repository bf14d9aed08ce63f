"""Which logins open which agencies. Called by the agency's side, in its transaction, outside its schema."""

from tenants.accounts.models import Account, Membership, Role


def grant(account: Account, *, agency_id: int, role: str) -> None:
    """Let a login open an agency's console with this role, whatever it was before."""
    Membership.objects.update_or_create(account=account, agency_id=agency_id, defaults={"role": Role(role)})


def change_role(account_id: int, *, agency_id: int, role: str) -> None:
    """Another role; nothing happens to who is no member."""
    Membership.objects.filter(account=account_id, agency=agency_id).update(role=Role(role))


def close(account_id: int, *, agency_id: int) -> None:
    """From the next request on the login does not open the agency any more. Others of its agencies stay open."""
    Membership.objects.filter(account=account_id, agency=agency_id).delete()
