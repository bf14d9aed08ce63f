"""What the people of a portal declare of themselves."""

from portal.module import Module
from portal.people import emails_sign_in

module = Module(
    key="people",
    name="People",
    icon="people",
    order=0,
    emails=[*emails_sign_in.EMAILS],
)
