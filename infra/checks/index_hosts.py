"""Addresses of package indexes in files: the lock holds versions and hashes, whence is each machine's own.

A mirror configured on a machine leaks into lock files unnoticed; so the hosts configured here and now are
looked for too.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from infra import packages
from infra.checks import tree

# In pieces, or this file would be its own first finding.
PUBLIC = [
    ".".join(words)
    for words in (
        ("pypi", "org"),
        ("pypi", "python", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("npm", "pkg", "github", "com"),
        ("anaconda", "org"),
        ("rubygems", "org"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
    )
]
# Where an index is told to a tool; bin/setup passes on what is configured, it never says one itself.
OPTION = re.compile(
    r"(?:--(?:extra-)?index(?:-url)?|--find-links|(?:extra-)?index-url|\bregistry)"
    r"\s*[= ]\s*[\"']?(?:https?|file):"
)


def findings(root: Path, configured: set[str] | None = None) -> list[str]:
    """Each line that names an index; `configured` are this machine's hosts (default: asked of pip and uv)."""
    if configured is None:
        configured = packages.configured_hosts(packages.pip_settings(), os.environ)
    hosts = re.compile(
        "|".join(rf"(?<![\w-]){re.escape(host)}(?![\w-])" for host in [*PUBLIC, *sorted(configured)])
    )
    found = []
    for path in tree.files(root):
        for number, line in enumerate(tree.text(path).splitlines(), start=1):
            if hosts.search(line) or OPTION.search(line):
                # The line itself may hold a password: not shown.
                found.append(f"{path.relative_to(root)}:{number}: names a package index")
    return found
