"""What tasks declare of themselves."""

from portal.module import Fact, Module
from portal.tasks import queries, workflows

module = Module(
    key="tasks",
    name="Tasks",
    icon="check",
    order=0,
    triggers=workflows.TRIGGERS,
    actions=workflows.ACTIONS,
    charges_of=queries.charges_of,
    facts=[Fact("tasks.added", "A task is added"), Fact("tasks.done", "A task is done")],
)
