"""What production serves for ever is named by its content, and every name leads somewhere."""

import re
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import staticfiles_storage as storage
from django.core.management import call_command
from django.test import override_settings

from ui import sheets

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "ui.storage.HashedFiles"},
}


def test_modules_and_sheets_refer_to_hashed_names_that_exist(tmp_path: Path) -> None:
    with override_settings(STORAGES=STORAGES, STATIC_ROOT=tmp_path):
        call_command("collectstatic", interactive=False, verbosity=0)
        page = tmp_path / _path(sheets.SCRIPT)
        imports = re.findall(r'import "\./([^"]+)"', page.read_text())
        assert len(imports) > 5
        assert all(re.fullmatch(r"\w+\.[0-9a-f]{12}\.js", name) for name in imports)
        assert all((page.parent / name).exists() for name in imports)
        for sheet in sheets.STYLES:
            file = tmp_path / _path(sheet)
            for url in re.findall(r'url\("([^"]+)"\)', file.read_text()):
                assert re.search(r"\.[0-9a-f]{12}\.", url)
                assert (file.parent / url).resolve().exists()


def _path(name: str) -> str:
    named: Any = storage  # stored_name() is of the configured class, HashedFiles
    return str(named.stored_name(name))
