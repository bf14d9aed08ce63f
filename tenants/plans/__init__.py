"""Plans, the capabilities that they open, and their limits.

The only package of tenants/ that modules may import. Nothing is listed here: modules and the shell
declare their capabilities, and the pricing page, the gate and the README table are read from them.
"""

from tenants.plans.capabilities import (
    BY_PLAN_FALLBACK,
    Capability,
    Limits,
    PlanRow,
    declare,
    declare_row,
    limits,
    needs_plan,
    plan_table,
)
from tenants.plans.plan import Plan

__all__ = [
    "BY_PLAN_FALLBACK",
    "Capability",
    "Limits",
    "Plan",
    "PlanRow",
    "declare",
    "declare_row",
    "limits",
    "needs_plan",
    "plan_table",
]
