"""The certificates that edges serve: stored whole or not at all, one for each host."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.db import transaction

from kit import clock
from tenants.certificates.models import Bundle, Challenge, Order, OrderState
from tenants.certificates.sealing import open_sealed, seal

# Without a word from the CA: half of a short life, two thirds of a long one.
SHORT_LIFE = timedelta(days=10)


class BadBundle(ValueError):
    """Chain and key are no usable certificate for that host; says why, never the key."""


@dataclass(frozen=True)
class Leaf:
    """What we need to know of a certificate."""

    serial: str
    certificate_id: str
    not_before: datetime
    not_after: datetime

    @property
    def renew_at(self) -> datetime:
        """When to renew if the CA names no moment."""
        return renew_by_age(self.not_before, self.not_after)


def renew_by_age(not_before: datetime, not_after: datetime) -> datetime:
    """When a certificate is renewed whatever its CA says: a third of its life left, half of a short one."""
    life = not_after - not_before
    return not_after - life / (2 if life < SHORT_LIFE else 3)


def store(host: str, chain_pem: bytes, key_pem: bytes, *, directory: str = "") -> Bundle:
    """Put the certificate where edges find it, in place of the one before; edges hear of it at the commit.

    `directory` is the CA it is from, empty for one brought by hand. Raises BadBundle when the key is not the
    certificate's, the certificate is not for `host` or cannot be read; nothing is stored then.
    """
    leaf = read(host, chain_pem, key_pem)
    sealed = seal(host, chain_pem.rstrip() + b"\n" + key_pem)
    fresh = Bundle(
        host=host,
        sealed=sealed.blob,
        key_name=sealed.key_name,
        directory=directory,
        serial=leaf.serial,
        certificate_id=leaf.certificate_id,
        not_before=leaf.not_before,
        not_after=leaf.not_after,
        renew_at=leaf.renew_at,
        stored_at=clock.now(),
    )
    # What the CA said of the one before does not hold for this one: ari_… go back to nothing.
    changed = [field.name for field in Bundle._meta.concrete_fields if field.name not in ("host", "version")]
    Bundle.objects.bulk_create([fresh], update_conflicts=True, unique_fields=["host"], update_fields=changed)
    return Bundle.objects.get(host=host)


@transaction.atomic
def forget(host: str) -> bool:
    """Take the certificate away from edges and drop what is under way for it; whether there was one.

    A worker in the middle of an order for the host finds its order ended and stores nothing.
    """
    Order.objects.filter(host=host, state=OrderState.OPEN).update(
        state=OrderState.FAILED, problem="forgotten", sealed_key=b"", ended_at=clock.now()
    )
    Challenge.objects.filter(host=host).delete()
    deleted, _ = Bundle.objects.filter(host=host).delete()
    return deleted > 0


def pem_of(host: str) -> bytes | None:
    """Chain and private key as one PEM, as edges load it; None when there is no certificate."""
    bundle = Bundle.objects.filter(host=host).first()
    return opened(bundle) if bundle else None


def opened(bundle: Bundle) -> bytes:
    """Chain and private key of that row; raises as `sealing.open_sealed` does."""
    return open_sealed(bundle.host, bundle.sealed, bundle.key_name)


def read(host: str, chain_pem: bytes, key_pem: bytes) -> Leaf:
    """What the chain's first certificate says; raises BadBundle when it is not this host's and key's."""
    try:
        leaf = x509.load_pem_x509_certificates(chain_pem)[0]
        key = serialization.load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError, IndexError):
        raise BadBundle(f"the certificate or the key for {host} is no PEM that can be read") from None
    if _public(leaf.public_key()) != _public(key.public_key()):
        raise BadBundle(f"the certificate for {host} is not for the key that came with it")
    if not _names(leaf, host):
        raise BadBundle(f"the certificate does not name {host}")
    return Leaf(
        serial=f"{leaf.serial_number:x}",
        certificate_id=certificate_id(leaf),
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
    )


def certificate_id(leaf: x509.Certificate) -> str:
    """The name under which its CA gives renewal information (RFC 9773 §4.1); "" without a key identifier."""
    try:
        found = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except x509.ExtensionNotFound:
        return ""
    if found.value.key_identifier is None:
        return ""
    # DER counts a serial number's sign bit: 0x87… has a leading zero byte.
    serial = leaf.serial_number.to_bytes(leaf.serial_number.bit_length() // 8 + 1, "big")
    parts: Sequence[bytes] = (found.value.key_identifier, serial)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def _names(leaf: x509.Certificate, host: str) -> bool:
    try:
        alternatives = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    names = {name.lower() for name in alternatives.get_values_for_type(x509.DNSName)}
    return host in names or f"*.{host.partition('.')[2]}" in names


def _public(key: object) -> bytes:
    assert hasattr(key, "public_bytes")
    der: bytes = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return der
