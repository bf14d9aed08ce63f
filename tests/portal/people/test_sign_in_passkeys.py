"""Passkeys with an authenticator written out here; a real browser's is in tests/browser."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.test import Client as Browser
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from kit import clock
from portal.people.models import Client, ClientPasskey
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import portal_browser
from tests.portal.people.signing_in import is_in

FLAG = AuthenticatorData.FLAG


@dataclass
class Authenticator:
    """One key on one device, which can be made to lie."""

    host: str
    origin: str = ""
    verified: bool = True
    count: int = 1
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = b"an authenticator's key"

    def create(self, options: dict[str, Any]) -> str:
        """What navigator.credentials.create answers."""
        # fido2 has no types here.
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(bytes(16), self.id, public)
        made = AttestationObject.create("none", self._seen(FLAG.AT, credential), {})
        return self._answer(options, "webauthn.create", attestationObject=websafe_encode(made))

    def get(self, options: dict[str, Any]) -> str:
        """What navigator.credentials.get answers; counts up."""
        self.count += 1
        seen, said = self._seen(), self._client_says(options, "webauthn.get")
        signed = self.key.sign(seen + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        fields = {"authenticatorData": websafe_encode(seen), "signature": websafe_encode(signed)}
        return self._answer(options, "webauthn.get", **fields)

    def _seen(self, more: int = 0, credential: bytes = b"") -> AuthenticatorData:
        flags = FLAG.UP | (FLAG.UV if self.verified else 0) | more
        rp = hashlib.sha256(self.host.encode()).digest()
        made: AuthenticatorData = AuthenticatorData.create(rp, FLAG(flags), self.count, credential)
        return made

    def _client_says(self, options: dict[str, Any], kind: str) -> bytes:
        origin = self.origin or f"http://{self.host}{settings.PORTICO_PORT_SUFFIX}"
        said = {"type": kind, "challenge": options["publicKey"]["challenge"], "origin": origin}
        return json.dumps(said).encode()

    def _answer(self, options: dict[str, Any], kind: str, **fields: str) -> str:
        said = websafe_encode(self._client_says(options, kind))
        own = websafe_encode(self.id)
        response = {"clientDataJSON": said, **fields}
        return json.dumps({"id": own, "rawId": own, "type": "public-key", "response": response})


def _add(browser: Browser, device: Authenticator, name: str = "My phone") -> int:
    options = browser.post("/profile/passkeys/challenge/").json()
    return browser.post(
        "/profile/passkeys/", {"name": name, "credential": device.create(options)}
    ).status_code


def _sign_in(agency: CurrentAgency, device: Authenticator, **fields: str) -> Browser:
    browser = portal_browser(agency)
    options = browser.post("/sign-in/passkey/challenge/").json()
    browser.post("/sign-in/passkey/", {"credential": device.get(options), **fields})
    return browser


@pytest.fixture
def device(northwind: CurrentAgency, maria: Client) -> Authenticator:
    """Maria's, added on her portal."""
    made = Authenticator(northwind.host)
    assert _add(portal_browser(northwind, maria), made) == 302
    return made


def test_maria_signs_in_with_her_passkey(northwind: CurrentAgency, device: Authenticator) -> None:
    browser = portal_browser(northwind)
    options = browser.post("/sign-in/passkey/challenge/").json()
    assert options["publicKey"]["rpId"] == "northwind.localhost"
    assert options["publicKey"]["userVerification"] == "required"
    assert not options["publicKey"].get("allowCredentials")  # names nobody's keys
    fields = {"credential": device.get(options), "next": "/profile/sessions/"}
    assert browser.post("/sign-in/passkey/", fields)["Location"] == "/profile/sessions/"
    assert is_in(browser)
    with inside(northwind):
        kept = ClientPasskey.objects.get()
        assert (kept.sign_count, kept.host) == (2, "northwind.localhost") and kept.used_at


