"""Fixtures for what runs around the platform: none of it needs Django or its database."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder that an unprivileged server may enter also when the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="portico-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
