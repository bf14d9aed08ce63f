"""./bin/check [NAME … | --fix]: every check one after the other. All report; the status is 0 only when all passed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.checks import colours, file_length, index_hosts, tree
from infra.embedded import environment as settings
from infra.embedded import throwaway

ROOT = settings.ROOT
PACKAGES = ("tenants", "src", "infra", "tests", "bench")
# Nothing of it is real, but it has the shape of production: https, a long key, no demo.
PRODUCTION = {
    "PORTICO_HOST": "portico.example",
    "PORTICO_SCHEME": "https",
    "SECRET_KEY": "a-key-for-the-checks-only-" + "0123456789abcdefghijklmnopqrstuvwxyz",
    "SMTP_URL": "smtp://127.0.0.1:25",
    "DJANGO_SETTINGS_MODULE": "config.settings",
}
NOT_IN_PRODUCTION = ("PORTICO_DEMO", "DEBUG")


@dataclass(frozen=True)
class Check:
    """One line of the report: a command, or a function that says what is wrong."""

    name: str
    runs: Sequence[str] | Callable[[Path], list[str]]


def checks() -> list[Check]:
    """All of them, the quick ones first."""
    code = [name for name in PACKAGES if any((ROOT / name).rglob("*.py"))] + ["manage.py"] * (
        ROOT / "manage.py"
    ).exists()
    pages = sorted(
        {str(path.relative_to(ROOT)) for path in tree.files(ROOT, ".html") if "vendor" not in path.parts}
    )
    python = [sys.executable, "-m"]
    manage = [sys.executable, "manage.py"]
    found = [
        Check("ruff-format", [*python, "ruff", "format", "--check", "."]),
        Check("ruff", [*python, "ruff", "check", "."]),
        Check("file-length", file_length.findings),
        Check("colours", colours.findings),
        Check("index-hosts", index_hosts.findings),
        Check("import-linter", [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]),
        Check("djlint", [*python, "djlint", "--lint", "--quiet", *pages]),
        Check("mypy", [*python, "mypy", *code]),
        Check("makemigrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Check("deploy", [*manage, "check", "--deploy", "--fail-level", "WARNING"]),
    ]
    return [check for check in found if pages or not check.name.startswith("djlint")]


def fix() -> int:
    """Lets the formatters and the linter put right what they can."""
    for words in (
        ["ruff", "check", "--fix", "."],
        ["ruff", "format", "."],
    ):
        subprocess.run([sys.executable, "-m", *words], cwd=ROOT, check=False)
    return 0


def main(names: Sequence[str]) -> int:
    """Runs the named checks, or all; `--fix` instead puts right what a tool can put right."""
    if names == ["--fix"]:
        return fix()
    every = checks()
    unknown = set(names) - {check.name for check in every}
    if unknown:
        print(
            f"No such check: {', '.join(sorted(unknown))}. "
            f"There are: {', '.join(check.name for check in every)}"
        )
        return 2
    wanted = [check for check in every if not names or check.name in names]
    # Some ask Django, and Django asks for a database.
    with throwaway.database() as address:
        environment = {**settings.base(os.environ), **PRODUCTION, "DATABASE_URL": address}
        for name in NOT_IN_PRODUCTION:
            environment.pop(name, None)
        failed = [check.name for check in wanted if not passes(check, environment)]
    print(f"\n{len(wanted) - len(failed)} of {len(wanted)} checks passed.", end=" ")
    print(f"Not: {', '.join(failed)}." if failed else "")
    return 1 if failed else 0


def passes(check: Check, environment: Mapping[str, str]) -> bool:
    """Runs one check and prints what it found."""
    started = time.monotonic()
    if callable(check.runs):
        findings = check.runs(ROOT)
        words, good = "\n".join(findings), not findings
    else:
        done = subprocess.run(
            check.runs,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        words, good = done.stdout.strip(), done.returncode == 0
    print(f"{'ok  ' if good else 'FAIL'}  {check.name}  ({time.monotonic() - started:.1f} s)", flush=True)
    if not good:
        print("".join(f"      {line}\n" for line in words.splitlines()), end="", flush=True)
    return good


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
