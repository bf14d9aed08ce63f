"""A database that the measurement may fill and that is gone afterwards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import sql


@contextmanager
def bench_database(*, as_is: bool) -> Iterator[None]:
    """Put DATABASE_URL on a new database of the same server; drop it at the end.

    With `as_is` the database is used as it stands, for callers that made one for this.
    """
    address = os.environ["DATABASE_URL"]
    if as_is:
        yield
        return
    name = f"bench_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        os.environ["DATABASE_URL"] = _with_database(address, name)
        try:
            yield
        finally:
            _close_ours()
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def release() -> None:
    """What a deployment does to an empty database; without spares, which each measurement makes itself."""
    from django.conf import settings
    from django.core.management import call_command

    settings.SPARE_SCHEMAS = 0
    with open(os.devnull, "w") as nowhere:
        call_command("release", static=False, stdout=nowhere)


def _with_database(address: str, name: str) -> str:
    from urllib.parse import urlsplit, urlunsplit

    if "://" in address:
        return urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
    return psycopg.conninfo.make_conninfo(address, dbname=name)


def _close_ours() -> None:
    with suppress(Exception):  # Django may not be there when an early step failed
        from django.db import connections

        connections.close_all()
