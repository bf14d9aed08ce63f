"""What an https installation must be told before anything of it starts."""

import subprocess
import sys

import pytest

from infra.checks.__main__ import PRODUCTION
from tests.processes import ROOT, environment


@pytest.mark.parametrize("name", ["SECRET_KEY", "SMTP_URL"])
def test_https_without_it_does_not_start(db: None, name: str) -> None:
    variables = {**environment(), **PRODUCTION}
    assert _starts(variables).returncode == 0
    del variables[name]
    refused = _starts(variables)
    assert refused.returncode != 0
    assert f"{name} is not set" in refused.stderr


def _starts(variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "check"]
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=60)
