"""Real threads, real commits: the last use of a code is one."""

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier, Event
from typing import Any

from django.db import connection, transaction

from kit.refused import Refused
from modules.subscriptions import operations
from modules.subscriptions.models import Subscription
from modules.subscriptions.operations.checks import hold
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


def test_who_waits_while_the_plan_changes_finds_it_changed(committed_db: None) -> None:
    agency, is_held = Agency.objects.get(slug="northwind").current(), Event()
    with inside(agency):
        tom = Client.objects.get(email="tom@client.example")
        first, second = (make_offer(name=name, kind="free", minor=0, currency="") for name in ("One", "Two"))
        bought = operations.begin(first, client=tom, company=None)

    def change() -> None:
        try:
            with inside(agency), transaction.atomic():
                held = hold(bought)
                is_held.set()
                time.sleep(1)  # the other one waits for the lock by now
                held.offer = second
                held.save(update_fields=["offer"])
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        changing = pool.submit(change)
        assert is_held.wait(30)
        with inside(agency), transaction.atomic():
            assert hold(bought).offer == second
        changing.result()
