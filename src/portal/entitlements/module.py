"""What entitlements declare of themselves: their place on a client's page, and the facts that others hear."""

from collections.abc import Mapping
from typing import Any

from portal.entitlements import shown, workflows
from portal.http import Request
from portal.module import Fact, Module, Panel
from portal.people.models import Client


def _panel(request: Request, client: Client) -> Mapping[str, Any]:
    """What this client may use, alone or through a company."""
    return shown.of_client(client, request.staff)


module = Module(
    key="entitlements",
    name="Entitlements",
    icon="lock",
    order=0,
    panels={"people.client": Panel("console/entitlements/panel.html", _panel)},
    triggers=workflows.TRIGGERS,
    actions=workflows.ACTIONS,
    facts=[
        Fact("entitlements.granted", "A client or company may use something from now on"),
        Fact("entitlements.lost", "A client or company may not use something any more"),
    ],
    subject_pages={"entitlement": "entitlements:show"},
)