def test_an_answer_is_good_once(northwind: CurrentAgency, device: Authenticator) -> None:
    browser = portal_browser(northwind)
    options = browser.post("/sign-in/passkey/challenge/").json()
    answer, kept = device.get(options), browser.cookies["passkey"].value
    browser.post("/sign-in/passkey/", {"credential": answer})
    again = portal_browser(northwind)
    again.cookies["passkey"] = kept
    with inside(northwind):
        ClientPasskey.objects.update(sign_count=0)
    again.post("/sign-in/passkey/", {"credential": answer})
    assert is_in(browser) and not is_in(again)


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://x.northwind.localhost"},
        {"origin": "http://harbour.localhost"},
        {"host": "harbour.localhost"},
        {"verified": False},
        {"count": 0},  # a copy of the key that counted less
        {"key": ec.generate_private_key(ec.SECP256R1())},
        {"id": b"nobody's"},
    ],
    ids=lambda lie: f"{next(iter(lie))}",
)
def test_what_proves_nothing_is_refused(
    northwind: CurrentAgency, device: Authenticator, lie: dict[str, Any]
) -> None:
    for name, value in lie.items():
        setattr(device, name, value)
    assert not is_in(_sign_in(northwind, device))


def test_another_agency_knows_nothing_of_it(
    northwind: CurrentAgency, harbour: CurrentAgency, device: Authenticator
) -> None:
    assert not is_in(_sign_in(harbour, device))
    device.host = harbour.host
    assert not is_in(_sign_in(harbour, device))


def test_a_removed_client_is_refused(northwind: CurrentAgency, maria: Client, device: Authenticator) -> None:
    with inside(northwind):
        Client.objects.filter(pk=maria.pk).update(removed_at=clock.now())
    assert not is_in(_sign_in(northwind, device))


def test_charlie_can_neither_rename_nor_remove_marias_passkey(
    northwind: CurrentAgency, charlie: Client, device: Authenticator
) -> None:
    with inside(northwind):
        own = ClientPasskey.objects.get().pk
    browser = portal_browser(northwind, charlie)
    assert browser.post(f"/profile/passkeys/{own}/", {"name": "Mine"}).status_code == 404
    foreign = browser.post(f"/profile/passkeys/{own}/removal/")
    missing = browser.post("/profile/passkeys/987654/removal/")
    assert foreign.status_code == missing.status_code == 404 and foreign.content == missing.content
    with inside(northwind):
        assert ClientPasskey.objects.get().name == "My phone"
    assert is_in(_sign_in(northwind, device))


def test_charlie_cannot_answer_marias_challenge(
    northwind: CurrentAgency, maria: Client, charlie: Client
) -> None:
    marias, charlies = portal_browser(northwind, maria), portal_browser(northwind, charlie)
    options = marias.post("/profile/passkeys/challenge/").json()
    charlies.cookies["passkey"] = marias.cookies["passkey"].value
    answer = Authenticator(northwind.host).create(options)
    assert charlies.post("/profile/passkeys/", {"name": "x", "credential": answer}).status_code == 422


def test_the_same_key_twice_is_refused(northwind: CurrentAgency, device: Authenticator, tom: Client) -> None:
    assert _add(portal_browser(northwind, tom), device) == 422


def test_a_key_that_did_not_verify_its_person_is_not_kept(northwind: CurrentAgency, tom: Client) -> None:
    assert _add(portal_browser(northwind, tom), Authenticator(northwind.host, verified=False)) == 422


@pytest.mark.parametrize("nonsense", ["", "{", "[]", "null", "{}", '{"rawId": 1}', "[" * 5000, "\x00"])
def test_nonsense_is_a_refusal_not_an_error(northwind: CurrentAgency, tom: Client, nonsense: str) -> None:
    browser = portal_browser(northwind)
    browser.post("/sign-in/passkey/challenge/")
    assert browser.post("/sign-in/passkey/", {"credential": nonsense})["Location"] == "/sign-in/"
    own = portal_browser(northwind, tom)
    own.post("/profile/passkeys/challenge/")
    assert own.post("/profile/passkeys/", {"name": "x", "credential": nonsense}).status_code == 422
    assert own.post("/profile/passkeys/", {"name": "", "credential": "{}"}).status_code == 422


def test_without_a_challenge_nothing_is_taken(northwind: CurrentAgency, device: Authenticator) -> None:
    answer = device.get({"publicKey": {"challenge": websafe_encode(bytes(32))}})
    browser = portal_browser(northwind)
    for cookie in ("", "forged", "a:b:c"):
        browser.cookies["passkey"] = cookie
        assert browser.post("/sign-in/passkey/", {"credential": answer})["Location"] == "/sign-in/"
    assert not is_in(browser)
