"""DKIM keys: one pair per agency and domain, the private half sealed like those of certificates."""

import base64
import secrets

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from portal.sender.models import SenderDomain
from tenants.certificates.sealing import Sealed, newest_key_name, open_sealed, seal

BITS = 2048


def new_selector() -> str:
    """Random: nobody can have published a record for it before."""
    return f"s{secrets.token_hex(6)}"


def new_pair(selector: str, domain: str) -> tuple[str, Sealed]:
    """The public half as the DKIM record has it, and the private half as it may be stored."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    return base64.b64encode(public).decode(), seal(_bound_to(selector, domain), private)


def open_key(domain: SenderDomain) -> bytes:
    """The private key as PEM, for signing.

    Raises:
        tenants.certificates.sealing.SealBroken: the row was changed.
        django.core.exceptions.ImproperlyConfigured: CERTIFICATE_KEYS lacks the key that sealed it.
    """
    return open_sealed(_bound_to(domain.selector, domain.domain), domain.sealed_key, domain.key_name)


def seal_anew(domain: SenderDomain) -> bool:
    """Seal the private key with the newest of CERTIFICATE_KEYS; whether another one had sealed it.

    Raises: as `open_key`.
    """
    if domain.key_name == newest_key_name():
        return False
    sealed = seal(_bound_to(domain.selector, domain.domain), open_key(domain))
    same = SenderDomain.objects.filter(selector=domain.selector, key_name=domain.key_name)
    return bool(same.update(sealed_key=sealed.blob, key_name=sealed.key_name))


def _bound_to(selector: str, domain: str) -> str:
    return f"dkim:{selector}._domainkey.{domain}"
