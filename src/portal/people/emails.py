"""The mails about invitations, access and addresses. Their secrets are made when they leave, never stored."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from kit import clock
from kit.tokens import digest, new_token
from portal.links import portal_link
from portal.mail.jobs import Unsendable
from portal.mail.models import Message
from portal.module import Email, Kind, Placeholder
from portal.people.models import Client, EmailChange, Invitation
from tenants.agencies.current import current_agency

UNDO_WITHIN = timedelta(days=7)
_PERSON = {"first_name": "Maria", "shown_name": "Maria Silva", "email": "maria@brightside.example"}
_LINK = "https://portal.example/link/"
_NEW_EMAIL = {"new_email": Placeholder("The new address")}


@transaction.atomic
def prepare_invitation(message: Message) -> Mapping[str, Any]:
    """The link of an invitation that is still open; a repeat after a failed sending makes a new one.

    Raises:
        Unsendable: it was revoked, replaced or accepted meanwhile.
    """
    found = Invitation.objects.select_for_update().filter(pk=message.words["invitation_id"])
    invitation = found.filter(accepted_at__isnull=True, revoked_at__isnull=True).first()
    if invitation is None or invitation.expires_at <= clock.now():
        raise Unsendable("the invitation is no longer open")
    token = new_token()
    invitation.token_hash, invitation.sent_at = digest(token), clock.now()
    invitation.save(update_fields=["token_hash", "sent_at"])
    return {"button_url": portal_link(current_agency(), "people:invitation", token)}


def prepare_change_old(message: Message) -> Mapping[str, Any]:
    """The link that confirms a new address from the old one."""
    return _prepare_change(message, "old_token_hash", "old_confirmed_at")


def prepare_change_new(message: Message) -> Mapping[str, Any]:
    """The link that confirms a new address from itself; nobody writes to another client's address."""
    change = EmailChange.objects.filter(pk=message.words["change_id"]).first()
    if change and Client.objects.with_email(change.new_email).exclude(pk=change.client_id).exists():
        raise Unsendable("the address belongs to another client")
    return _prepare_change(message, "new_token_hash", "new_confirmed_at")


def prepare_changed(message: Message) -> Mapping[str, Any]:
    """The link that takes the change back. It stands in the old address's hash: that one is used up."""
    token, after = new_token(), clock.now() - UNDO_WITHIN
    changed = EmailChange.objects.filter(
        pk=message.words["change_id"], done_at__gt=after, undone_at__isnull=True
    ).update(old_token_hash=digest(token))
    if not changed:
        raise Unsendable("it can no longer be taken back")
    return {"button_url": portal_link(current_agency(), "people:undo-email", token)}


def _prepare_change(message: Message, token_field: str, moment_field: str) -> Mapping[str, Any]:
    token = new_token()
    changed = EmailChange.objects.filter(
        pk=message.words["change_id"],
        done_at__isnull=True,
        expires_at__gt=clock.now(),
        **{f"{moment_field}__isnull": True},
    ).update(**{token_field: digest(token)})
    if not changed:
        raise Unsendable("the change is no longer open")
    return {"button_url": portal_link(current_agency(), "people:confirm-email", token)}


def _is_tomorrow(words: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"is_tomorrow": words.get("days") == 1}


EMAILS = [
    Email(
        key="people.invitation",
        label="Invitation to the portal",
        template="mail/people/invitation",
        sample={
            "person": _PERSON,
            "inviter": "Alice Moreno",
            "colleague": "",
            "company": "",
            "expires": "12 March 2026",
            "items": [],
            "button_url": _LINK,
        },
        prepare=prepare_invitation,
        told="A client who is invited, at once. What is new at that moment stands in it.",
        placeholders={
            "inviter": Placeholder("Who of your staff invites; empty when it happens by itself"),
            "colleague": Placeholder("The client's colleague who invites, if one does"),
            "company": Placeholder("The company to whose records the colleague invites"),
            "expires": Placeholder("Last day on which the invitation works"),
            "items": Placeholder("What is new for the client, if anything is", Kind.ITEMS),
            "button_url": Placeholder("The link that signs in for the first time", Kind.LINK, needed=True),
        },
        gathers="new",
    ),
    Email(
        key="people.email_change_old",
        label="New address: confirm on the old one",
        template="mail/people/email_change_old",
        sample={"person": _PERSON, "new_email": "maria@new.example", "button_url": _LINK},
        prepare=prepare_change_old,
        told="A client who changes the own address, at the old one, at once.",
        placeholders={
            **_NEW_EMAIL,
            "button_url": Placeholder("The link that confirms the change", Kind.LINK, needed=True),
        },
    ),
    Email(
        key="people.email_change_new",
        label="New address: confirm on the new one",
        template="mail/people/email_change_new",
        sample={"person": _PERSON, "new_email": "maria@new.example", "button_url": _LINK},
        prepare=prepare_change_new,
        is_asked_for=True,
        told="A client who changes the own address, at the new one, at once.",
        placeholders={
            **_NEW_EMAIL,
            "button_url": Placeholder("The link that confirms the change", Kind.LINK, needed=True),
        },
    ),
    Email(
        key="people.email_changed",
        label="Address changed, with a way back",
        template="mail/people/email_changed",
        sample={
            "person": _PERSON,
            "old_email": "maria@brightside.example",
            "new_email": "maria@new.example",
            "button_url": _LINK,
        },
        prepare=prepare_changed,
        told="A client whose address was changed, at the old one, at once.",
        placeholders={
            **_NEW_EMAIL,
            "old_email": Placeholder("The address up to now"),
            "button_url": Placeholder("The link that takes the change back", Kind.LINK, needed=True),
        },
    ),
    Email(
        key="people.access_ends",
        label="To staff: a client's access ends soon",
        template="mail/people/access_ends",
        sample={
            "person": {"name": "Alice Moreno"},
            "client_name": "Maria Silva",
            "last_day": "12 March 2026",
            "days": 7,
            "button_url": _LINK,
        },
        told="Who invited the client, else the owners, some days before the client's last day.",
        placeholders={
            "client_name": Placeholder("Name of the client"),
            "last_day": Placeholder("The client's last day"),
            "days": Placeholder("In how many days that is"),
            "is_tomorrow": Placeholder("Whether it is tomorrow", Kind.FLAG),
            "button_url": Placeholder("The client's page in the console", Kind.LINK, needed=True),
        },
        derive=_is_tomorrow,
    ),
]
