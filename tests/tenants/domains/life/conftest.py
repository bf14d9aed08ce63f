from collections.abc import Iterator

import pytest

from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import AgencyState
from tenants.plans import Plan
from tests.tenants.domains.life.world import World, put, running_world


@pytest.fixture
def world() -> Iterator[World]:
    """Real DNS, an obedient certificate authority, an obedient edge."""
    with running_world() as found:
        yield found


@pytest.fixture
def rival(harbour: CurrentAgency) -> CurrentAgency:
    """Harbour, on a plan with domains: the other agency in every dispute."""
    return put(harbour, plan=Plan.GROWTH, state=AgencyState.ACTIVE)
