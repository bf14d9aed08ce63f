"""The folder is the schema, and the folders are those of the architecture."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models

from tenants.agencies.current import CurrentAgency

ROOT = Path(__file__).resolve().parents[1]
PUBLIC_ONLY = {"contenttypes", "auth", "sessions", "messages"}
MODULE_FILES = {
    "__init__", "apps", "module", "models", "lives", "operations", "queries", "forms", "urls", "api", "jobs",
    "workflows", "emails", "card", "pages", "migrations", "static", "templates", "templatetags", "demo",
}  # fmt: skip
FORBIDDEN_NAMES = {
    "utils",
    "helpers",
    "common",
    "core",
    "misc",
    "manager",
    "handle",
    "process",
    "data",
    "info",
}


def _labels_under(folder: Path) -> set[str]:
    return {config.label for config in apps.get_app_configs() if Path(config.path).is_relative_to(folder)}


def _tables(schema: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [schema])
        return {name for (name,) in cursor.fetchall()}


def _tables_of(labels: set[str]) -> set[str]:
    return {
        model._meta.db_table
        for label in labels
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model._meta.managed
    }


def test_apps_under_tenants_are_in_the_public_schema_only(northwind: CurrentAgency) -> None:
    ours = _tables_of(_labels_under(ROOT / "tenants"))
    assert ours and ours <= _tables("public")
    assert not ours & _tables(northwind.schema_name)


def test_apps_under_portal_and_modules_are_in_agencies_schemas_only(northwind: CurrentAgency) -> None:
    ours = _tables_of(_labels_under(ROOT / "src/portal") | _labels_under(ROOT / "src/modules"))
    assert ours and ours <= _tables(northwind.schema_name)
    assert not ours & _tables("public")


def test_djangos_shared_apps_are_in_the_public_schema_only(northwind: CurrentAgency) -> None:
    ours = _tables_of(PUBLIC_ONLY)
    assert ours <= _tables("public")
    assert not ours & _tables(northwind.schema_name)


def test_no_key_leads_out_of_an_agencys_schema(northwind: CurrentAgency) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass, confrelid::regclass FROM pg_constraint c"
            " JOIN pg_class target ON target.oid = c.confrelid"
            " WHERE c.contype = 'f' AND c.connamespace = %s::regnamespace"
            " AND target.relnamespace <> c.connamespace",
            [northwind.schema_name],
        )
        assert cursor.fetchall() == []


def test_no_generic_foreign_key_in_an_agencys_schema() -> None:
    tenant_apps = [c for c in apps.get_app_configs() if c.name in settings.TENANT_APPS]
    kinds = {
        f.__class__.__name__ for c in tenant_apps for m in c.get_models() for f in m._meta.private_fields
    }
    assert "GenericForeignKey" not in kinds


def test_shared_and_tenant_apps_do_not_overlap() -> None:
    assert not set(settings.SHARED_APPS) & set(settings.TENANT_APPS)


@pytest.mark.parametrize("folder", sorted(p.parent for p in (ROOT / "src/modules").glob("*/module.py")))
def test_a_module_has_the_files_that_every_module_has(folder: Path) -> None:
    names = {p.stem for p in folder.iterdir() if p.name != "__pycache__"}
    assert names <= MODULE_FILES, f"{folder.name} has {sorted(names - MODULE_FILES)}"
    assert (folder / "__init__.py").read_text().startswith('"""')
    assert len((folder / "module.py").read_text().splitlines()) <= 100


def test_no_file_has_a_name_that_says_nothing() -> None:
    ours = [p for top in ("src", "tenants", "infra", "bench", "tests") for p in (ROOT / top).rglob("*.py")]
    assert [p for p in ours if p.stem in FORBIDDEN_NAMES] == []


def test_modules_ask_through_the_person_in_pages_and_api() -> None:
    """A bare `.objects.get/filter` in a client's page is how one client sees another's row."""
    bare = re.compile(r"\.objects\.(get|filter|all|first)\(|get_object_or_404\(\s*[A-Z]\w+\s*,")
    pages = [
        *(ROOT / "src/modules").glob("*/pages/client*.py"),
        *(ROOT / "src/modules").glob("*/pages/files.py"),
    ]
    assert [
        (str(p.relative_to(ROOT)), bare.findall(p.read_text())) for p in pages if bare.search(p.read_text())
    ] == []


def test_every_model_says_what_a_row_is() -> None:
    ours = _labels_under(ROOT / "src") | _labels_under(ROOT / "tenants")
    silent = [
        model.__name__
        for label in ours
        for model in apps.get_app_config(label).get_models()
        if model.__module__.split(".")[0] in {"portal", "modules", "tenants"}
        and model.__str__ is models.Model.__str__
    ]
    assert silent == []
