"""The pages that people see: paying, connecting an account, the billing portal. All say that nothing is charged."""

from infra.stripe_simulator.pages.html import POLICY, Reply
from infra.stripe_simulator.pages.replies import reply

__all__ = ["POLICY", "Reply", "reply"]
