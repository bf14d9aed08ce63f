"""A certificate store for one Chromium: it trusts one more root, and validates in full."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from infra.embedded.processes import Failed


def home_that_trusts(home: Path, root_pem: bytes) -> dict[str, str]:
    """Variables for a Chromium whose home that is. Raises Failed when this machine has no certutil."""
    certutil = shutil.which("certutil")
    if certutil is None:
        raise Failed(
            'No certutil found (Debian: libnss3-tools), or: PATH="$PATH:$(./bin/programs certutil)".'
        )
    store = home / ".pki/nssdb"
    store.mkdir(parents=True)
    (home / "root.pem").write_bytes(root_pem)
    for words in (
        ["-N", "--empty-password"],
        ["-A", "-t", "C,,", "-n", "demo", "-i", str(home / "root.pem")],
    ):
        subprocess.run([certutil, "-d", f"sql:{store}", *words], check=True)
    return {"HOME": str(home)}
