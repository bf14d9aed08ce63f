"""The agency's tables as CSV for people and as JSON lines for programs. No list of tables: the models are asked."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any, TextIO
from zipfile import ZipFile

from django.apps import apps
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from kit.csv_cells import harmless
from portal.archive.models import Archive, ArchivePart

# What opens doors is no record: a column with such a name stays out, in every model there is or will be.
SECRET = re.compile(r"password|secret|token|credential|public_key|code|(?<!previous)_hash$|^storage_key$")
# Rows that are about signing in only, and the archives themselves.
LEFT_OUT = frozenset(
    {"people.signinlink", "people.clientsession", "people.formerkey", "people.sessionmove"}
    | {"people.clientpasskey", "apikeys.idempotentanswer"}
    | {Archive._meta.label_lower, ArchivePart._meta.label_lower}
)


def exported() -> list[type[models.Model]]:
    """Every model whose rows belong to the agency."""
    labels = [config for config in apps.get_app_configs() if config.name in settings.TENANT_APPS]
    found = [model for config in labels for model in config.get_models(include_auto_created=True)]
    kept = [one for one in found if one._meta.managed and one._meta.label_lower not in LEFT_OUT]
    return sorted(kept, key=lambda one: one._meta.db_table)


def columns(model: type[models.Model]) -> list[str]:
    """The columns of a model that are in the archive."""
    return [field.attname for field in model._meta.concrete_fields if not SECRET.search(field.attname)]


def write_table(into: ZipFile, model: type[models.Model]) -> int:
    """Both forms of one table; the number of its rows."""
    names, table = columns(model), model._meta.db_table
    with into.open(f"tables/{table}.csv", "w") as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as text:
        count = _as_csv(text, names, _rows(model, names))
    with into.open(f"tables/{table}.jsonl", "w") as raw, io.TextIOWrapper(raw, "utf-8", newline="\n") as text:
        for row in _rows(model, names):
            text.write(json.dumps(dict(zip(names, row, strict=True)), cls=DjangoJSONEncoder) + "\n")
    return count


def _rows(model: type[models.Model], names: list[str]) -> Iterator[tuple[Any, ...]]:
    # The base manager: rows that their model hides are the agency's all the same.
    return model._base_manager.order_by("pk").values_list(*names).iterator(chunk_size=2000)


def _as_csv(text: TextIO, names: list[str], rows: Iterator[tuple[Any, ...]]) -> int:
    lines, count = csv.writer(text), 0
    lines.writerow(names)
    for row in rows:
        lines.writerow([_cell(value) for value in row])
        count += 1
    return count


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, cls=DjangoJSONEncoder)
    return harmless(value.isoformat() if hasattr(value, "isoformat") else value)
