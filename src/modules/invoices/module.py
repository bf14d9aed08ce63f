"""The declaration of invoices."""

from modules.invoices import api, card, urls, workflows
from modules.invoices.demo import fill
from modules.invoices.emails import EMAILS
from modules.invoices.operations import people
from portal.module import Fact, FirstStep, Module, Panel
from tenants.plans import Plan, PlanRow

module = Module(
    key="invoices",
    name="Invoices",
    icon="invoices",
    order=40,
    plan=Plan.STARTER,
    plan_rows=[PlanRow("Invoice payments", dict.fromkeys(Plan, "✓"), order=30)],
    client_urls=urls.client_urls,
    console_urls=urls.console_urls,
    api=api.router,
    card=card.CARD,
    staff_card=card.STAFF_CARD,
    waiting=card.waiting,
    has_content=card.has_content,
    first_steps=[
        FirstStep(
            "Get ready to send invoices",
            "Your name, address and tax rates stand on each of them.",
            "settings",
            card.is_complete,
        )
    ],
    panels={"payments.methods": Panel("invoices/client/autopay_panel.html", card.autopay_panel)},
    triggers=workflows.TRIGGERS,
    actions=workflows.ACTIONS,
    facts=[
        Fact("invoices.issued", "An invoice is issued"),
        Fact("invoices.paid", "An invoice is paid in full"),
        Fact("invoices.payment_failed", "A payment of an invoice failed"),
        Fact("invoices.overdue", "An invoice is overdue"),
        Fact("invoices.voided", "An invoice is void"),
        Fact("invoices.credited", "A credit note is written"),
        Fact("invoices.quote_sent", "A quote is sent"),
        Fact("invoices.quote_accepted", "A quote is accepted"),
        Fact("invoices.quote_declined", "A quote is declined"),
    ],
    emails=EMAILS,
    demo=fill,
    merge_clients=people.merge_clients,
    erase_client=people.erase_client,
    subject_pages={"invoice": "invoices:show", "quote": "invoices:quote", "repeating": "invoices:repeating"},
)
