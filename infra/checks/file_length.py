"""Long files: 250 lines are the aim, above 400 is a red light (docs: style, "the noun magnet")."""

from __future__ import annotations

from pathlib import Path

from infra.checks import tree

RED = 400


def findings(root: Path) -> list[str]:
    """Python files, written by hand, of more than 400 lines."""
    found = []
    for path in tree.files(root, ".py"):
        lines = len(tree.text(path).splitlines())
        if lines > RED and "migrations" not in path.parts:
            found.append(
                f"{path.relative_to(root)}: {lines} lines; split it by what it is about (at most {RED})"
            )
    return found
