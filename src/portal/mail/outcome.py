"""What an attempt to hand a mail over came to, told from what the mail program raised."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPServerDisconnected
from typing import Any

from portal.mail.smtp import Resting

STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# RFC 3463: no such mailbox, no such domain, moved away, takes no mail at all (null MX), switched off.
GONE = {"1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.4"}
NO_SUCH_MAILBOX = (550, 551, 553)
LONGEST = 500


@dataclass(frozen=True)
class Outcome:
    """`is_final`: trying again would not help. `is_refused`: the recipient's side said it, not our own server.

    `is_gone`: the address does not take mail, whatever it says. `words` are for staff.
    """

    words: str
    is_final: bool
    is_refused: bool = False
    is_gone: bool = False


def outcome_of(error: Exception) -> Outcome | None:
    """What it means for the mail; None when the error says nothing about mail (a defect of ours)."""
    if isinstance(error, SMTPRecipientsRefused):
        return _refused(error.recipients)
    if isinstance(error, SMTPResponseException):
        code, words = int(error.smtp_code), said(error.smtp_code, error.smtp_error)
        return Outcome(words, is_final=code >= 500 and not _is_about_us(error), is_refused=True)
    if isinstance(error, Resting):
        return Outcome("Our mail server did not answer a moment ago.", is_final=False)
    if isinstance(error, SMTPServerDisconnected):
        return Outcome("The mail server ended the connection.", is_final=False)
    if isinstance(error, SMTPException | OSError):
        words = "in time" if isinstance(error, TimeoutError) else f"({type(error).__name__})"
        return Outcome(f"The mail server did not answer {words}.", is_final=False)
    return _of_a_service(error)


def said(code: int, words: bytes | str) -> str:
    """A server's answer as one line of text."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return f"{code} {printable(text)}"[:LONGEST]


def printable(text: str) -> str:
    """What strangers wrote, on one line and without control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


def is_gone(status: str, code: int = 0) -> bool:
    """Whether an enhanced status (RFC 3463), or a code without one, says that the address takes no mail.

    A full mailbox, a policy or a spam filter says something about today or about the mail, not about the address.
    """
    found = STATUS.search(status)
    if found is None:
        return code in NO_SUCH_MAILBOX
    return found[1] == "5" and f"{int(found[2])}.{int(found[3])}" in GONE


def _refused(recipients: Mapping[str, Any]) -> Outcome:
    code, words = next(iter(recipients.values()))
    text = said(code, words)
    # 4xx means "try later" (RFC 5321, 4.2.1); 5xx will never work.
    is_final = all(number >= 500 for number, _ in recipients.values())
    return Outcome(text, is_final, is_refused=True, is_gone=is_final and is_gone(text, code))


def _is_about_us(error: SMTPResponseException) -> bool:
    """Our own server refuses us (wrong password, no TLS): ours to mend, and the mail waits meanwhile."""
    return error.smtp_code in (530, 534, 535, 538, 502, 503, 504)


def _of_a_service(error: Exception) -> Outcome | None:
    from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused, AnymailRequestsAPIError

    if isinstance(error, AnymailRecipientsRefused):
        return Outcome("The mail service refuses the address.", is_final=True, is_refused=True)
    if isinstance(error, AnymailRequestsAPIError):
        status = error.status_code or 503
        # 401 and 403: our key. The body is not quoted: it may repeat what we sent.
        is_final = 400 <= status < 500 and status not in (401, 403, 408, 425, 429)
        return Outcome(f"The mail service answered {status}.", is_final=is_final)
    if isinstance(error, AnymailAPIError):
        return Outcome("The mail service did not answer.", is_final=False)
    return None
