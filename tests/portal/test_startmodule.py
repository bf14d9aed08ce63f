"""startmodule: no other folder is touched, and the new module keeps all promises at once."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT, environment

PARTS = ("manage.py", "pyproject.toml", "src", "tenants", "templates", "tests")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the code."""
    ignore = shutil.ignore_patterns("__pycache__", "vendor", "browser", "infra")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, tmp_path / part, ignore=ignore)
        else:
            shutil.copy(ROOT / part, tmp_path / part)
    return tmp_path


def run(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    path = f"{tree}:{tree / 'src'}"
    done = subprocess.run(
        [sys.executable, *command],
        cwd=tree,
        env=environment(PYTHONPATH=path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done


def test_a_new_module_keeps_every_promise(db: None, tree: Path) -> None:
    before = {p: p.read_bytes() for p in tree.rglob("*.py")}
    run(tree, "manage.py", "startmodule", "reviews")
    run(tree, "manage.py", "makemigrations", "reviews", "-v0")
    changed = [p for p in tree.rglob("*.py") if before.get(p) != p.read_bytes()]
    assert {p.relative_to(tree).parts[:3] for p in changed} == {("src", "modules", "reviews")}
    only = [
        "-p",
        "no:cacheprovider",
        "-q",
        "tests/test_every_module.py",
        "tests/test_layout.py",
        "-k",
        "reviews",
    ]
    done = run(tree, "-m", "pytest", *only)
    assert " passed" in done.stdout and "failed" not in done.stdout


def test_a_name_that_is_taken_is_refused(db: None, tree: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "startmodule", "projects"],
        cwd=tree,
        env=environment(PYTHONPATH=f"{tree}:{tree / 'src'}"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0 and "already" in done.stderr
