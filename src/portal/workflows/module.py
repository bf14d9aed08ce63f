"""What workflows declare: that they hear everything with a trigger, and the actions that are theirs alone."""

from collections.abc import Mapping
from typing import Any

from portal.http import Request
from portal.module import Hear, Module, Opens, Overhear, Panel
from portal.people.models import Client
from portal.people.serving import sees_all_of
from portal.workflows import demo, mails, webhooks
from portal.workflows.acts import note_access_removed
from portal.workflows.settling import merge_runs
from portal.workflows.starting import hear
from tenants.plans import Plan


def _panel(request: Request, client: Client) -> Mapping[str, Any] | None:
    """The newest runs of one client: their words may be of any company that it acts for."""
    from portal.workflows import shown

    return shown.panel_of(client) if sees_all_of(client, request.staff) else None


module = Module(
    key="workflows",
    name="Workflows",
    icon="workflows",
    order=0,
    capabilities={"webhooks": Opens("Messages to other systems from workflows", Plan.SCALE)},
    overhears=Overhear(hear),
    hears=[Hear("people.access_removed", note_access_removed)],
    actions=[mails.ACTION, webhooks.ACTION],
    emails=mails.EMAILS,
    demo=demo.fill,
    merge_clients=merge_runs,
    subject_pages={"workflow": "workflows:show", "run": "workflows:run"},
    panels={"people.client": Panel("console/workflows/panel.html", _panel)},
)
