"""A limit is exact, and counts per key."""

import pytest
import time_machine

from tenants.agencies.current import CurrentAgency, inside
from tenants.ratelimits.operations import forget_old, take


def test_the_sixth_of_five_waits(db: None) -> None:
    with time_machine.travel("2026-01-05 09:00Z", tick=False):
        assert [take("k", most=5, per_seconds=50) for _ in range(5)] == [0.0] * 5
        assert take("k", most=5, per_seconds=50) == pytest.approx(10.0)
        assert take("other", most=5, per_seconds=50) == 0.0


def test_what_was_waited_for_is_granted(db: None) -> None:
    with time_machine.travel("2026-01-05 09:00Z", tick=False) as now:
        for _ in range(6):
            wait = take("k", most=5, per_seconds=50)
        now.shift(wait)
        assert take("k", most=5, per_seconds=50) == 0.0


def test_it_counts_inside_an_agency_and_old_keys_go(northwind: CurrentAgency) -> None:
    with time_machine.travel("2026-01-05 09:00Z", tick=False) as now:
        with inside(northwind):
            assert take("k", most=1, per_seconds=10) == 0.0
            assert take("k", most=1, per_seconds=10) > 0
        now.shift(60)
        assert forget_old() == 1
