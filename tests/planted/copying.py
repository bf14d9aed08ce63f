"""A throw-away copy of the tree, in which a defect may stand while its tests run."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.embedded.processes import end_with_parent
from tests.planted.defect import ROOT, Defect, texts_of

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "var", "__pycache__", ".*_cache", "node_modules", "screenshots"
)
SECONDS = 1800
_FAILED = re.compile(r"^FAILED (\S+::\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What pytest said: the tests that failed, and whether they ran at all."""

    failed: tuple[str, ...]
    status: int
    said: str

    @property
    def is_caught(self) -> bool:
        """Tests failed. That they could not be run, or a fixture broke, shows nothing."""
        return self.status == 1 and bool(self.failed)


class Copy:
    """A copy of the tree at a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT, folder, ignore=LEFT_OUT, symlinks=True)

    def run(self, tests: Sequence[str], sql: str = "", *, in_agencies: bool = False) -> Outcome:
        """Run these tests in the copy, each of them whatever became of the one before."""
        words = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-rf", "--tb=no", "-p", "no:cacheprovider"]
        if sql:
            words += ["-p", "tests.planted.dropping"]
        given = {**os.environ, "PYTHONPATH": f"{self.folder}{os.pathsep}{self.folder / 'src'}"}
        given |= {"PLANTED_SQL": sql, "PLANTED_IN": "agencies" if in_agencies else "public"}
        try:
            done = subprocess.run(
                [*words, *tests], cwd=self.folder, env=given, capture_output=True, text=True, timeout=SECONDS,
                check=False, preexec_fn=end_with_parent(signal.SIGTERM),
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Outcome((), 124, f"not over within {SECONDS} s")
        said = done.stdout + done.stderr
        failed = tuple(dict.fromkeys(_FAILED.findall(said)))
        return Outcome(failed, done.returncode, said)

    @contextmanager
    def planted(self, defect: Defect) -> Iterator[None]:
        """The defect stands in the copy until the end of the block.

        Raises:
            tests.planted.defect.NotThere: its text is not there any more.
        """
        texts = texts_of(defect, self.folder)
        sound = {path: path.read_text() for path in texts}
        try:
            self._write(texts)
            yield
        finally:
            self._write(sound)

    def _write(self, texts: dict[Path, str]) -> None:
        for path, text in texts.items():
            path.write_text(text)
            # Python knows a source by its second and size: a defect may have both of the sound one.
            for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
                compiled.unlink()
