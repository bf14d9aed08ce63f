"""Sending an offer to somebody; by invitation only means: nobody else."""

import pytest

from kit.refused import Refused
from modules.subscriptions import operations
from modules.subscriptions.models import Offer, OfferInvitation, Subscription
from portal.mail.models import Message
from portal.people.models import Client, Invitation, Staff
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser, portal_browser
from tests.modules.subscriptions.scene import Till, make_offer


@pytest.fixture
def circle(northwind: CurrentAgency) -> Offer:
    """Free, by invitation only."""
    with inside(northwind):
        return make_offer(name="Circle", kind="free", minor=0, currency="", is_invited_only=True)


def test_only_who_is_invited_sees_and_buys_it(
    northwind: CurrentAgency, alice_staff: Staff, circle: Offer, tom: Client, charlie: Client
) -> None:
    at = f"/subscriptions/offers/{circle.slug}/"
    with inside(northwind):
        operations.send_offer(circle, client=tom, by=alice_staff)
    assert portal_browser(northwind, charlie).get(at).status_code == 404
    assert portal_browser(northwind, charlie).post(at, {"owner": "me"}).status_code == 404
    assert "Circle" not in portal_browser(northwind, charlie).get("/subscriptions/").content.decode()
    with inside(northwind), pytest.raises(operations.NotOffered):
        operations.begin(circle, client=charlie, company=None)
    browser = portal_browser(northwind, tom)
    assert "Circle" in browser.get("/subscriptions/").content.decode()
    assert browser.post(at, {"owner": "me"}).status_code == 302
    with inside(northwind):
        assert Subscription.objects.get().buyer == tom


def test_taken_back_it_is_closed_again(
    northwind: CurrentAgency, alice: Account, alice_staff: Staff, circle: Offer, tom: Client
) -> None:
    with inside(northwind):
        made = operations.send_offer(circle, client=tom, by=alice_staff)
    at = f"/northwind/subscriptions/offers/{circle.pk}/invitations/"
    assert "Take back" in console_browser(alice).get(at).content.decode()
    console_browser(alice).post(f"{at}{made.pk}/removal/")
    at = f"/subscriptions/offers/{circle.slug}/"
    assert portal_browser(northwind, tom).get(at).status_code == 404


def test_a_client_who_was_here_gets_a_mail_and_one_who_was_not_the_invitation(
    northwind: CurrentAgency, alice: Account, circle: Offer, tom: Client, charlie: Client
) -> None:
    at = f"/northwind/subscriptions/offers/{circle.pk}/invitations/"
    browser = console_browser(alice)
    portal_browser(northwind, tom).get("/")
    for client in (tom, charlie):
        assert browser.post(at, {"client": client.pk}).status_code == 302
    with inside(northwind):
        tom.refresh_from_db()
        assert tom.last_seen_at is not None
        assert Message.objects.get(email="subscriptions.invited").client == tom
        invitation = Invitation.objects.get()
        assert invitation.client == charlie
        assert invitation.next_path == f"/subscriptions/offers/{circle.slug}/"
    again = browser.post(at, {"client": tom.pk})
    assert again.status_code == 422 and b"a moment ago" in again.content


def test_somebody_new_becomes_a_client_and_lands_on_the_offer(
    northwind: CurrentAgency, alice: Account, circle: Offer
) -> None:
    at = f"/northwind/subscriptions/offers/{circle.pk}/invitations/"
    response = console_browser(alice).post(at, {"name": "Nina Neu", "email": "nina@new.example"})
    assert response.status_code == 302
    with inside(northwind):
        nina = Client.objects.get(email="nina@new.example")
        assert Invitation.objects.get().next_path == f"/subscriptions/offers/{circle.slug}/"
        assert Offer.objects.open_to(nina).filter(pk=circle.pk).exists()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"client": "0"}, "client"),
        ({"name": "", "email": "nina@new.example"}, "name"),
        ({"name": "Nina", "email": ""}, "email"),
        ({"name": "Nina", "email": "nina"}, "email"),
    ],
)
def test_who_cannot_be_written_to_is_said_at_the_field(
    northwind: CurrentAgency, alice: Account, circle: Offer, sent: dict[str, str], field: str
) -> None:
    at = f"/northwind/subscriptions/offers/{circle.pk}/invitations/"
    response = console_browser(alice).post(at, sent)
    assert response.status_code == 422 and field in response.context["form"].errors
    with inside(northwind):
        assert not OfferInvitation.objects.exists() and not Message.objects.exists()


def test_what_is_not_on_sale_is_not_sent(
    northwind: CurrentAgency, alice_staff: Staff, circle: Offer, tom: Client
) -> None:
    with inside(northwind):
        operations.archive_offer(circle, by=None)
        with pytest.raises(Refused):
            operations.send_offer(circle, client=tom, by=alice_staff)
        assert not OfferInvitation.objects.exists()


def test_an_invitation_gives_nothing_at_another_agency(
    northwind: CurrentAgency,
    harbour: CurrentAgency,
    alice_staff: Staff,
    circle: Offer,
    tom: Client,
    ines: Client,
) -> None:
    with inside(northwind):
        operations.send_offer(circle, client=tom, by=alice_staff)
    with inside(harbour):
        make_offer(name="Theirs", kind="free", minor=0, currency="", is_invited_only=True, slug="circle")
    assert portal_browser(harbour, ines).get("/subscriptions/offers/circle/").status_code == 404


def test_a_plan_by_invitation_only_is_no_plan_for_others(
    till: Till, alice_staff: Staff, care: Offer, plus: Offer, tom: Client
) -> None:
    from modules.subscriptions.queries import plans_for

    with inside(till.agency):
        operations.edit_offer(plus, by=None, is_invited_only=True)
        bought = till.buy(care, tom)
        assert plans_for(bought) == []
        operations.send_offer(plus, client=tom, by=alice_staff)
        assert [row.offer for row in plans_for(bought)] == [plus]


def test_what_was_chosen_and_not_paid_is_refused_once_it_is_taken_back(
    till: Till, alice_staff: Staff, tom: Client
) -> None:
    with inside(till.agency):
        for kind in ("one_time", "recurring"):
            offer = make_offer(name=kind, kind=kind, is_invited_only=True)
            made = operations.send_offer(offer, client=tom, by=alice_staff)
            bought = operations.begin(offer, client=tom, company=None)
            operations.take_back_offer(made, by=alice_staff)
            with pytest.raises(operations.NotOffered):
                if kind == "recurring":
                    operations.open_checkout(bought)
                else:
                    operations.pay_once(bought, client=tom)
