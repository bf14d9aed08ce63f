"""A private Postgres server: made, started and stopped by us, on the loopback, with a password of its own.

Works as root (the server itself then runs as an unprivileged person) and as an ordinary user, with whatever
server programs `binaries.find` finds.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from infra.embedded import binaries
from infra.embedded.processes import Failed, command_line, end, end_with_parent, free_port

SUPERUSER = "portico"
START_SECONDS = 60
STOP_SECONDS = 20
ATTEMPTS = 5
STILL_IN_USE = "is still in use"

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    # One transaction that makes or drops a tenant schema locks every table and index of it.
    "max_locks_per_transaction": "512",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
# Only for clusters that live as long as one run: losing them costs nothing.
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # A test of 200 presses at once opens 200 connections, and other tests run beside it.
    "max_connections": "500",
}


class Cluster:
    """One data folder and the server on it.

    `folder` may move elsewhere when we are root and the server's person cannot enter it: read `.folder`.
    `throwaway` trades durability for speed.
    """

    def __init__(self, folder: Path, *, throwaway: bool = False, port: int = 0) -> None:
        self.person = binaries.unprivileged_person()
        self.home = binaries.find()
        self.folder = folder.resolve()
        if self.person:
            self.home = binaries.for_person(self.home, self.person)
            self.folder = self._enterable(self.folder, self.person)
        self.throwaway = throwaway
        self.port = port
        self.server: subprocess.Popen[bytes] | None = None

    @staticmethod
    def _enterable(folder: Path, person: pwd.struct_passwd) -> Path:
        if binaries.reachable(folder, person):
            return folder
        # /var/lib, not a temporary folder: nobody else can have put something there first.
        binaries.ROOT_STATE.mkdir(parents=True, exist_ok=True)
        binaries.ROOT_STATE.chmod(0o755)
        return binaries.ROOT_STATE / f"postgres-{binaries.short_name(folder)}"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def log(self) -> Path:
        """Where the server writes what it has to say."""
        return self.folder.with_name(f"{self.folder.name}.log")

    @property
    def _password_file(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.password")

    def address(self, database: str = "postgres") -> str:
        """The DATABASE_URL of one database of the running server, password included."""
        password = quote(self._password_file.read_text().strip(), safe="")
        return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> Self:
        """Starts the server, making the cluster first if there is none; returns when it takes connections.

        A server that an earlier, killed run left on the same folder is stopped first. Raises Failed.
        """
        self.make()
        self.stop_stale()
        self.port = self.port or free_port()
        for _ in range(ATTEMPTS):
            self._launch()
            if self._becomes_ready():
                return self
            if STILL_IN_USE not in self._last_words():
                break
            # The backends of a killed server notice its end within a moment and let go of its memory.
            time.sleep(1)
        raise Failed(f"Postgres did not start. The end of {self.log}:\n{self._last_words()}")

    def make(self) -> None:
        """Makes the cluster, unless it is there. Raises Failed with initdb's words."""
        if (self.folder / "PG_VERSION").exists():
            return
        # Made beside and moved into place: an initdb that was killed half-way leaves no half cluster.
        fresh = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True, mode=0o700)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_urlsafe(24) + "\n")
        if self.person:
            for path in (fresh, self._password_file):
                os.chown(path, self.person.pw_uid, self.person.pw_gid)
        locale = ["--locale=C.UTF-8"]
        if binaries.version(self.home) >= 17:
            # The same order of words on every machine, whatever its C library.
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        words = ["-D", str(fresh), "-U", SUPERUSER, "-E", "UTF8", "-A", "scram-sha-256", *locale]
        words += [f"--pwfile={self._password_file}", "--no-instructions"]
        done = self._run("initdb", *words, *(["--no-sync"] if self.throwaway else []))
        if done.returncode:
            raise Failed(f"Postgres could not make its cluster in {fresh}:\n{done.stdout.decode()}")
        fresh.rename(self.folder)

    def stop(self) -> None:
        """Stops the server (fast: open transactions are rolled back) and waits for it."""
        if self.server is not None:
            end(self.server, signal.SIGINT, STOP_SECONDS)
            self.server = None

    def stop_stale(self) -> None:
        """Stops a server that a killed run left on this folder, if its process is really that."""
        if self._stale_pid() is None:
            return
        done = self._run(
            "pg_ctl", "-D", str(self.folder), "-m", "fast", "-w", "-t", str(STOP_SECONDS), "stop"
        )
        if done.returncode and (pid := self._stale_pid()) is not None:
            raise Failed(f"An earlier Postgres (process {pid}) still holds {self.folder} and does not stop.")

    def create_database(self, name: str) -> str:
        """Makes the database unless it is there; returns its address."""
        import psycopg
        from psycopg import sql

        with psycopg.connect(self.address(), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if not known:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.address(name)

    def remove(self) -> None:
        """Stops whatever runs on the folder and deletes it with all rows in it."""
        self.stop()
        self.stop_stale()
        shutil.rmtree(self.folder, ignore_errors=True)
        for path in (self._password_file, self.log):
            path.unlink(missing_ok=True)

    def _stale_pid(self) -> int | None:
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int((self.folder / "postmaster.pid").read_text().split()[0])
            # After a reboot the number may belong to anyone.
            return pid if str(self.folder) in command_line(pid) else None
        return None

    def _launch(self) -> None:
        settings = {**SETTINGS, "port": str(self.port), **(THROWAWAY if self.throwaway else {})}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self.server = subprocess.Popen(
                [str(self.home / "bin/postgres"), "-D", str(self.folder), *options],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                # SIGINT is Postgres's fast shutdown.
                preexec_fn=end_with_parent(signal.SIGINT),
                **self._as_person(),
            )

    def _becomes_ready(self) -> bool:
        assert self.server is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.server.poll() is None:
            if self._run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)).returncode == 0:
                return True
            time.sleep(0.03)
        self.stop()
        return False

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])

    def _run(self, program: str, *words: str) -> subprocess.CompletedProcess[bytes]:
        command = [str(self.home / "bin" / program), *words]
        return subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **self._as_person()
        )

    def _as_person(self) -> dict[str, Any]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        how: dict[str, Any] = {"env": {**environment, "LC_ALL": "C.UTF-8", "TZ": "UTC"}, "cwd": "/"}
        if self.person:
            how |= {"user": self.person.pw_uid, "group": self.person.pw_gid, "extra_groups": []}
        return how
