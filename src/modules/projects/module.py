"""The declaration: all that the portal, the console, the mails and the price list know of projects."""

from modules.projects import api, card, demo, emails, queries, urls, workflows
from modules.projects.operations import people
from portal.module import Fact, FirstStep, Module
from tenants.plans import Plan, PlanRow

module = Module(
    key="projects",
    name="Projects",
    icon="projects",
    order=20,
    plan=Plan.STARTER,
    plan_rows=[PlanRow("Project progress view", dict.fromkeys(Plan, "✓"), order=10)],
    client_urls=urls.client_urls,
    console_urls=urls.console_urls,
    api=api.router,
    card=card.CARD,
    staff_waiting=card.staff_waiting,
    has_content=card.has_content,
    first_steps=[
        FirstStep(
            "Create your first project",
            "Its milestones tell your client how far it is.",
            "new",
            card.has_projects,
        )
    ],
    triggers=workflows.TRIGGERS,
    actions=workflows.ACTIONS,
    facts=[
        Fact("projects.created", "A project is created"),
        Fact("projects.update_posted", "An update is posted on a project"),
        Fact("projects.milestone_done", "A milestone is done"),
        Fact("projects.client_commented", "A client comments on an update"),
        Fact("projects.staff_commented", "Staff answer under an update"),
    ],
    emails=emails.EMAILS,
    demo=demo.fill,
    erase_client=people.erase_client,
    charges_of=queries.charges_of,
    subject_pages={"project": "projects:show"},
)
