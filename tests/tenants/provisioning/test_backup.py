"""One agency's schema leaves and comes back by itself, as docs/operations.md tells."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from infra.embedded import binaries
from portal.audit.models import AuditEntry
from portal.people.models import Client
from tenants.agencies.current import inside
from tenants.agencies.models import Agency
from tenants.provisioning.catalog import lines_of
from tenants.provisioning.pool import drop_schema
from tests.processes import ROOT, environment
from tests.tenants.provisioning.test_claim import schemas


def told(heading: str) -> str:
    """The commands under a heading of the operations page."""
    page = (ROOT / "docs/operations.md").read_text()
    return page.split(f"## {heading}\n", 1)[1].split("```sh\n", 1)[1].split("```", 1)[0]


def shape() -> set[str]:
    """What the schema holds; the server prints a condition read back with other parentheses and casts."""
    return {re.sub(r"[()]|::(character varying|text)(\[\])?", "", line) for line in lines_of("a_northwind")}


def run(commands: str, folder: Path) -> None:
    tools = str(binaries.find() / "bin")
    variables = environment(SCHEMA="a_northwind", PATH=os.pathsep.join([tools, os.environ["PATH"]]))
    done = subprocess.run(
        ["/bin/sh", "-euc", commands], cwd=folder, env=variables, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_one_agency_is_backed_up_and_restored(committed_db: None, tmp_path: Path) -> None:
    agency = Agency.objects.get(slug="northwind").current()
    with inside(agency):
        entry = AuditEntry.objects.create(actor="system", verb="test.made", subject="test:1", hash="h")
    before = shape()
    connection.close()
    run(told("Back up one agency"), tmp_path)
    drop_schema("a_northwind")
    run(told("Restore one agency"), tmp_path)
    assert shape() == before
    with inside(agency):
        assert Client.objects.filter(email="maria@client.example").exists()
        assert Client.objects.create(email="new@client.example", name="New").pk > 0
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            AuditEntry.objects.filter(pk=entry.pk).update(verb="forged")


def test_a_restore_beside_the_living_schema_changes_nothing(committed_db: None, tmp_path: Path) -> None:
    """The schema that is there is moved aside, not overwritten."""
    run(told("Back up one agency"), tmp_path)
    run(told("Restore one agency"), tmp_path)
    assert schemas("%northwind%") == {"a_northwind", "aside_a_northwind"}
