"""Our account at each certificate authority: one serves all agencies, made by whoever needs it first."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from acme import messages
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db.models import F
from josepy.jwk import JWKEC

from kit import clock
from kit.locks import alone
from tenants.certificates.answers import Answer, Problem
from tenants.certificates.authorities import Authority
from tenants.certificates.client import Ca, Net
from tenants.certificates.models import AcmeAccount
from tenants.certificates.sealing import open_sealed, seal

WAIT_SECONDS = 30


class SignedIn(Ca):
    """A CA as our account there. When it forgot the account, that is made again, with the same key."""

    def __init__(self, authority: Authority, net: Net) -> None:
        super().__init__(authority.directory, net)
        self.authority = authority

    def read(self, url: str) -> Answer:
        return self._known(lambda: super(SignedIn, self).read(url))

    def post(self, url: str, content: Any) -> Answer:
        return self._known(lambda: super(SignedIn, self).post(url, content))

    def _known(self, ask: Callable[[], Answer]) -> Answer:
        try:
            return ask()
        except Problem as problem:
            if problem.code != "accountDoesNotExist":
                raise
        self.net.sign_as(_register(self.authority, again=True))
        return ask()


def signed_in(authority: Authority) -> SignedIn:
    """That CA as our account, which is made first if there is none.

    Raises Problem when the CA refuses or does not answer; ImproperlyConfigured or SealBroken when the
    account's key cannot be opened.
    """
    row = row_of(authority)
    url = row.url or _register(authority)
    ca = _kept(authority, bytes(row.sealed_key), row.key_name, url)
    # Read now: who cannot even say what it offers is not to be given an order.
    assert ca.directory is not None
    return ca


def anonymous(authority: Authority) -> Ca:
    """That CA for what anybody may read."""
    return _reader(authority)


def row_of(authority: Authority) -> AcmeAccount:
    """Our account's row; its key is made with it, the account at the CA only when it is needed."""
    if row := AcmeAccount.objects.filter(directory=authority.directory).first():
        return row
    key = ec.generate_private_key(ec.SECP256R1())
    sealed = seal(authority.directory, pem_of_key(key))
    # Of two processes at once, one key wins.
    AcmeAccount.objects.bulk_create(
        [AcmeAccount(directory=authority.directory, sealed_key=sealed.blob, key_name=sealed.key_name)],
        ignore_conflicts=True,
    )
    return AcmeAccount.objects.get(directory=authority.directory)


def note_success(directory: str) -> None:
    """That CA gave a certificate."""
    AcmeAccount.objects.filter(directory=directory).update(succeeded_at=clock.now(), failures_in_row=0)


def note_answer(directory: str) -> None:
    """That CA does its work, though it said no to a name."""
    AcmeAccount.objects.filter(directory=directory).update(failures_in_row=0)


def note_failure(directory: str, code: str, detail: str) -> None:
    """That CA did not do its work, or refuses us."""
    AcmeAccount.objects.filter(directory=directory).update(
        failed_at=clock.now(),
        failures_in_row=F("failures_in_row") + 1,
        problem=code,
        problem_detail=detail,
    )


def pem_of_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The private key as PEM, not encrypted: only to be sealed or given to the edge."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@lru_cache(maxsize=8)
def _kept(authority: Authority, blob: bytes, key_name: str, url: str) -> SignedIn:
    key = _key(authority.directory, blob, key_name)
    return SignedIn(authority, Net(key, account=url, ca_file=authority.ca_file))


@lru_cache(maxsize=8)
def _reader(authority: Authority) -> Ca:
    return Ca(authority.directory, Net(None, ca_file=authority.ca_file))


def _key(directory: str, blob: bytes, key_name: str) -> JWKEC:
    pem = open_sealed(directory, blob, key_name)
    return JWKEC(key=serialization.load_pem_private_key(pem, password=None))


def _register(authority: Authority, *, again: bool = False) -> str:
    """Make the account (RFC 8555 §7.3); its URL. For a key that the CA knows, it names the one there is."""
    with alone(f"account {authority.directory}", seconds=WAIT_SECONDS):
        row = row_of(authority)
        if row.url and not again:
            return str(row.url)
        net = Net(_key(row.directory, bytes(row.sealed_key), row.key_name), ca_file=authority.ca_file)
        ca = Ca(authority.directory, net)
        url = ca.post(ca.place("newAccount"), _application(authority, ca)).location
        AcmeAccount.objects.filter(pk=row.pk).update(url=url)
        return url


def _application(authority: Authority, ca: Ca) -> dict[str, Any]:
    said: dict[str, Any] = {"termsOfServiceAgreed": True}
    if authority.email:
        said["contact"] = [f"mailto:{authority.email}"]
    if authority.eab_kid:
        assert ca.net.key
        said["externalAccountBinding"] = messages.ExternalAccountBinding.from_data(
            ca.net.key.public_key(),
            authority.eab_kid,
            authority.eab_key,
            messages.Directory({"newAccount": ca.place("newAccount")}),
        )
    elif ca.meta.get("externalAccountRequired"):
        words = f"{authority.directory} wants ACME_EAB_KID and ACME_EAB_KEY, which it gave you"
        raise Problem("externalAccountRequired", words)
    return said
