"""Magic links with their 6-digit codes: asked for, mailed, redeemed once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.http import HttpResponse

from kit import clock
from kit.tokens import digest, new_code, new_token, same
from portal.audit.operations import record
from portal.http import Request
from portal.links import portal_link
from portal.mail.jobs import Unsendable
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.people import sessions, sign_in_browser, sign_in_limits
from portal.people.models import Client, SignInLink, SignInLinkQuerySet
from portal.records.former import known_as
from tenants.agencies.current import current_agency

LIFETIME = timedelta(minutes=10)
# A mail that could not leave for so long answers a question that nobody asks any more.
LATEST_SENDING = timedelta(hours=1)


class LinkDead(Exception):
    """The link is used, too old, replaced by a newer one, or its client has no access any more."""


def ask(email: str, *, browser: str, next_path: str, device: str) -> None:
    """Queue a sign-in mail. Looks nothing up: the answer must not depend on who is known here.

    Args:
        email: as typed, known here or not.
        browser: the hash of the asking browser's secret.
        next_path: where signing in leads, checked already.
        device: the asking device in words.
    """
    from portal.people.jobs_sign_in import send_sign_in_link

    asked_at = clock.now().isoformat()
    send_sign_in_link.send(
        email=email, browser=browser, next_path=next_path, device=device, asked_at=asked_at
    )


@transaction.atomic
def send_link(*, email: str, browser: str, next_path: str, device: str, asked_at: str) -> SignInLink | None:
    """Make the link of one request and queue its mail; nothing for a stranger or without access.

    A repeat finds its link and does nothing; of two requests the newer wins in whatever order they run.
    """
    asked = datetime.fromisoformat(asked_at)
    # The lock: two jobs for one client must not both think that theirs is the newest.
    # The address of a merged client opens the kept one, by a mail to the kept one's own address.
    former = known_as(email)
    address = former.email if former else email
    client = Client.objects.select_for_update().with_access().with_email(address).first()
    if client is None:
        return None
    # Doors (see mail_links) are no answer to anybody's question, and let nobody in.
    links = client.sign_in_links.exclude(browser_hash="")
    if links.filter(created_at__gte=asked).exists():
        return None
    links.filter(used_at__isnull=True, revoked_at__isnull=True).update(revoked_at=clock.now())
    link = SignInLink.objects.create(
        client=client,
        browser_hash=browser,
        next_path=next_path,
        created_at=asked,
        expires_at=asked + LIFETIME,
    )
    queue_mail("people.sign_in", client, words={"link_id": link.pk, "device": device})
    return link


def prepare_mail(message: Message) -> Mapping[str, Any]:
    """Make token and code at the moment of sending: only their hashes stay.

    Raises:
        Unsendable: a newer link was asked for, or the mail is too late to be of use.
    """
    token, code = new_token(), new_code()
    now, pk = clock.now(), message.words["link_id"]
    ready = SignInLink.objects.filter(
        pk=pk, used_at__isnull=True, revoked_at__isnull=True, created_at__gt=now - LATEST_SENDING
    ).update(
        token_hash=digest(token),
        code_hash=digest(code, salt=str(pk)),
        code_tries=0,
        expires_at=now + LIFETIME,
    )
    if not ready:
        raise Unsendable("a newer link was asked for, or it is too late")
    return {
        "button_url": portal_link(current_agency(), "people:enter", token),
        "code": code,
        "minutes": int(LIFETIME.total_seconds() // 60),
    }


def find(token: str) -> SignInLink | None:
    """The live link with this token."""
    return SignInLink.objects.live().filter(token_hash=digest(token)).first()


def find_spent(token: str, client: Client) -> SignInLink | None:
    """The link with which this very client signed in: for somebody who clicks it twice."""
    return client.sign_in_links.filter(token_hash=digest(token), used_at__isnull=False).first()


def link_by_code(code: str, *, browser: str = "", link: SignInLink | None = None) -> SignInLink | None:
    """The link that this code opens: the newest asked for in this browser, or a given one. Counts the try.

    The count is taken before the code is compared, in one statement: however many try at once, five are
    heard.
    """
    wanted = SignInLink.objects.filter(pk=link.pk) if link else _newest_of(browser)
    tried = SignInLink.objects.live().filter(pk__in=wanted.values("pk"))
    count = tried.update(code_tries=F("code_tries") + 1)
    # Read whether or not there was one to try: a stranger's wrong code costs the same two queries.
    found = wanted.first()
    if not count or found is None:
        return None
    return found if same(found.code_hash, digest(code, salt=str(found.pk))) else None


def redeem(link: SignInLink) -> Client:
    """Use the link up. Inside the transaction that signs in; of any number at once one succeeds.

    Raises:
        LinkDead: it was used, replaced, is too old, or access ended.
    """
    if not SignInLink.objects.unspent().filter(pk=link.pk).update(used_at=clock.now()):
        raise LinkDead
    # Locked, so that removing access either sees the session to be started or comes before it.
    client = Client.objects.select_for_update().with_access().filter(pk=link.client_id).first()
    if client is None:
        raise LinkDead
    return client


@transaction.atomic
def enter(request: Request, response: HttpResponse, link: SignInLink, *, by: str) -> Client:
    """Redeem a link and sign its client in on this device.

    Raises:
        LinkDead: see `redeem`.
    """
    client = redeem(link)
    admit(request, response, client, by=by)
    return client


def admit(request: Request, response: HttpResponse, client: Client, *, by: str) -> None:
    """Sign a client in who has proved who it is; `by` says how, for the record ("mail link")."""
    session = sessions.start(request, response, client)
    sign_in_browser.forget(response)
    record(
        "people.signed_in",
        client,
        by=client,
        summary=f"Signed in by {by}, with {session.device}",
        request=request,
    )


def note_scan(link: SignInLink, request: Request) -> None:
    """Record, once per link, that something opened it which did not ask for it: most often a mail scanner."""
    what = f"link-scanned:{current_agency().schema_name}:{link.pk}"
    if sign_in_limits.first_time(what, within_seconds=24 * 3600):
        summary = f"{request.method} from another browser than the one that asked; nothing was used up"
        record("people.link_scanned", link, summary=summary, request=request)


def _newest_of(browser: str) -> SignInLinkQuerySet:
    newest = SignInLink.objects.filter(browser_hash=browser).order_by("-created_at").values("pk")[:1]
    # "" is no browser: without a cookie nothing was asked here.
    return SignInLink.objects.filter(pk__in=newest).exclude(browser_hash="")
