"""Rows of entitlements."""

from itertools import count
from typing import Any

from portal.entitlements.models import Entitlement
from tests.owned_rows import OwnedRow

_keys = count(1)


def entitlement(**owner: Any) -> Entitlement:
    key = f"courses.course:{next(_keys)}"
    made: Entitlement = Entitlement.objects.create(key=key, reason="hand", source="hand:1", **owner)
    return made


ROWS = {Entitlement: OwnedRow(entitlement, is_for_newcomers=True)}
