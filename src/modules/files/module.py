"""The declaration of files."""

from modules.files import api, card, jobs, urls, workflows
from modules.files.demo import make_demo
from modules.files.emails import EMAILS
from modules.files.operations import erasing
from portal.module import Card, Fact, Hear, Module, Panel
from tenants.plans import Plan

module = Module(
    key="files",
    name="Files",
    icon="files",
    order=60,
    plan=Plan.STARTER,
    client_urls=urls.client_urls,
    console_urls=urls.console_urls,
    api=api.router,
    card=Card("files/client/card.html", card.load_card),
    waiting=card.waiting,
    has_content=card.has_content,
    panels={
        "projects.client": Panel("files/client/panel.html", card.project_panel),
        "projects.console": Panel("files/console/panel.html", card.console_panel),
    },
    facts=[
        Fact("files.version_added", "A file or a new version of it is stored"),
        Fact("files.shared", "A file is shared with a client"),
        Fact("files.uploaded", "A client sent a file"),
        Fact("files.requested", "A client is asked for files"),
        Fact("files.request_met", "All that a client was asked for is accepted"),
    ],
    hears=[Hear("files.version_added", jobs.prepare)],
    erase_client=erasing.erase_client,
    triggers=workflows.TRIGGERS,
    emails=EMAILS,
    subject_pages={"file": "files:show", "filerequest": "files:request", "folder": "files:folder"},
    demo=make_demo,
)
