"""The Procfile, as the demo reads it."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from infra.embedded import procfile
from infra.embedded.processes import Failed

ROOT = Path(__file__).resolve().parents[2]


def test_the_repositorys_procfile_names_the_five_programs() -> None:
    programs = procfile.read(ROOT / "Procfile")
    assert list(programs) == ["release", "web", "worker", "scheduler", "intake"]
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
        deadline = time.monotonic() + 10
        while name.read_text().strip() != "sleep":
            assert time.monotonic() < deadline, name.read_text()
            time.sleep(0.02)
    finally:
        child.kill()
        child.wait()


def _started(tmp_path: Path, name: str) -> subprocess.CompletedProcess[str]:
    """The container's start script beside another Procfile."""
    script = tmp_path / "infra/container/start"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text((ROOT / "infra/container/start").read_text())
    return subprocess.run(["sh", str(script), name], capture_output=True, text=True, check=False)


def test_a_container_becomes_the_named_program_of_the_procfile(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("web: echo ${SEAT:-none} at the web\nworker: echo work\n")
    assert _started(tmp_path, "web").stdout == "none at the web\n"
    assert _started(tmp_path, "worker").stdout == "work\n"
    refused = _started(tmp_path, "wor")
    assert (refused.returncode, "no program named wor" in refused.stderr) == (2, True)


def test_the_image_copies_only_what_exists_and_what_the_ignore_file_lets_through() -> None:
    words = (ROOT / "infra/container/Containerfile").read_text()
    copied = [
        line.split()[1:-1] for line in words.splitlines() if line.startswith("COPY ") and "--from" not in line
    ]
    let_through = [
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    ]
    for source in (source for line in copied for source in line):
        assert (ROOT / source).exists(), source
        assert source in let_through, source
    assert "USER 10001" in words
