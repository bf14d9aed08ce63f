"""DKIM: a mail that is signed as it is written to the wire (RFC 6376, relaxed/relaxed)."""

from dataclasses import dataclass
from email.message import Message as WireMessage
from typing import Any

import dkim
from django.core.mail import EmailMultiAlternatives

# What must not be changed on the way; the two of RFC 8058 have to be covered (§4).
SIGNED = [
    b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Reply-To", b"MIME-Version", b"Content-Type",
    b"List-Unsubscribe", b"List-Unsubscribe-Post", b"Auto-Submitted",
]  # fmt: skip
# Named once more than it is there: a second one, added on the way, would break the signature.
OVERSIGNED = [b"From", b"Subject", b"Reply-To"]


@dataclass(frozen=True)
class Signer:
    """Whose signature: `domain` is also that of the From address, so that DMARC finds them aligned."""

    domain: str
    selector: str
    key: bytes


class SignedMail(EmailMultiAlternatives):
    """A mail with a DKIM-Signature, if there is a signer."""

    metadata: dict[str, str]

    def __init__(self, *args: Any, signer: Signer | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._signer = signer
        # Only where there is one: mail services that cannot set it refuse the mail.
        self.envelope_sender: str | None = None

    def message(self, *args: Any, **options: Any) -> Any:
        """As Django makes it, and signed."""
        made = super().message(*args, **options)
        if self._signer is not None:
            made["DKIM-Signature"] = _signature(made, self._signer)
        return made


def _signature(made: WireMessage, signer: Signer) -> str:
    wire: bytes = made.as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's have it
    present = {name.lower().encode() for name in made}
    names = [name for name in SIGNED if name.lower() in present]
    line: bytes = dkim.sign(
        wire,
        signer.selector.encode(),
        signer.domain.encode(),
        signer.key,
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[*names, *(name for name in OVERSIGNED if name in names or name == b"Reply-To")],
    )
    # On one line: relaxed signatures do not mind, and Django takes no line breaks in headers.
    return " ".join(line.decode().partition(":")[2].split())
