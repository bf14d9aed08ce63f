"""A certificate authority of our own for listeners on the loopback: Debian's Pebble ships no certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# Clocks of two programs differ; a certificate of this very second would be "not yet valid".
BEFORE = timedelta(hours=1)
# For what no browser sees: those refuse a leaf of more than 825 days.
YEARS = timedelta(days=3650)


@dataclass(frozen=True)
class Minted:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def authority(name: str, *, at: datetime | None = None) -> Minted:
    """A root that signs for ten years from `at` (now)."""
    key, now = ec.generate_private_key(ec.SECP256R1()), at or datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        _begun(subject, subject, key, now, now + YEARS)
        .add_extension(x509.BasicConstraints(True, None), True)
        .add_extension(x509.KeyUsage(True, False, False, False, False, True, True, False, False), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )
    return Minted(built.sign(key, hashes.SHA256()), key)


def leaf(
    root: Minted, *names: str, life: timedelta = timedelta(days=90), at: datetime | None = None
) -> Minted:
    """A server's certificate for those names (addresses too), valid from `at` (now) for `life`."""
    key, now = ec.generate_private_key(ec.SECP256R1()), at or datetime.now(UTC)
    built = (
        _begun(x509.Name([]), root.certificate.subject, key, now, now - BEFORE + life)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key()), False)
    )
    return Minted(built.sign(root.key, hashes.SHA256()), key)


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BEFORE)
        .not_valid_after(end)
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
