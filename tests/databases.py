"""One template database per hash of the migrations; every test process clones it."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
LOCK = 4711
SHAPE = (
    "*/*/migrations/*.py",
    "*/*/*/migrations/*.py",
    "src/*/*/migrations/*.py",
    "tests/databases.py",
    "tests/cast.py",
)


def template_name() -> str:
    """Named after everything that shapes the database."""
    digest = hashlib.sha256()
    for pattern in (
        *SHAPE,
        "src/config/settings.py",
        "src/portal/seeding.py",
        "tenants/*/models.py",
        "tenants/provisioning/*.py",
        "tenants/provisioning/management/commands/release.py",
    ):
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return f"template_{digest.hexdigest()[:12]}"


@contextmanager
def own_database(worker: str) -> Iterator[None]:
    """A clone of the template, used by this process until the end of the block."""
    with cloned_database(worker) as name, using(name):
        yield


@contextmanager
def cloned_database(worker: str, *, template: str = "cast") -> Iterator[str]:
    """A clone's name; dropped at the end. Templates: "cast" with the tests' agencies, "empty" with none."""
    name = f"test_{worker}_{os.getpid()}"
    with _admin() as admin:
        source = _ensure_template(admin, template)
        clone = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        admin.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        admin.execute(clone.format(sql.Identifier(name), sql.Identifier(source)))
        admin.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    try:
        yield name
    finally:
        with _admin() as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def using(name: str) -> Iterator[None]:
    """Django's connection goes to this database until the end of the block."""
    before = str(settings.DATABASES["default"]["NAME"])
    _use(name)
    try:
        yield
    finally:
        _use(before)


def _ensure_template(admin: psycopg.Connection, kind: str) -> str:
    from tests import cast

    name = f"{template_name()}_{kind}"
    admin.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # the other processes wait for the one that builds
    if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        building = f"{name}_{os.getpid()}"
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(building)))
        original = str(settings.DATABASES["default"]["NAME"])
        _use(building)
        call_command("release", static=False)
        if kind == "cast":
            cast.make_agencies()
        with connection.cursor() as cursor:  # tests begin with nothing to do
            cursor.execute("DELETE FROM dramatiq.queue")
        _use(original)
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        admin.execute(rename.format(sql.Identifier(building), sql.Identifier(name)))
    admin.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return name


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name


def _admin() -> psycopg.Connection:
    at = connection.settings_dict
    return psycopg.connect(
        host=at["HOST"],
        port=at["PORT"],
        user=at["USER"],
        password=at["PASSWORD"],
        dbname="postgres",
        autocommit=True,
    )
