"""The simulator is for this machine only: the image does not have it, the platform does not import it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_the_image_does_not_have_it() -> None:
    let_through = [
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    ]
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"
    for path in let_through:
        assert not (ROOT / path / "stripe_simulator").exists()
        assert not "infra/stripe_simulator".startswith(f"{path}/") and path not in (
            "infra",
            "infra/stripe_simulator",
        )
    assert "stripe_simulator" not in (ROOT / "infra/container/Containerfile").read_text()


def test_nothing_of_the_platform_imports_it() -> None:
    for folder in ("src", "tenants", "infra/edge"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                names += [each.name for each in node.names] if isinstance(node, ast.Import) else []
                assert not any(name.startswith("infra.stripe_simulator") for name in names), path


def test_it_needs_neither_django_nor_a_database() -> None:
    words = "import sys, infra.stripe_simulator.server; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", words], cwd=ROOT, check=False).returncode == 0
