"""What the people of a portal declare of themselves: their facts and mails."""

from portal.module import Fact, Hear, Module
from portal.people import emails, emails_sign_in, emails_team, workflows
from portal.people.invitations import note_bounced

module = Module(
    key="people",
    name="People",
    icon="people",
    order=0,
    triggers=workflows.TRIGGERS,
    actions=workflows.ACTIONS,
    facts=[
        Fact("people.invited", "A client was invited"),
        Fact("people.accepted", "A client accepted the invitation"),
        Fact("people.access_removed", "A client's access was removed"),
        Fact("people.staff_joined", "Somebody joined the team"),
        Fact("people.staff_left", "Somebody left the team or was removed"),
        Fact("people.ownership_moved", "The agency has another owner"),
    ],
    hears=[Hear("mail.bounced", note_bounced)],
    emails=[*emails.EMAILS, *emails_sign_in.EMAILS, *emails_team.EMAILS],
    subject_pages={"client": "people:client"},
)
