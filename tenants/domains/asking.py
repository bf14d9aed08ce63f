"""One question to one name server. Whatever comes back, or nothing: a Reply, never an exception.

An answer counts only as far as it follows from the question: records of other names, a wrong id, what stands in
the additional section are passed over.
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterable

import dns.exception
import dns.flags
import dns.message
import dns.rcode

from tenants.domains.answers import Reply, Server, read

# A datagram may be lost: asked twice. Together under the two seconds that a connection may take.
FIRST_TRY, SECOND_TRY = 0.7, 1.3
EDNS_PAYLOAD = 1232
MOST_AT_ONCE = 60
# No honest answer to these questions is longer; reading the longest possible ones would take seconds.
LARGEST_ANSWER = 16 * 1024
HEADER, TRUNCATED = 12, 2  # RFC 1035 §4.1.1


class TooLarge(Exception):
    """An answer that is not worth reading."""


class Asker:
    """Asks in parallel until a moment in the future, after which every question is answered by TIMEOUT."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._room = asyncio.Semaphore(MOST_AT_ONCE)

    async def ask(self, server: Server, name: str, kind: str) -> Reply:
        """Ask one server; a resolver with recursion, a name server without."""
        async with self._room:
            try:
                return await self._ask(server, name, kind)
            except dns.exception.Timeout:
                return Reply(server, "TIMEOUT")
            except OSError:
                return Reply(server, "UNREACHABLE")
            except TooLarge:
                return Reply(server, "TOO_LARGE")
            except Exception:  # whatever else hostile octets bring about must not end the look
                return Reply(server, "MALFORMED")

    async def all(self, servers: Iterable[Server], name: str, kind: str) -> list[Reply]:
        """Ask every server; replies in their order."""
        return list(await asyncio.gather(*[self.ask(server, name, kind) for server in servers]))

    async def first(self, servers: Iterable[Server], name: str, kind: str) -> Reply:
        """The first answer to arrive from any of the servers; a failure only if all failed."""
        waiting = {asyncio.ensure_future(self.ask(server, name, kind)) for server in servers}
        last = Reply(Server(""), "UNREACHABLE")
        try:
            while waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for reply in (task.result() for task in done):
                    if reply.is_answer:
                        return reply
                    last = reply
            return last
        finally:
            for task in waiting:
                task.cancel()

    async def _ask(self, server: Server, name: str, kind: str) -> Reply:
        question = dns.message.make_query(name, kind, use_edns=0, payload=EDNS_PAYLOAD)
        if server.is_authoritative:
            question.flags &= ~dns.flags.RD
        answer = await self._sent(question, server)
        if answer.rcode() in (dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS):
            question.use_edns(False)  # a server from before RFC 6891
            answer = await self._sent(question, server)
        return read(answer, server, question.question[0])

    async def _sent(self, question: dns.message.Message, server: Server) -> dns.message.Message:
        for patience in (FIRST_TRY, SECOND_TRY):
            left = min(patience, self._until - time.monotonic())
            if left <= 0:
                break
            with contextlib.suppress(TimeoutError, dns.exception.Timeout):
                async with asyncio.timeout(left):
                    return await _exchanged(question, server)
        raise dns.exception.Timeout


async def _exchanged(question: dns.message.Message, server: Server) -> dns.message.Message:
    """Over UDP, then over TCP if it does not fit."""
    loop, wire = asyncio.get_running_loop(), question.to_wire()
    family = socket.AF_INET6 if ":" in server.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as line:
        line.setblocking(False)
        # Connected: the kernel drops what others send, and says at once when nobody listens.
        await loop.sock_connect(line, (server.address, server.port))
        await loop.sock_sendall(line, wire)
        while True:
            octets = await loop.sock_recv(line, 65535)
            if octets[:2] != wire[:2] or len(octets) < HEADER:
                continue  # somebody guesses ids: the true answer may still come
            if octets[2] & TRUNCATED:
                return await _over_tcp(question, server)
            with contextlib.suppress(dns.exception.FormError):
                return _parsed(octets, question)


async def _over_tcp(question: dns.message.Message, server: Server) -> dns.message.Message:
    incoming, outgoing = await asyncio.open_connection(server.address, server.port)
    try:
        outgoing.write(question.to_wire(prepend_length=True))
        length = int.from_bytes(await incoming.readexactly(2))
        _refuse_large(length)
        answer = _parsed(await incoming.readexactly(length), question)
    finally:
        outgoing.close()
    if answer.flags & dns.flags.TC:
        raise dns.exception.FormError
    return answer


def _parsed(octets: bytes, question: dns.message.Message) -> dns.message.Message:
    """The answer to this very question; FormError if it is none."""
    _refuse_large(len(octets))
    try:
        answer = dns.message.from_wire(octets)
    except Exception as error:  # what a parser raises on hostile octets is not one family
        raise dns.exception.FormError from error
    if not question.is_response(answer):
        raise dns.exception.FormError
    return answer


def _refuse_large(length: int) -> None:
    if length > LARGEST_ANSWER:
        raise TooLarge
