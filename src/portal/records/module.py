"""What client records declare of themselves."""

from portal.module import Fact, Module, Panel
from portal.records import shown, workflows
from portal.records.settling import merge_shell

module = Module(
    key="records",
    name="Client records",
    icon="people",
    order=0,
    facts=[
        Fact("records.tagged", "A tag is put on a client"),
        Fact("records.merged", "Two clients are merged"),
        Fact("records.erased", "A person is erased"),
    ],
    triggers=workflows.TRIGGERS,
    actions=workflows.ACTIONS,
    panels={
        "people.client": Panel("console/records/panel.html", shown.panel),
        "people.company": Panel("console/records/company_panel.html", shown.company_panel),
    },
    merge_clients=merge_shell,
)
