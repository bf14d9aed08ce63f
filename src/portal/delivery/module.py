"""What delivery declares of itself: it reads the reports that come back, and shows on a client's page what arrived."""

from collections.abc import Mapping
from typing import Any

from portal.delivery import demo, shown
from portal.delivery.reports import read_report
from portal.http import Request
from portal.module import Module, Panel
from portal.people.models import Client


def _panel(request: Request, client: Client) -> Mapping[str, Any]:
    return shown.of_client(client, request.staff)


module = Module(
    key="delivery",
    name="Delivery",
    icon="mail",
    order=0,
    panels={"people.client": Panel("console/delivery/panel.html", _panel)},
    mailboxes={"bounce": read_report},
    demo=demo.furnish,
)
