"""Many presses at the same moment: one session. Runs on committed rows, which it takes away again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from kit import clock
from kit.tokens import digest, new_token
from portal.people.access import remove_access
from portal.people.invitations import accept
from portal.people.models import Client, ClientSession, Invitation, Staff
from portal.people.refusals import LinkUnusable
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency

PRESSES = 40


@pytest.fixture
def committed(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[CurrentAgency, str]]:
    """Northwind with an invitation that every connection sees."""
    with django_db_blocker.unblock():
        agency = Agency.objects.get(slug="northwind").current()
        token = new_token()
        with inside(agency):
            client = Client.objects.create(email="parallel@client.example", name="Parallel")
            Invitation.objects.create(
                client=client, token_hash=digest(token), expires_at=clock.now() + timedelta(days=1)
            )
        yield agency, token
        with inside(agency):
            client.delete()


def _press(agency: CurrentAgency, token: str) -> bool:
    try:
        with inside(agency), transaction.atomic():
            invitation = accept(token)
            ClientSession.objects.create(
                client=invitation.client,
                token_hash=digest(new_token()),
                expires_at=clock.now() + timedelta(days=1),
            )
    except LinkUnusable:
        return False
    finally:
        connection.close()
    return True


def test_of_forty_presses_at_once_one_signs_in(committed: tuple[CurrentAgency, str]) -> None:
    agency, token = committed
    with ThreadPoolExecutor(max_workers=8) as pool:
        results = list(pool.map(lambda _: _press(agency, token), range(PRESSES)))
    assert results.count(True) == 1
    with inside(agency):
        assert ClientSession.objects.filter(client__email="parallel@client.example").count() == 1


def test_removing_access_while_the_button_is_pressed_leaves_nobody_inside(
    committed: tuple[CurrentAgency, str],
) -> None:
    agency, token = committed

    def remove() -> bool:
        try:
            with inside(agency):
                by = Staff.objects.get(role=Staff.Role.OWNER)
                remove_access(Client.objects.get(email="parallel@client.example"), by=by)
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(max_workers=4) as pool:
        press, removal = pool.submit(_press, agency, token), pool.submit(remove)
        press.result()
        assert removal.result()
    with inside(agency):
        open_ones = ClientSession.objects.filter(
            client__email="parallel@client.example", ended_at__isnull=True
        )
        assert not open_ones.exists()
