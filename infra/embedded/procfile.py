"""Reads the Procfile, so that the demo runs the very lines that a hosting platform runs."""

from __future__ import annotations

import re
from pathlib import Path

from infra.embedded.processes import Failed

LINE = re.compile(r"^([A-Za-z0-9_-]+):\s*(\S.*)$")


def read(path: Path) -> dict[str, str]:
    """Program name → its command line, in the file's order. Raises Failed for a line that is neither."""
    programs: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = LINE.match(line.strip())
        if not found:
            raise Failed(f"{path.name}, line {number}: not of the form 'name: command'.")
        if found[1] in programs:
            raise Failed(f"{path.name}, line {number}: a second program named {found[1]}.")
        programs[found[1]] = found[2]
    return programs


def command(line: str) -> list[str]:
    """How to run one line: a shell fills in its ${VARIABLES}, then becomes the program itself.

    Without `exec` signals would reach the shell, not the program. So a line is one command: no `&&`, no `|`.
    """
    return ["/bin/sh", "-c", f"exec {line}"]
