"""Asks clamd whether a stored file carries something harmful (its INSTREAM command, over TCP).

Off unless settings.CLAMD_ADDRESS names one. The file is sent in blocks as it is read from the store.
Source: the clamd manual page, section COMMANDS.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.core.files.storage import default_storage

from portal.uploads.models import Upload

CONNECT_SECONDS, ANSWER_SECONDS = 2, 10
BLOCK_BYTES = 64 * 1024
LONGEST_ANSWER = 4096


class Finding(StrEnum):
    """What the scanner said."""

    CLEAN = "clean"
    INFECTED = "infected"
    TOO_LARGE = "too large"


@dataclass(frozen=True)
class Verdict:
    """A finding, and the name of what was found."""

    finding: Finding
    name: str = ""


class ScannerAway(RuntimeError):
    """The scanner does not answer, or not in a way that says anything; ask again later."""


def is_on() -> bool:
    """Whether files are scanned here."""
    return bool(settings.CLAMD_ADDRESS)


def scan(upload: Upload) -> Verdict:
    """Send one file to the scanner and read its verdict. Never call it inside a transaction.

    Raises:
        ScannerAway: nothing can be said about the file now.
    """
    host, _, port = settings.CLAMD_ADDRESS.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS) as talk:
            talk.settimeout(ANSWER_SECONDS)
            return _verdict(_answer(talk, upload))
    except (OSError, ValueError) as error:
        raise ScannerAway(str(error)) from error


def _answer(talk: socket.socket, upload: Upload) -> str:
    talk.sendall(b"zINSTREAM\0")
    try:
        with default_storage.open(upload.storage_key) as file:
            while block := file.read(BLOCK_BYTES):
                talk.sendall(struct.pack(">I", len(block)) + block)
        talk.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        # A scanner with a limit answers in the middle of a file and hangs up; what it said is still there to read.
        pass
    said = b""
    while b"\0" not in said and len(said) < LONGEST_ANSWER and (more := talk.recv(1024)):
        said += more
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _verdict(said: str) -> Verdict:
    if said == "stream: OK":
        return Verdict(Finding.CLEAN)
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        return Verdict(Finding.INFECTED, said.removeprefix("stream: ").removesuffix(" FOUND")[:120])
    if "size limit exceeded" in said.lower():
        return Verdict(Finding.TOO_LARGE)
    raise ScannerAway(said[:200] or "no answer")
