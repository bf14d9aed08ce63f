"""What a stranger's mail says, read by a child with limits."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from modules.feedback.operations import mail_reader

PATIENCE_SECONDS = 30


class Unread(Exception):
    """The reader did not come back with an answer."""


@dataclass(frozen=True)
class ReadMail:
    """What a mail says, as the reader found it. Every word of it is a stranger's."""

    sender: str
    subject: str
    message_id: str
    is_automatic: bool
    text: str
    files: list[tuple[str, bytes]]


def read_mail(raw: bytes) -> ReadMail:
    """What a mail says, read by a child with limits.

    Raises:
        Unread: it took too long, or broke.
    """
    try:
        child = subprocess.run(
            [sys.executable, "-I", mail_reader.__file__],
            input=raw,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            # Neither the database's address nor any key is in the child's environment.
            env={"PATH": os.defpath},
            check=False,
        )
        found: dict[str, Any] = json.loads(child.stdout) if child.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise Unread from error
    if not found:
        raise Unread(child.stderr[-300:].decode(errors="replace"))
    files = [(file["name"], base64.b64decode(file["content"])) for file in found.pop("files")]
    own_id = found.pop("message_id") or f"sha256:{hashlib.sha256(raw).hexdigest()}"
    return ReadMail(**found, message_id=own_id, files=files)
