"""What tasks declare of themselves."""

from portal.module import Fact, Module

module = Module(
    key="tasks",
    name="Tasks",
    icon="check",
    order=0,
    facts=[Fact("tasks.added", "A task is added"), Fact("tasks.done", "A task is done")],
)
