"""Holds requests and objects against the types that Stripe generated into the pinned `stripe` wheel.

The wheel is made from Stripe's OpenAPI description: every endpoint with the keys it takes, every resource with its
fields. So the simulator cannot drift from the real interface without a test going red.
"""

from infra.stripe_simulator.judge.blank import blank, blank_part
from infra.stripe_simulator.judge.fitting import Finding
from infra.stripe_simulator.judge.verdicts import judge_object, judge_request
from infra.stripe_simulator.judge.wheel import API_VERSION, Endpoint, endpoint_of, endpoints

__all__ = [
    "API_VERSION",
    "Endpoint",
    "Finding",
    "blank",
    "blank_part",
    "endpoint_of",
    "endpoints",
    "judge_object",
    "judge_request",
]
