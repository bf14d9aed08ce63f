"""What must never reach a log: sign-in tokens in addresses."""

import logging
import re

_SECRET_PATHS = re.compile(r"(/(?:enter|sign-in|invitation|confirm-email|undo-email|arrive)/)[\w-]{16,}")


class ScrubSecrets(logging.Filter):
    """Replaces the secret part of links by three dots."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        scrubbed = _SECRET_PATHS.sub(r"\1…", message)
        if scrubbed != message:
            record.msg, record.args = scrubbed, ()
        return True
