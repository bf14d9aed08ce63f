"""Tokens and providers that lie or fail: nobody is signed in by them."""

import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws, jwt
from joserfc.jwk import RSAKey

from portal.people.models import Client
from tenants.agencies.current import CurrentAgency
from tenants.openid import provider as openid_provider
from tests.cast import portal_browser
from tests.portal.people.google_way import NO, arrived, off, refused_token
from tests.portal.people.test_google import is_in
from tests.rig.openid import CLIENT_ID, CLIENT_SECRET, LyingProvider, by_secret, part

# --- the ID token --------------------------------------------------------------------------------------------

BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "somebody-else"},
    "another audience beside ours": {"aud": [CLIENT_ID, "somebody-else"], "azp": CLIENT_ID},
    "made for another party": {"azp": "somebody-else"},
    "run out": {"exp": int(time.time()) - 3600},
    "of the future": {"iat": int(time.time()) + 3600},
    "made long ago": {"iat": int(time.time()) - 7200},
    "not valid yet": {"nbf": int(time.time()) + 3600},
    "another nonce": {"nonce": "x"},
    "an empty subject": {"sub": ""},
    "a subject that is a number": {"sub": 1},
    "an endless subject": {"sub": "1" * 300},
    "another access token": {"at_hash": "x"},
    "a moment that is a word": {"exp": "tomorrow"},
}


@pytest.mark.parametrize("claims", BAD_CLAIMS.values(), ids=list(BAD_CLAIMS))
def test_a_token_that_is_not_for_us_now_is_refused(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client, claims: dict[str, Any]
) -> None:
    liar.claims = claims
    refused_token(liar, northwind)


@pytest.mark.parametrize("name", ["iss", "aud", "exp", "iat", "sub", "nonce"])
def test_a_token_that_leaves_something_out_is_refused(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client, name: str
) -> None:
    liar.without = {name}
    refused_token(liar, northwind)


def test_a_token_of_another_key_is_refused(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client
) -> None:
    strange = RSAKey.generate_key(2048, {"kid": "right"})
    liar.make_token = lambda claims: jwt.encode({"alg": "RS256", "kid": "right"}, claims, strange)
    refused_token(liar, northwind)


def test_a_token_with_the_key_in_its_own_head_is_refused(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client
) -> None:
    strange = RSAKey.generate_key(2048)
    head = {"alg": "RS256", "jwk": strange.as_dict(private=False)}
    registry = jws.JWSRegistry(strict_check_header=False)
    liar.make_token = lambda claims: jws.serialize_compact(
        head, json.dumps(claims), strange, registry=registry
    )
    refused_token(liar, northwind)


def test_an_unsigned_token_is_refused(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client
) -> None:
    liar.make_token = lambda claims: ".".join([*liar.signed(claims).split(".")[:2], ""])
    refused_token(liar, northwind)
    liar.make_token = lambda claims: f"{part({'alg': 'none'})}.{part(claims)}."
    refused_token(liar, northwind)


def test_the_public_key_is_no_shared_secret(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client
) -> None:
    pem = liar.key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for secret in (pem, CLIENT_SECRET.encode()):
        liar.make_token = by_secret(secret)
        refused_token(liar, northwind)


@pytest.mark.parametrize("verified", [False, None, "true", "false", 1], ids=str)
def test_an_address_that_is_not_verified_is_nobodys(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client, verified: Any
) -> None:
    liar.claims = {"email_verified": verified}
    browser = portal_browser(northwind)
    assert browser.post(arrived(liar, browser))["Location"] == NO + "access" and not is_in(browser)


@pytest.mark.parametrize(
    "email",
    [
        ["maria@client.example"],
        {"a": 1},
        7,
        "",
        "mаria@client.example",
        "maria@client.example\n",
        None,
        "x" * 300,
    ],
    ids=["list", "object", "number", "empty", "look-alike", "line break", "null", "endless"],
)
def test_an_address_that_only_looks_like_hers_is_not(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client, email: Any
) -> None:
    liar.claims = {"email": email}
    browser = portal_browser(northwind)
    answer = browser.post(arrived(liar, browser))
    # A line break at the end is taken off with the other blanks around it: it is her address.
    assert is_in(browser) == (email == "maria@client.example\n"), answer["Location"]


# --- a provider that fails -----------------------------------------------------------------------------------


def test_a_description_of_another_issuer_is_not_believed(
    liar: LyingProvider, northwind: CurrentAgency
) -> None:
    liar.description = {"issuer": "https://evil.example"}
    assert off(portal_browser(northwind)) == NO + "unreachable"


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_nothing_is_asked_in_the_clear(liar: LyingProvider, northwind: CurrentAgency, name: str) -> None:
    liar.description = {name: "http://evil.example/x"}
    assert off(portal_browser(northwind)) == NO + "unreachable"


def hang(handler: BaseHTTPRequestHandler) -> bool:
    time.sleep(3)
    return False


def endless(handler: BaseHTTPRequestHandler) -> bool:
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(64):
            handler.wfile.write(b" " * 16 * 1024)
    except OSError:
        pass
    return True


def elsewhere(handler: BaseHTTPRequestHandler) -> bool:
    handler.send_response(307)
    handler.send_header("Location", "http://127.0.0.1:9/steal")
    handler.send_header("Content-Length", "0")
    handler.end_headers()
    return True


def broken(handler: BaseHTTPRequestHandler) -> bool:
    handler.send_response(500)
    handler.send_header("Content-Length", "0")
    handler.end_headers()
    return True


@pytest.mark.parametrize("answer", [hang, endless, elsewhere, broken])
def test_a_provider_that_fails_says_so_and_leads_back(
    liar: LyingProvider,
    northwind: CurrentAgency,
    asked_in: Client,
    monkeypatch: pytest.MonkeyPatch,
    answer: Callable[[BaseHTTPRequestHandler], bool],
) -> None:
    monkeypatch.setattr(openid_provider, "TIMEOUT", (0.5, 0.5))
    liar.answer = answer
    browser = portal_browser(northwind)
    there = arrived(liar, browser)
    assert there == NO + "unreachable" and b"does not answer" in browser.get(there).content


def test_new_keys_are_asked_for_once_in_a_while(
    liar: LyingProvider, northwind: CurrentAgency, asked_in: Client
) -> None:
    browser = portal_browser(northwind)
    browser.post(arrived(liar, browser))
    liar.key = RSAKey.generate_key(2048, {"kid": "newer"})
    liar.make_token = lambda claims: jwt.encode({"alg": "RS256", "kid": "newer"}, claims, liar.key)
    again = portal_browser(northwind)
    again.post(arrived(liar, again))
    assert is_in(again)
    before = liar.asked_for_keys
    liar.make_token = lambda claims: jwt.encode({"alg": "RS256", "kid": "odd"}, claims, liar.key)
    for _ in range(3):
        refused_token(liar, northwind)
    assert liar.asked_for_keys == before


def test_too_many_ways_are_stopped(liar: LyingProvider, northwind: CurrentAgency) -> None:
    browser = portal_browser(northwind)
    codes = [browser.get("/sign-in/google/").status_code for _ in range(62)]
    assert codes[0] == 302 and codes[-1] == 429
