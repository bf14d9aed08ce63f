"""What the people of a portal declare of themselves: their facts and mails."""

from portal.module import Fact, Module
from portal.people import emails, emails_sign_in

module = Module(
    key="people",
    name="People",
    icon="people",
    order=0,
    facts=[
        Fact("people.invited", "A client was invited"),
        Fact("people.accepted", "A client accepted the invitation"),
        Fact("people.access_removed", "A client's access was removed"),
    ],
    emails=[*emails.EMAILS, *emails_sign_in.EMAILS],
)
