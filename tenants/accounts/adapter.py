"""How allauth behaves here."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Staff join by sign-up or by invitation, never by allauth's own form."""

    def is_open_for_signup(self, request: object) -> bool:
        return False
