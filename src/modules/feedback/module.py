"""The declaration of feedback."""

from modules.feedback import api, card, jobs, urls, workflows
from modules.feedback.demo import make_demo
from modules.feedback.emails import EMAILS
from modules.feedback.operations import erasing
from modules.feedback.queries import people
from portal.module import Card, Fact, Module, Panel
from tenants.plans import Plan, PlanRow

module = Module(
    key="feedback",
    name="Feedback",
    icon="feedback",
    order=130,
    plan=Plan.GROWTH,
    plan_rows=[PlanRow("Feedback module", {Plan.GROWTH: "✓", Plan.SCALE: "✓"}, order=60)],
    client_urls=urls.client_urls,
    console_urls=urls.console_urls,
    api=api.router,
    card=Card("feedback/client/card.html", card.load_card),
    staff_card=Card("feedback/console/card.html", card.load_staff_card),
    waiting=card.waiting,
    panels={
        "projects.client": Panel("feedback/client/panel.html", card.about_project),
        "deliverables.client": Panel("feedback/client/panel.html", card.about_deliverable),
        "invoices.client": Panel("feedback/client/panel.html", card.about_invoice),
        "projects.console": Panel("feedback/console/panel.html", card.console_project),
        "people.client": Panel("feedback/console/panel.html", card.console_client),
    },
    mailboxes={"feedback": jobs.receive},
    facts=[
        Fact("feedback.submitted", "A client writes to you"),
        Fact("feedback.replied", "Somebody answers in a conversation"),
        Fact("feedback.resolved", "A conversation is settled"),
    ],
    erase_client=erasing.erase_client,
    charges_of=people.charges_of,
    triggers=workflows.TRIGGERS,
    emails=EMAILS,
    subject_pages={"thread": "feedback:show"},
    demo=make_demo,
)
