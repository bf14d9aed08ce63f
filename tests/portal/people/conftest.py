"""Fixtures of the attacks on sign-in by Google."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from portal.people.invitations import invite
from portal.people.models import Client
from tenants.agencies.current import CurrentAgency, inside
from tests.rig.openid import CLIENT_ID, CLIENT_SECRET, LyingProvider, lying_provider


@pytest.fixture
def liar(settings: Any, db: None) -> Iterator[LyingProvider]:
    with lying_provider() as running:
        settings.GOOGLE_ISSUER, settings.GOOGLE_CLIENT_ID = running.issuer, CLIENT_ID
        settings.GOOGLE_CLIENT_SECRET = CLIENT_SECRET
        cache.clear()
        yield running


@pytest.fixture
def asked_in(northwind: CurrentAgency, maria: Client) -> Client:
    with inside(northwind):
        invite(maria, by=None)
    return maria
