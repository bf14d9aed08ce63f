import pytest
from django.test import Client as Browser

from tenants.accounts.models import Account
from tests.cast import console_browser


@pytest.fixture
def otto(db: None, settings: object) -> Account:
    """One of us, who needs no second step here."""
    settings.OPERATORS_NEED_MFA = False  # type: ignore[attr-defined]
    return Account.objects.create_user("otto@portico.example", None, name="Otto", is_operator=True)


@pytest.fixture
def otto_browser(otto: Account) -> Browser:
    return console_browser(otto)
