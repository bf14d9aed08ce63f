"""Django's SMTP backend with an end to its patience: two seconds to connect, ten for the whole mail.

A server that hangs is left alone for half a minute afterwards (in this process), so that it holds one thread of a
worker for ten seconds in forty, and other jobs go on.
"""

import contextlib
import smtplib
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

CONNECT_SECONDS, TOTAL_SECONDS = 2.0, 10.0
GOODBYE_SECONDS = 1.0
REST_SECONDS = 30.0
_rests_until: dict[tuple[str, int], float] = {}


class Resting(OSError):
    """The mail server did not answer a moment ago; nobody asked it this time."""


class HurriedBackend(EmailBackend):
    """One connection a mail, closed by force when its time is over."""

    @property
    def connection_class(self) -> Any:
        """smtplib's, with our patience for connecting."""
        return _HurriedSSL if self.use_ssl else _Hurried

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send; raises what smtplib raises, TimeoutError, or Resting."""
        server = (str(self.host), int(self.port))
        if _rests_until.get(server, 0.0) > time.monotonic():
            raise Resting(f"{server[0]} did not answer a moment ago")
        try:
            with self._deadline():
                return super().send_messages(email_messages) or 0
        except TimeoutError:
            _rests_until[server] = time.monotonic() + REST_SECONDS
            raise

    def _send(self, email_message: EmailMessage) -> bool:
        # As Django's, but reports of what cannot be delivered come back to an address of the mail's own.
        encoding = email_message.encoding or settings.DEFAULT_CHARSET
        sender = getattr(email_message, "envelope_sender", "") or sanitize_address(
            email_message.from_email, encoding
        )
        recipients = [sanitize_address(address, encoding) for address in email_message.recipients()]
        wire = email_message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's have it
        assert self.connection is not None
        self.connection.sendmail(sender, recipients, wire)
        return bool(recipients)

    def _close_connection(self, connection: Any) -> None:
        # The mail is taken, or it is not: how the other side says goodbye changes nothing about that.
        with contextlib.suppress(OSError, AttributeError):
            connection.sock.settimeout(GOODBYE_SECONDS)
            connection.quit()
        connection.close()

    @contextlib.contextmanager
    def _deadline(self) -> Iterator[None]:
        # A server may keep each single wait short and still take for ever: the clock is for the whole.
        held, is_over = _Held(), threading.Event()
        _here.held = held

        def end() -> None:
            is_over.set()
            held.cut()

        clock = threading.Timer(TOTAL_SECONDS, end)
        clock.daemon = True
        clock.start()
        try:
            yield
        except OSError as error:
            if is_over.is_set() or isinstance(error, TimeoutError):
                raise TimeoutError("the mail server did not answer in time") from error
            raise
        finally:
            clock.cancel()


class _Held:
    """The connection that is being used, so that the clock's thread can cut it."""

    smtp: smtplib.SMTP | None = None
    line: socket.socket | None = None

    def cut(self) -> None:
        # TLS puts another socket in place of the first.
        for line in (self.line, getattr(self.smtp, "sock", None)):
            with contextlib.suppress(OSError, AttributeError):
                line.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


_here = threading.local()


def _connected(smtp: smtplib.SMTP, host: str, port: int) -> socket.socket:
    line = socket.create_connection((host, port), CONNECT_SECONDS)
    _here.held.smtp, _here.held.line = smtp, line
    # Longer than the whole: it is the clock that ends it, so that it is known why.
    line.settimeout(TOTAL_SECONDS + 1)
    return line


class _Hurried(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return _connected(self, host, port)


class _HurriedSSL(smtplib.SMTP_SSL):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        line = _connected(self, host, port)
        line.settimeout(CONNECT_SECONDS)
        wrapped = self.context.wrap_socket(line, server_hostname=self._host)  # type: ignore[attr-defined]
        wrapped.settimeout(TOTAL_SECONDS + 1)
        return wrapped
