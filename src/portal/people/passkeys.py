"""Passkeys (WebAuthn) of clients, each bound to the portal host it was made on."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpResponse, JsonResponse
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.webauthn import (
    Aaguid,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from kit import clock
from kit.tokens import digest, same
from portal.http import Request
from portal.people.models import Client, ClientPasskey
from portal.people.passwords import tell
from portal.people.sign_in_browser import forget_cookie, set_cookie
from portal.people.sign_in_limits import first_time
from tenants.routing.resolve import Portal

LIFETIME = timedelta(minutes=5)
MOST = 10
_NO_AAGUID = bytes(16)


class PasskeyRefused(ValueError):
    """What the browser sent does not prove what it should; says no more, to nobody."""


def begin_adding(request: Request) -> HttpResponse:
    """Options for `navigator.credentials.create`; the challenge goes into a signed cookie."""
    client: Client = request.client
    user = PublicKeyCredentialUserEntity(
        id=_user_handle(client), name=client.email, display_name=client.shown_name
    )
    options, state = _server(request).register_begin(
        user,
        credentials=[_credential(passkey) for passkey in of(client, request)],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _challenge(dict(options), state, f"add:{client.pk}")


@transaction.atomic
def add(request: Request, answer: str, name: str) -> ClientPasskey:
    """Check what the browser made and keep it.

    Raises:
        PasskeyRefused: it does not answer our challenge on this host, with the person verified.
    """
    client: Client = request.client
    state = _taken_up(request, f"add:{client.pk}")
    try:
        found = _server(request).register_complete(state, json.loads(answer))
    except Exception as error:  # the library raises whatever its parsers raise on nonsense
        raise PasskeyRefused from error
    made = found.credential_data
    if made is None or of(client, request).count() >= MOST:
        raise PasskeyRefused
    try:
        with transaction.atomic():
            passkey = ClientPasskey.objects.create(
                client=client,
                name=name,
                credential_id=made.credential_id,
                public_key=cbor.encode(dict(made.public_key)),
                sign_count=found.counter,
                host=_host(request),
            )
    except IntegrityError as error:
        raise PasskeyRefused from error
    tell(request, "passkey_added", f"The passkey “{name}” was added")
    return passkey


@transaction.atomic
def remove(request: Request, passkey: ClientPasskey) -> None:
    """Forget a passkey of the client who asks."""
    passkey.delete()
    tell(request, "passkey_removed", f"The passkey “{passkey.name}” was removed")


def begin_signing_in(request: Request) -> HttpResponse:
    """Options for `navigator.credentials.get`. They name no credential: they tell nothing about anybody."""
    server = _server(request)
    options, state = server.authenticate_begin(user_verification=UserVerificationRequirement.REQUIRED)
    return _challenge(dict(options), state, "sign-in")


@transaction.atomic
def client_of(request: Request, answer: str) -> Client:
    """The client with access whose passkey signed our challenge on this host.

    Raises:
        PasskeyRefused: unknown, of another host, a wrong signature, a copied key, or no access.
    """
    state = _taken_up(request, "sign-in")
    try:
        response = AuthenticationResponse.from_dict(json.loads(answer))
        # Locked: two answers at once must not both find the old count.
        passkey = ClientPasskey.objects.select_for_update().get(
            credential_id=response.raw_id, host=_host(request)
        )
        _server(request).authenticate_complete(state, [_credential(passkey)], response)
        handle = response.response.user_handle
    except Exception as error:  # see add()
        raise PasskeyRefused from error
    if handle is not None and handle != _user_handle(passkey.client):
        raise PasskeyRefused
    _count(passkey, response.response.authenticator_data.counter)
    if not passkey.client.has_access:
        raise PasskeyRefused
    return passkey.client


def of(client: Client, request: Request) -> Any:
    """The client's passkeys that work on this host."""
    return client.passkeys.filter(host=_host(request)).order_by("created_at")


def of_other_hosts(client: Client, request: Request) -> Any:
    """The client's passkeys that were made before the portal moved: browsers offer them there only."""
    return client.passkeys.exclude(host=_host(request)).order_by("created_at")


def has_moved(request: Request) -> bool:
    """Whether anybody may look for a passkey in vain here. Of the portal, not of a person: it tells nothing."""
    return request.agency.has_own_domain and ClientPasskey.objects.exclude(host=_host(request)).exists()


def _count(passkey: ClientPasskey, count: int) -> None:
    # WebAuthn §6.1.1: a count that does not grow means that the key exists twice; 0 means it never counts.
    grows = Q(sign_count__lt=count) if count else Q(sign_count=0)
    counted = ClientPasskey.objects.filter(grows, pk=passkey.pk)
    if not counted.update(sign_count=count, used_at=clock.now()):
        raise PasskeyRefused


def _host(request: Request) -> str:
    assert isinstance(request.place, Portal), "passkeys of clients belong to a portal's host"
    return request.place.host


def _server(request: Request) -> Fido2Server:
    host = _host(request)
    origin = request.agency.origin_of(host)
    entity = PublicKeyCredentialRpEntity(name=request.agency.name, id=host)
    # Exactly this origin: a page on a host below ours is another's.
    return Fido2Server(entity, verify_origin=lambda found: same(found, origin))


def _credential(passkey: ClientPasskey) -> AttestedCredentialData:
    key = CoseKey.parse(cast(Mapping[int, Any], cbor.decode(bytes(passkey.public_key))))
    return AttestedCredentialData.create(Aaguid(_NO_AAGUID), bytes(passkey.credential_id), key)


def _user_handle(client: Client) -> bytes:
    # Opaque, as WebAuthn §14.6.1 asks; the same for all keys of one client, so that devices replace theirs.
    return bytes.fromhex(digest(str(client.pk), salt="passkey"))


def _challenge(options: dict[str, Any], state: Any, purpose: str) -> HttpResponse:
    response = JsonResponse(options)
    value = signing.dumps({"state": state, "for": purpose}, salt="passkey")
    set_cookie(response, "passkey", value, LIFETIME)
    return response


def _taken_up(request: Request, purpose: str) -> dict[str, Any]:
    """The state of our challenge, which is good once."""
    try:
        kept = signing.loads(request.COOKIES.get("passkey", ""), salt="passkey", max_age=LIFETIME)
    except signing.BadSignature as error:
        raise PasskeyRefused from error
    challenge = kept["state"]["challenge"]
    if kept["for"] != purpose or not first_time(f"passkey:{challenge}", within_seconds=900):
        raise PasskeyRefused
    return dict(kept["state"])


def forget_challenge(response: HttpResponse) -> None:
    """Take the challenge's cookie away."""
    forget_cookie(response, "passkey")
