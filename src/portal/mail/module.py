"""What mail declares of itself."""

from portal.mail import demo, digest, trying, workflows
from portal.module import Fact, Module

module = Module(
    key="mail",
    name="Mail",
    icon="mail",
    order=0,
    triggers=workflows.TRIGGERS,
    facts=[Fact("mail.bounced", "A mail was refused for good by the other side")],
    emails=[digest.EMAIL, trying.EMAIL],
    demo=demo.fill,
)
