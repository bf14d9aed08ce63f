"""A certificate authority of the tests' own: chains and keys as PEM, without asking anybody."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass(frozen=True)
class Leaf:
    """One certificate with its issuer and key, and its serial in hexadecimal."""

    chain: bytes
    key: bytes
    serial: str

    @property
    def pem(self) -> bytes:
        return self.chain + self.key


class OwnCa:
    """Issues what it is asked for. `root` is what clients have to trust."""

    def __init__(self, name: str = "tests' own CA") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._certificate = (
            self._begin(self._key, self._name, timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.root = self._certificate.public_bytes(Encoding.PEM)

    def leaf(self, *hosts: str, life: timedelta = timedelta(days=90)) -> Leaf:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            self._begin(key, x509.Name([]), life)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return Leaf(
            chain=certificate.public_bytes(Encoding.PEM) + self.root,
            key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            serial=format(certificate.serial_number, "x"),
        )

    def _begin(
        self, key: ec.EllipticCurvePrivateKey, subject: x509.Name, life: timedelta
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + life)
        )
