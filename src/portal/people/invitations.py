"""Invitations: made, mailed, replaced, revoked, accepted. At most one of a client is open at a time."""

from datetime import date, timedelta

from django.db import models, transaction
from django.utils.formats import date_format

from kit import clock
from kit.tokens import digest
from portal.audit.operations import record
from portal.events import publish
from portal.http import Request
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.people.models import Client, Invitation, Staff
from portal.people.refusals import LinkUnusable, NoAccess, NotAllowed, TooOften
from portal.people.sign_in_paths import safe_next
from tenants.agencies.current import current_agency
from tenants.ratelimits.operations import take

VALID_FOR = timedelta(days=14)
# A form sent twice, or a project's page and the client's page used at once, is one wish.
SAME_WISH = timedelta(seconds=30)
MOST_PER_HOUR = 5
SCANNERS = ("bot", "scan", "crawl", "spider", "preview", "proofpoint", "mimecast", "barracuda", "headless")


@transaction.atomic
def invite(
    client: Client,
    *,
    by: Staff | Client | None,
    next_path: str = "/",
    access_until: date | None = None,
    company: str = "",
    request: Request | None = None,
) -> Invitation:
    """Invite a client who may sign in; an invitation that is open is replaced, never doubled.

    Args:
        by: of the staff, or a colleague who invites to `company`.
        next_path: the portal's page that accepting leads to; anything else becomes "/".
        access_until: last day of access in the agency's zone; None leaves it as it is.

    Raises:
        NoAccess: the client's access was removed or has ended.
        NotAllowed: a member may not change until when somebody has access.
        TooOften: five invitations of this client went out within the hour.
    """
    locked = Client.objects.select_for_update().get(pk=client.pk)
    if access_until is not None and access_until != locked.access_until:
        if isinstance(by, Client) or (by is not None and not by.may_manage):
            raise NotAllowed("Only owners and admins change until when somebody has access.")
        locked.access_until = access_until
        locked.save(update_fields=["access_until"])
    if not locked.has_access:
        raise NoAccess(f"{locked.shown_name} has no access any more. Restore it on the client's page first.")
    waiting = open_invitation(locked)
    if waiting is not None and waiting.created_at > clock.now() - SAME_WISH:
        return lead_to(waiting, next_path)
    _take_from_limit(locked)
    return _make(locked, by, next_path, company, request)


def resend(invitation: Invitation, *, by: Staff | None, request: Request | None = None) -> Invitation:
    """Send a new link in place of an earlier one, leading to the same page. Raises what `invite` raises."""
    return invite(invitation.client, by=by, next_path=invitation.next_path, request=request)


@transaction.atomic
def revoke(invitation: Invitation, *, by: Staff | None, request: Request | None = None) -> bool:
    """Kill an open invitation; False if there was nothing open any more."""
    if not _revoke_open(Invitation.objects.filter(pk=invitation.pk)):
        return False
    record(
        "people.invitation_revoked",
        invitation.client,
        by=by,
        summary=f"Invitation of {invitation.client} revoked",
        request=request,
    )
    return True


def revoke_all_of(client: Client) -> int:
    """Kill every open invitation of a client, inside the caller's transaction; how many there were."""
    return _revoke_open(Invitation.objects.filter(client=client))


def find(token: str) -> Invitation | None:
    """The invitation with this link, whatever its state."""
    return Invitation.objects.select_related("client").filter(token_hash=digest(token)).first()


def is_usable(invitation: Invitation | None) -> bool:
    """Whether its link would sign the client in now; that the mail bounced says nothing about the link."""
    if invitation is None or invitation.accepted_at or invitation.revoked_at:
        return False
    return invitation.expires_at > clock.now() and invitation.client.has_access


def note_opened(invitation: Invitation, user_agent: str) -> None:
    """Remember when a person first looked at it; what says that it is a program does not count."""
    agent = user_agent.lower()
    if "mozilla" not in agent or any(word in agent for word in SCANNERS):
        return
    Invitation.objects.filter(pk=invitation.pk, opened_at__isnull=True).update(opened_at=clock.now())


def note_bounced(message_id: str) -> None:
    """Hear that a mail was refused for good: if it was an invitation, staff see it on the client's page."""
    message = Message.objects.filter(pk=message_id, email="people.invitation").first()
    if message is not None:
        Invitation.objects.filter(
            pk=message.words["invitation_id"], accepted_at__isnull=True, bounced_at__isnull=True
        ).update(bounced_at=clock.now())


@transaction.atomic
def accept(token: str, *, request: Request | None = None) -> Invitation:
    """Use a link, once. The caller starts the session in the same transaction.

    Raises:
        LinkUnusable: used, replaced, revoked, expired, unknown, or the client's access has ended.
    """
    invitation = find(token)
    if invitation is None:
        raise LinkUnusable("This invitation does not work.")
    # Removing access locks the client first too: either it ends this session, or we see that it happened.
    client = Client.objects.select_for_update().get(pk=invitation.client_id)
    now = clock.now()
    taken = Invitation.objects.filter(
        pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now
    ).update(accepted_at=now)
    if not taken or not client.has_access:
        raise LinkUnusable("This invitation no longer works.")
    record("people.accepted", client, by=client, summary=f"{client} accepted the invitation", request=request)
    publish("people.accepted", client_id=client.pk, invitation_id=invitation.pk)
    invitation.accepted_at, invitation.client = now, client
    return invitation


def open_invitation(client: Client) -> Invitation | None:
    """The one invitation of a client that would still let it in."""
    waiting = client.invitations.filter(accepted_at__isnull=True, revoked_at__isnull=True)
    return waiting.filter(bounced_at__isnull=True, expires_at__gt=clock.now()).order_by("-pk").first()


def lead_to(invitation: Invitation, next_path: str) -> Invitation:
    """Let an open invitation lead to another page, if that is one."""
    path = safe_next(next_path)
    if path != "/" and path != invitation.next_path:
        invitation.next_path = path
        invitation.save(update_fields=["next_path"])
    return invitation


def _take_from_limit(client: Client) -> None:
    key = f"invite:{current_agency().schema_name}:{client.pk}"
    wait = take(key, most=MOST_PER_HOUR, per_seconds=3600)
    if wait:
        minutes = int(wait // 60) + 1
        raise TooOften(
            f"{client.shown_name} got {MOST_PER_HOUR} invitations within an hour."
            f" Try again in {minutes} minute{'s' if minutes != 1 else ''}.",
            wait,
        )


def _make(
    client: Client, by: Staff | Client | None, next_path: str, company: str, request: Request | None
) -> Invitation:
    revoke_all_of(client)
    invitation = Invitation.objects.create(
        client=client,
        sent_by=by if isinstance(by, Staff) else None,
        next_path=safe_next(next_path),
        expires_at=clock.now() + VALID_FOR,
    )
    expires = invitation.expires_at.astimezone(current_agency().tzinfo).date()
    words = {
        "invitation_id": invitation.pk,
        "inviter": str(by or ""),
        "company": company,
        "expires": date_format(expires, "j F Y"),
    }
    queue_mail("people.invitation", client, words=words)
    record("people.invited", client, by=by, summary=f"{client} invited", request=request)
    publish("people.invited", client_id=client.pk, invitation_id=invitation.pk)
    return invitation


def _revoke_open(invitations: models.QuerySet[Invitation]) -> int:
    now = clock.now()
    still_open = invitations.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now)
    return still_open.update(revoked_at=now)
