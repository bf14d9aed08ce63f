"""The register of what each plan opens, filled by the declarations of modules and shell at start-up."""

from collections.abc import Mapping
from dataclasses import dataclass

from tenants.plans.plan import Plan

BY_PLAN_FALLBACK = "–"


@dataclass(frozen=True)
class Capability:
    """One thing that a plan opens, e.g. `deliverables.approve` from Growth on."""

    key: str
    label: str
    plan: Plan


@dataclass(frozen=True)
class PlanRow:
    """One line of the plan table: what each plan has, in words (a missing plan reads "–")."""

    label: str
    values: Mapping[Plan, str]
    order: int = 100

    def cells(self) -> list[str]:
        return [self.values.get(plan, BY_PLAN_FALLBACK) for plan in Plan]


@dataclass(frozen=True)
class Limits:
    """Hard limits of a plan. `None` means no limit. Storage is in bytes."""

    clients: int | None
    staff: int | None
    storage: int


_GIB = 1024**3
_LIMITS = {
    Plan.STARTER: Limits(clients=25, staff=2, storage=10 * _GIB),
    Plan.GROWTH: Limits(clients=250, staff=10, storage=100 * _GIB),
    Plan.SCALE: Limits(clients=None, staff=None, storage=1024 * _GIB),
}
_capabilities: dict[str, Capability] = {}
_rows: dict[str, PlanRow] = {}


def declare(capability: Capability) -> None:
    """Make a capability known.

    Raises:
        ValueError: another declaration uses the key with a different plan.
    """
    known = _capabilities.setdefault(capability.key, capability)
    if known != capability:
        raise ValueError(f"{capability.key} is declared twice: {known} and {capability}")


def declare_row(row: PlanRow) -> None:
    """Add a line to the plan table (same label: the later one replaces it)."""
    _rows[row.label] = row


def needs_plan(key: str) -> Plan:
    """The plan from which on a capability is open.

    Raises:
        KeyError: nobody declared it, which is a spelling mistake in the caller.
    """
    return _capabilities[key].plan


def limits(plan: Plan) -> Limits:
    """The hard limits of a plan."""
    return _LIMITS[plan]


def plan_table() -> list[PlanRow]:
    """The plan table as the pricing page and the README print it."""
    return sorted(_rows.values(), key=lambda row: (row.order, row.label))
