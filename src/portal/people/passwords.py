"""Optional passwords, for clients who want one beside the mail link."""

from django.contrib.auth import hashers
from django.db import transaction

from portal.audit.operations import record
from portal.http import Request
from portal.mail.operations import queue_mail
from portal.people import sessions
from portal.people.devices import describe
from portal.people.models import Client


def client_of(email: str, password: str) -> Client | None:
    """The client with access whom address and password name.

    One look-up and one hash are computed in every case, for strangers and for clients without a password
    too: neither words nor time tell which it was.
    """
    client = Client.objects.with_access().with_email(email).first()
    # check_password computes a hash for "" as well.
    is_right = hashers.check_password(password, client.password if client else "")
    return client if client and is_right else None


@transaction.atomic
def change(request: Request, password: str) -> None:
    """Set the client's password; "" removes it. Other devices are signed out, and the client gets a mail."""
    client: Client = request.client
    had_one = bool(client.password)
    client.set_password(password)
    client.save(update_fields=["password"])
    if had_one:
        sessions.end_all(client, but=request.client_session)
    what = "removed" if not password else "changed" if had_one else "set"
    tell(request, f"password_{what}", f"The password was {what}")


def tell(request: Request, verb: str, what: str) -> None:
    """Record that a way to sign in changed, and mail it to the client: it may have been somebody else."""
    device = describe(request.headers.get("User-Agent", ""))
    record(
        f"people.{verb}", request.client, by=request.client, summary=f"{what}, on {device}", request=request
    )
    queue_mail("people.sign_in_changed", request.client, words={"what": what, "device": device})
