"""Connect onboarding: what Stripe asks an agency, in one tap."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from infra.stripe_simulator.answers.connect import onboard
from infra.stripe_simulator.pages.html import Reply, document
from infra.stripe_simulator.world import PLATFORM, World


def page(world: World, verb: str, account: str, query: str) -> Reply:
    """GET asks, POST connects and goes back to the platform."""
    made = world.merchant(PLATFORM).get("v2.core.account", account)
    back = parse_qs(query).get("return_url", [""])[0]
    if verb == "POST":
        onboard(world, account)
        return Reply(document("Connected", "<h1>Connected</h1>")) if not back else Reply("", 303, to=back)
    name = escape(made["display_name"] or account)
    later = f'<p><a href="{escape(back)}">Not now</a></p>' if back else ""
    body = f"""<h1>Take payments as {name}</h1>
<p>Stripe would ask here who you are and where your money goes. The simulator asks for nothing.</p>
<form method="post"><button class="primary">Connect</button></form>{later}"""
    return Reply(document("Connect", body))
