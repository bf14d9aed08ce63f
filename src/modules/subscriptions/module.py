"""The declaration of subscriptions."""

from modules.subscriptions import api, card, demo, emails, urls, workflows
from modules.subscriptions.operations import people
from portal.module import Fact, Module, Panel
from tenants.plans import Plan, PlanRow

module = Module(
    key="subscriptions",
    name="Subscriptions",
    icon="subscriptions",
    order=50,
    plan=Plan.STARTER,
    plan_rows=[PlanRow("Subscriptions", dict.fromkeys(Plan, "✓"), order=32)],
    client_urls=urls.client_urls,
    console_urls=urls.console_urls,
    card=card.CARD,
    waiting=card.waiting,
    has_content=card.has_content,
    triggers=workflows.TRIGGERS,
    facts=[
        Fact("subscriptions.started", "A client has a new subscription"),
        Fact("subscriptions.past_due", "A subscription's payment did not go through"),
        Fact("subscriptions.canceled", "A subscription has ended"),
    ],
    emails=emails.EMAILS,
    api=api.router,
    panels={"people.client": Panel("subscriptions/console/panel.html", card.panel)},
    demo=demo.fill,
    demo_paid=demo.go_live,
    merge_clients=people.merge_clients,
    erase_client=people.erase_client,
    subject_pages={"subscription": "subscriptions:show", "offer": "subscriptions:offer"},
)
