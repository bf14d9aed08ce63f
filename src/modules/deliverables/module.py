"""The declaration of deliverables."""

from modules.deliverables import api, card, urls, workflows
from modules.deliverables.demo import make_demo
from modules.deliverables.emails import EMAILS
from modules.deliverables.operations import people
from portal.module import Card, Fact, Module, Opens, Panel
from tenants.plans import Plan, PlanRow

module = Module(
    key="deliverables",
    name="Deliverables",
    icon="deliverables",
    order=30,
    plan=Plan.STARTER,
    capabilities={"approve": Opens("Deliverable approvals", Plan.GROWTH)},
    plan_rows=[
        PlanRow(
            "Deliverable approvals",
            {Plan.STARTER: "Read-only", Plan.GROWTH: "Interactive", Plan.SCALE: "Interactive"},
            order=20,
        )
    ],
    client_urls=urls.client_urls,
    console_urls=urls.console_urls,
    api=api.router,
    card=Card("deliverables/client/card.html", card.load_card),
    waiting=card.waiting,
    staff_waiting=card.staff_waiting,
    has_content=card.has_content,
    panels={
        "projects.client": Panel("deliverables/client/panel.html", card.project_panel),
        "projects.console": Panel("deliverables/console/panel.html", card.console_panel),
    },
    triggers=workflows.TRIGGERS,
    facts=[
        Fact("deliverables.ready", "A deliverable is ready for review"),
        Fact("deliverables.approved", "A deliverable is approved"),
        Fact("deliverables.changes_requested", "Changes to a deliverable are requested"),
        Fact("deliverables.commented", "Somebody commented on a deliverable"),
        Fact("deliverables.locked", "An approved deliverable is locked for good"),
    ],
    emails=EMAILS,
    demo=make_demo,
    merge_clients=people.merge_clients,
    erase_client=people.erase_client,
    subject_pages={"deliverable": "deliverables:show"},
)
