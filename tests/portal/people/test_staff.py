"""Staff as an agency's schema knows them."""

from portal.people.models import Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser


def test_a_changed_login_is_known_in_the_agency_at_the_next_page(
    northwind: CurrentAgency, alice: Account, alice_staff: Staff
) -> None:
    alice.email = "alice@new.example"
    alice.save(update_fields=["email"])
    assert console_browser(alice).get("/northwind/").status_code == 200
    with inside(northwind):
        assert Staff.objects.get(pk=alice_staff.pk).email == "alice@new.example"


def test_a_login_of_another_agency_changes_nobody(northwind: CurrentAgency, hugo: Account) -> None:
    assert console_browser(hugo).get("/northwind/").status_code == 404
    with inside(northwind):
        assert not Staff.objects.filter(email=hugo.email).exists()
