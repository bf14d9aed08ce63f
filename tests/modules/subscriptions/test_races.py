"""Real threads, real commits: the last use of a code is one."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

from django.db import connection

from kit.refused import Refused
from modules.subscriptions import operations
from modules.subscriptions.models import Subscription
from portal.people.models import Client
from tenants.agencies.current import inside
from tenants.agencies.models import Agency
from tests.modules.subscriptions.scene import make_offer


def test_the_last_use_of_a_code_is_one_for_six_at_once(committed_db: None) -> None:
    agency, together = Agency.objects.get(slug="northwind").current(), Barrier(6)
    with inside(agency):
        offer = make_offer(kind="one_time", minor=19000)
        code = operations.create_coupon(code="LAST", offer=offer, percent=Decimal(100), most_uses=1, by=None)
        people = [
            Client.objects.create(email=f"race{number}@client.example", name=f"Race {number}")
            for number in range(6)
        ]

    def buy(client: Any) -> bool:
        try:
            with inside(agency):
                together.wait(30)
                operations.begin(offer, client=client, company=None, coupon=code)
                return True
        except Refused:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(buy, people))
    assert sum(done) == 1
    with inside(agency):
        assert Subscription.objects.bought().count() == 1
