"""One order at a certificate authority, from wherever it stands to the certificate (RFC 8555 §7.4).

Nothing here is done twice that a CA counts: after a kill, every step looks first at how far the CA is.
"""

import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from josepy.b64 import b64encode

from kit import clock
from tenants.certificates.accounts import SignedIn
from tenants.certificates.answers import Answer, Problem, problem_in
from tenants.certificates.models import Challenge, Order
from tenants.certificates.sealing import open_sealed
from tenants.certificates.verdicts import SOON, Postponed, Rejected, verdict

DEADLINE_SECONDS = 60
FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 0.035, 3.0, 1.6
# A CA that has not looked by then has lost the word that it may.
ANSWERED = timedelta(minutes=10)
MOST_PAGES = MOST_LOOKS = 40


class Stale(Exception):
    """The CA does not know the order any more, or has let it run out: a new one is needed."""


class Invalid(Exception):
    """The CA has given the order up for a reason; `said` is what that means for the name."""

    def __init__(self, said: Postponed | Rejected) -> None:
        self.said = said
        super().__init__(str(said))


class Patience:
    """Pauses between two looks: short at first, as the CA asks later on, and none after the deadline."""

    def __init__(self) -> None:
        self.began, self.pause = time.monotonic(), FIRST_PAUSE

    def wait(self, answer: Answer) -> None:
        """Until the next look. Raises Postponed when there is to be none."""
        passed = time.monotonic() - self.began
        asked = answer.retry_after if passed > 1 else None
        pause = min(asked or self.pause, 10.0)
        if passed + pause > DEADLINE_SECONDS:
            words = f"the CA was not done within {DEADLINE_SECONDS} seconds; the order goes on"
            raise Postponed(asked or SOON, "timeout", words)
        time.sleep(pause)
        self.pause = min(self.pause * GROWTH, LONGEST_PAUSE)


def key_of(order: Order) -> bytes:
    """The private key of the certificate to come, as PEM; raises as `sealing.open_sealed` does."""
    return open_sealed(order.host, order.sealed_key, order.key_name)


def place(ca: SignedIn, order: Order) -> str:
    """Ask for the certificate; the order's URL. Raises Problem."""
    said: dict[str, Any] = {"identifiers": [{"type": "dns", "value": order.host}]}
    profiles = ca.meta.get("profiles")
    # A profile that it does not offer would be refused; none is its own choice.
    if order.profile and isinstance(profiles, dict) and order.profile in profiles:
        said["profile"] = order.profile
    if order.replaces and ca.directory.get("renewalInfo"):
        said["replaces"] = order.replaces
    return ca.post(ca.place("newOrder"), said).location


def find_lost(ca: SignedIn, host: str) -> str:
    """The URL of an order whose answer we were killed before; "" when there is none or the CA keeps no list."""
    assert ca.net.account
    account = ca.read(ca.net.account.uri).json
    unknown = islice(_unknown(ca, account.get("orders")), MOST_LOOKS)
    return next((url for url in unknown if _is_open_for(ca.read(url).json, host)), "")


def fulfil(ca: SignedIn, order: Order) -> bytes:
    """The chain as PEM. Raises Problem, Postponed, Rejected, Invalid and Stale."""
    patience = Patience()
    while True:
        answer = _look(ca, order)
        said = answer.json
        status = said.get("status")
        if status == "valid" and said.get("certificate"):
            return ca.read(str(said["certificate"])).content
        if status == "invalid":
            raise _why_invalid(ca, said)
        if status == "pending":
            for url in said.get("authorizations") or ():
                _authorise(ca, order, str(url), patience)
        if status in ("pending", "ready"):
            _finalize(ca, order, str(said.get("finalize")))
            patience.pause = FIRST_PAUSE
        patience.wait(answer)


def _look(ca: SignedIn, order: Order) -> Answer:
    try:
        return ca.read(order.url)
    except Problem as problem:
        if problem.status in (400, 403, 404, 410) and problem.code != "badNonce":
            raise Stale(problem.detail) from None
        raise


def _authorise(ca: SignedIn, order: Order, url: str, patience: Patience) -> None:
    while True:
        answer = ca.read(url)
        said = answer.json
        status = said.get("status")
        if status == "valid":
            return
        if status == "invalid":
            raise _refusal([said])
        if status != "pending":
            raise Stale(f"the authorization is {status}")
        challenge = _challenge(said)
        _answer(ca, order, challenge)
        patience.wait(answer)


def _challenge(authorization: Mapping[str, Any]) -> Mapping[str, Any]:
    offered = [c for c in authorization.get("challenges") or () if c.get("type") == "http-01"]
    if not offered:
        raise Rejected("noHttpChallenge", "the CA does not offer to check this name by http")
    challenge: Mapping[str, Any] = offered[0]
    return challenge


def _answer(ca: SignedIn, order: Order, challenge: Mapping[str, Any]) -> None:
    """Put the answer up and tell the CA to look, once."""
    token, url = str(challenge["token"]), str(challenge["url"])
    assert ca.net.key
    thumbprint = b64encode(ca.net.key.thumbprint()).decode()
    row, _ = Challenge.objects.get_or_create(
        token=token, defaults={"host": order.host, "key_authorization": f"{token}.{thumbprint}"}
    )
    if challenge.get("status", "pending") != "pending":
        return
    if row.answered_at is not None and row.answered_at > clock.now() - ANSWERED:
        if isinstance(error := challenge.get("error"), dict) and error:
            # It has looked, and waits to be told again instead of giving up (smallstep's do).
            raise Invalid(verdict(problem_in(error), of_name=True))
        return
    try:
        ca.post(url, {})
    except Problem as problem:
        # Killed between telling it and noting that: it is looking already, and says so in its own way.
        if problem.status not in (400, 409):
            raise
    Challenge.objects.filter(pk=token).update(answered_at=clock.now())


def _finalize(ca: SignedIn, order: Order, url: str) -> None:
    try:
        ca.post(url, {"csr": b64encode(_request(order)).decode()})
    except Problem as problem:
        # Not ready yet, or no longer: the next look says which.
        if problem.code != "orderNotReady":
            raise


def _request(order: Order) -> bytes:
    key: Any = serialization.load_pem_private_key(key_of(order), password=None)
    names = x509.SubjectAlternativeName([x509.DNSName(order.host)])
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).add_extension(names, False)
    return request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _why_invalid(ca: SignedIn, said: Mapping[str, Any]) -> Exception:
    if isinstance(error := said.get("error"), dict) and error:
        return Invalid(verdict(problem_in(error), of_name=True))
    return _refusal([ca.read(str(url)).json for url in said.get("authorizations") or ()])


def _refusal(authorizations: list[Mapping[str, Any]]) -> Exception:
    for authorization in authorizations:
        for challenge in authorization.get("challenges") or ():
            if isinstance(error := challenge.get("error"), dict) and error:
                return Invalid(verdict(problem_in(error), of_name=True))
    return Stale("the CA gave the order up and says no reason")


def _is_open_for(said: Mapping[str, Any], host: str) -> bool:
    names = [name.get("value") for name in said.get("identifiers") or ()]
    return names == [host] and said.get("status") in ("pending", "ready")


def _unknown(ca: SignedIn, url: object) -> Iterator[str]:
    """Orders of our account that no row knows."""
    for _ in range(MOST_PAGES):
        if not isinstance(url, str) or not url:
            return
        page = ca.read(url)
        listed = [ca.absolute(str(order)) for order in page.json.get("orders") or ()]
        known = set(Order.objects.filter(url__in=listed).values_list("url", flat=True))
        yield from (order for order in listed if order not in known)
        url = page.next_page
