"""A card that a running subscription is paid with stays among the payment methods."""

import pytest

from modules.subscriptions.models import Offer, Subscription
from portal.payments import methods
from portal.payments.queries import saved_methods
from portal.people.models import Client
from tenants.agencies.current import inside
from tests.modules.subscriptions.scene import Till


def test_the_card_of_a_subscription_is_listed_and_cannot_be_removed(
    till: Till, care: Offer, maria: Client
) -> None:
    with inside(till.agency):
        company = maria.companies.get()
        bought = till.buy(care, maria, company=company)
    till.hear()
    with inside(till.agency):
        [card] = saved_methods(company)
        assert card.label == "Visa ending in 4242"
        with pytest.raises(methods.ReliedOn) as refused:
            methods.remove(card)
        assert "Care is paid with it" in refused.value.words
        Subscription.objects.filter(pk=bought.pk).update(state="canceled")
        methods.remove(card)
        assert saved_methods(company) == []
