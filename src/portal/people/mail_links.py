"""Links in mails that nobody asked for. Made when the mail leaves; only their hashes stay.

Who has never been here gets an invitation's link, which signs in once, by its button. Who has been here gets a door:
still signed in, it leads straight on; else its button sends a fresh sign-in link to the client's own address, for the
browser in which it was pressed. So a mail that is read by others after days lets nobody in.
"""

from datetime import timedelta

from django.db import transaction

from kit import clock
from kit.tokens import digest, new_token
from portal.links import portal_link
from portal.people.invitations import VALID_FOR, revoke_all_of
from portal.people.models import Client, Invitation, SignInLink
from portal.people.sign_in_paths import safe_next
from portal.people.workflows import has_been_here
from tenants.agencies.current import current_agency

DOOR_LIFETIME = timedelta(days=30)


@transaction.atomic
def link_for(client: Client, path: str) -> str:
    """The address that brings a client to a page of the portal."""
    held = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    token, now = new_token(), clock.now()
    if has_been_here(held):
        SignInLink.objects.create(
            client=held,
            token_hash=digest(token),
            browser_hash="",
            next_path=safe_next(path),
            expires_at=now + DOOR_LIFETIME,
        )
        return portal_link(current_agency(), "people:enter", token)
    # One invitation is open at a time: the newest mail is the one that works.
    revoke_all_of(held)
    Invitation.objects.create(
        client=held,
        token_hash=digest(token),
        next_path=safe_next(path),
        sent_at=now,
        expires_at=now + VALID_FOR,
    )
    return portal_link(current_agency(), "people:invitation", token)
