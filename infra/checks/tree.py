"""The files that belong to the repository, with or without git on the machine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

# Where there is no git (a plain Debian, an unpacked archive): what is made here rather than written.
MADE_HERE = {
    ".git",
    ".venv",
    ".tools",
    "var",
    "__pycache__",
    "staticfiles",
    ".hypothesis",
    ".import_linter_cache",
}
MADE_BY_TOOLS = ("_cache",)


def files(root: Path, *endings: str) -> list[Path]:
    """Every file of the repository, new ones included, whose name ends so; sorted."""
    found = _of_git(root)
    if found is None:
        found = list(_walk(root))
    return sorted(path for path in found if path.is_file() and (not endings or path.name.endswith(endings)))


def text(path: Path) -> str:
    """A file's words; empty for pictures, fonts and the like."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def _of_git(root: Path) -> list[Path] | None:
    if not shutil.which("git") or not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    # A clone that belongs to somebody else is refused by git; then the folder itself has to do.
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return None if answer.returncode else [root / name for name in answer.stdout.split("\0") if name]


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_symlink() or path.name in MADE_HERE or path.name.endswith(MADE_BY_TOOLS):
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path
