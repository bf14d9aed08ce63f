"""What people may be refused here; every message is in words for the person who asked."""

from kit.refused import Refused
from portal.people.models import Client


class ClientLimitReached(Refused):
    """The plan's number of clients is used up."""


class AlreadyClient(Refused):
    """Somebody of this agency has this address already."""

    def __init__(self, client: Client) -> None:
        super().__init__(f"{client.shown_name} already has this address.")
        self.client = client


class NotServed(Refused):
    """It is about clients whom this member of staff may not see."""


class StillInCharge(Refused):
    """A member is in charge of something that they would not see any more."""


class NoAccess(Refused):
    """The client's access was removed or has ended."""


class NotAllowed(Refused):
    """Only owners and admins do this."""


class TooOften(Refused):
    """A limit was reached; `wait` is in seconds."""

    def __init__(self, words: str, wait: float) -> None:
        super().__init__(words)
        self.wait = wait


class LinkUnusable(Refused):
    """The link was used, replaced or revoked, has expired, or never was one."""


class AlreadyStaff(Refused):
    """Somebody of the team has this address, or is asked to join at it."""


class StaffLimitReached(Refused):
    """The plan's number of people of the agency is used up."""


class LastOwner(Refused):
    """Nobody would be owner any more."""


class WrongCode(Refused):
    """Not the code that was mailed, or not any more."""
