"""What imports declare of themselves."""

from portal.module import Fact, Module

module = Module(
    key="imports",
    name="Imports",
    icon="upload",
    order=0,
    facts=[Fact("imports.done", "An import of clients is done")],
)
