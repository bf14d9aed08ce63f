"""Certificates for edges to serve, without a certificate authority."""

from infra.embedded.minting import Minted, leaf
from tenants.certificates import bundles
from tenants.certificates.edge.following import Row
from tenants.certificates.sealing import seal


def stored(root: Minted, host: str) -> str:
    """A new certificate for the host in the table; its serial."""
    minted = leaf(root, host)
    return bundles.store(host, minted.pem + root.pem, minted.key_pem).serial


def row(root: Minted, host: str, version: int = 1) -> tuple[Row, str]:
    """The same as a follower gets it from the table, and its serial."""
    minted = leaf(root, host)
    sealed = seal(host, minted.pem + root.pem + minted.key_pem)
    return Row(host, version, sealed.blob, sealed.key_name), serial_of(minted)


def serial_of(minted: Minted) -> str:
    """As the table has it: hexadecimal, lower case."""
    return f"{minted.certificate.serial_number:x}"
