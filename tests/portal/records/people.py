"""Helpers of these tests."""

from django.test import Client as Browser

from portal.people.models import Company, Staff, StaffScope
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tests.cast import PASSWORD, console_browser


def make_member(agency: CurrentAgency) -> Account:
    """Jonas, who is neither owner nor admin of Northwind."""
    from allauth.account.models import EmailAddress

    account = Account.objects.create_user("jonas@northwind.example", PASSWORD, name="Jonas Weber")
    EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    Membership.objects.create(account=account, agency=Agency.objects.get(slug=agency.slug), role=Role.MEMBER)
    with inside(agency):
        Staff.objects.create(account_id=account.pk, name="Jonas Weber", email=account.email)
    return account


def look_after(agency: CurrentAgency, account: Account, company: str) -> Browser:
    """The console of a member who sees this company only."""
    with inside(agency):
        Staff.objects.filter(account_id=account.pk).update(sees_all=False)
        staff = Staff.objects.get(account_id=account.pk)
        StaffScope.objects.create(staff=staff, company=Company.objects.get(name=company))
    return console_browser(account)
