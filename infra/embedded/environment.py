"""What the programs are told through their environment, and what the person's own decides instead."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "portico"


def base(given: Mapping[str, str]) -> dict[str, str]:
    """The person's environment, with this clone's packages and code first."""
    return {
        **given,
        # The Procfile says `python` and `granian`: those of the venv.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), given.get("PATH", os.defpath)]),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
        "PYTHONUNBUFFERED": "1",
    }


def for_demo(given: Mapping[str, str], var: Path, port: int) -> dict[str, str]:
    """The demo's settings; whatever the person has set wins (DATABASE_URL, SMTP_URL, S3_…, …)."""
    ours = {
        "PORTICO_DEMO": "1",
        "PORTICO_HOST": "localhost",
        "PORTICO_SCHEME": "http",
        "INTAKE_HOST": "in.localhost",
        "STATIC_ROOT": str(var / "static"),
    }
    if not given.get("SECRET_KEY"):
        ours["SECRET_KEY"] = secret_key(var / "secret_key")
    if not given.get("S3_BUCKET"):
        ours["STORAGE_DIR"] = str(var / "files")
    return {**ours, **base(given), "PORT": str(port)}


def secret_key(path: Path) -> str:
    """The demo's own key: made once, so that sessions and links outlive a restart."""
    if not path.exists():
        path.touch(mode=0o600)
    if not path.read_text().strip():
        path.write_text(secrets.token_urlsafe(50) + "\n")
    return path.read_text().strip()
