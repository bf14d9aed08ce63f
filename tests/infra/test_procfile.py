"""The Procfile, as the demo reads it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from infra.embedded import procfile
from infra.embedded.processes import Failed

ROOT = Path(__file__).resolve().parents[2]


def test_the_repositorys_procfile_names_the_four_programs() -> None:
    programs = procfile.read(ROOT / "Procfile")
    assert list(programs) == ["release", "web", "worker", "scheduler"]
    assert "config.wsgi:application" in programs["web"]


def test_comments_and_empty_lines_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("# what runs\n\nweb: serve --port ${PORT:-8000} # keep: colons\n")
    assert procfile.read(tmp_path / "Procfile") == {"web": "serve --port ${PORT:-8000} # keep: colons"}


@pytest.mark.parametrize("text", ["web serve", "web:", ": serve", "web: a\nweb: b"])
def test_anything_else_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "Procfile").write_text(text)
    with pytest.raises(Failed, match="line"):
        procfile.read(tmp_path / "Procfile")


@pytest.mark.parametrize(("environment", "port"), [({}, "8000"), ({"PORT": "9001"}, "9001")])
def test_variables_and_their_defaults_are_filled_in(environment: dict[str, str], port: str) -> None:
    words = procfile.command("echo ${PORT:-8000}")
    said = subprocess.run(
        words, env={"PATH": "/usr/bin:/bin", **environment}, capture_output=True, check=True
    )
    assert said.stdout.decode().strip() == port


def test_the_shell_becomes_the_program() -> None:
    child = subprocess.Popen(procfile.command("sleep ${NAP:-60}"))
    try:
        name = Path(f"/proc/{child.pid}/comm")
        for _ in range(200):
            if name.read_text().strip() == "sleep":
                break
        assert name.read_text().strip() == "sleep"
    finally:
        child.kill()
        child.wait()
