"""The mails about joining the team and handing it over. Links and codes are made when they leave."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from kit import clock
from kit.tokens import digest, new_token
from portal.links import console_link
from portal.mail.jobs import Unsendable
from portal.mail.models import Message
from portal.module import Email, Kind, Placeholder
from portal.people.models import StaffInvitation
from tenants.agencies.current import current_agency

_LINK = "https://app.example/link/"


@transaction.atomic
def prepare_invitation(message: Message) -> Mapping[str, Any]:
    """The link of an invitation that is still open; a repeat after a failed sending makes a new one.

    Raises:
        Unsendable: it was revoked, accepted, or got too old meanwhile.
    """
    invitation = _open(message)
    token = new_token()
    invitation.token_hash, invitation.sent_at = digest(token), clock.now()
    invitation.save(update_fields=["token_hash", "sent_at"])
    return {"button_url": console_link(current_agency(), "people:join", token)}


@transaction.atomic
def prepare_code(message: Message) -> Mapping[str, Any]:
    """The code that shows that this mailbox belongs to whoever is signed in with another address.

    Raises:
        Unsendable: the invitation is not open any more.
    """
    from portal.people.joining import new_code_of

    return {"code": new_code_of(_open(message))}


def _open(message: Message) -> StaffInvitation:
    waiting = StaffInvitation.objects.open().select_for_update()
    invitation = waiting.filter(pk=message.words["invitation_id"]).first()
    if invitation is None:
        raise Unsendable("the invitation is no longer open")
    return invitation


_HANDED = {
    "person": {"name": "Alice Moreno"},
    "giver": "Alice Moreno",
    "receiver": "Jonas Weber",
    "expires": "12 March 2026",
    "button_url": _LINK,
}
_BUTTON = {"button_url": Placeholder("The page where it is decided", Kind.LINK, needed=True)}
_BOTH = _BUTTON | {
    "giver": Placeholder("Who hands the ownership over"),
    "receiver": Placeholder("Who is to get it"),
}
_EXPIRES = {"expires": Placeholder("Until when it can be accepted")}

EMAILS = [
    Email(
        key="people.staff_invitation",
        label="To somebody who is asked to join your team",
        template="mail/people/staff_invitation",
        sample={
            "inviter": "Alice Moreno",
            "role": "Admin",
            "address": "jonas@northwind.example",
            "expires": "12 March 2026",
            "button_url": _LINK,
        },
        told="Whom you invite to your team.",
        placeholders={
            "inviter": Placeholder("Who invites"),
            "role": Placeholder("As what: admin, member, …"),
            "address": Placeholder("Address that the invitation is for"),
            **_EXPIRES,
            "button_url": Placeholder("The page of the invitation", Kind.LINK, needed=True),
        },
        prepare=prepare_invitation,
        needs_access=False,
    ),
    Email(
        key="people.staff_code",
        label="The code for joining with another login",
        template="mail/people/staff_code",
        sample={"login": "jonas@home.example", "code": "123456"},
        told="Whom you invited to your team, when somebody signed in with another address wants to join.",
        placeholders={
            "login": Placeholder("Address with which they are signed in"),
            "code": Placeholder("The code", Kind.CODE, needed=True),
        },
        prepare=prepare_code,
        needs_access=False,
    ),
    Email(
        key="people.ownership_offered",
        label="To staff: the ownership is offered to you",
        template="mail/people/ownership_offered",
        sample=_HANDED,
        told="The colleague to whom the owner offers the agency.",
        placeholders=_BOTH | _EXPIRES,
    ),
    Email(
        key="people.ownership_offered_by_you",
        label="To staff: you offered the ownership",
        template="mail/people/ownership_offered_by_you",
        sample=_HANDED,
        told="The owner who offers the agency to a colleague.",
        placeholders=_BOTH | _EXPIRES,
    ),
    Email(
        key="people.ownership_moved",
        label="To staff: the ownership was handed over",
        template="mail/people/ownership_moved",
        sample=_HANDED,
        told="The old and the new owner, when the agency was handed over.",
        placeholders=_BOTH,
    ),
]
