"""Sending an offer to somebody: who is invited may buy what is by invitation only, and finds it in the portal."""

from datetime import timedelta

from django.db import transaction

from kit import clock
from kit.refused import NotValid
from modules.subscriptions import emails
from modules.subscriptions.models import Offer, OfferInvitation
from modules.subscriptions.operations.checks import NotOffered
from portal.audit.operations import Trail, record
from portal.links import portal_path
from portal.people.invitations import invite
from portal.people.models import Client, Staff
from portal.people.operations import add_and_invite

SAME_WISH = timedelta(minutes=10)


@transaction.atomic
def send_offer(offer: Offer, *, client: Client, by: Staff, trail: Trail | None = None) -> OfferInvitation:
    """Mail an offer to a client. Who never signed in is invited to the portal, and lands on the offer's page.

    Raises:
        NotOffered: it is not on sale.
        NotValid: it was mailed to this client a moment ago.
        kit.refused.Refused: the client has no access, or was invited too often.
    """
    _check_sold(offer)
    made = _note(offer, client, by, trail)
    if client.last_seen_at is None:
        invite(client, by=by, next_path=portal_path("subscriptions:offer", offer.slug))
    else:
        emails.tell_invited(made)
    return made


@transaction.atomic
def send_offer_to_new(
    offer: Offer, *, name: str, email: str, by: Staff, trail: Trail | None = None
) -> OfferInvitation:
    """The same for somebody who is no client yet, and becomes one; who is one already keeps their name.

    Raises:
        NotOffered: it is not on sale.
        kit.refused.Refused: the plan holds no more clients, or as `send_offer`.
    """
    _check_sold(offer)
    known = Client.objects.with_email(email).first()
    if known is not None:
        return send_offer(offer, client=known, by=by, trail=trail)
    path = portal_path("subscriptions:offer", offer.slug)
    client, _ = add_and_invite(email=email, name=name, by=by, next_path=path)
    return _note(offer, client, by, trail)


@transaction.atomic
def take_back_offer(invitation: OfferInvitation, *, by: Staff, trail: Trail | None = None) -> None:
    """The client cannot buy what is by invitation only any more; what it bought stays."""
    summary = f"{invitation.client} is not invited to {invitation.offer} any more"
    record("subscriptions.offer_taken_back", invitation.offer, by=by, summary=summary, **(trail or {}))
    invitation.delete()


def _check_sold(offer: Offer) -> None:
    if not Offer.objects.open().filter(pk=offer.pk).exists():
        raise NotOffered("This is not on sale, so nobody was written to.")


def _note(offer: Offer, client: Client, by: Staff, trail: Trail | None) -> OfferInvitation:
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    made, is_new = OfferInvitation.objects.get_or_create(offer=offer, client=client, defaults={"staff": by})
    if not is_new:
        if made.sent_at > clock.now() - SAME_WISH:
            raise NotValid(f"{client} was written to a moment ago.", field="client")
        made.sent_at = clock.now()
        made.save(update_fields=["sent_at"])
    record("subscriptions.offer_sent", offer, by=by, summary=f"Sent {offer} to {client}", **(trail or {}))
    return made
