"""`manage.py startmodule reviews`: a new module that keeps every promise from its first minute."""

import shutil
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.templates import TemplateCommand

TEMPLATE = Path(__file__).resolve().parents[1] / "module_template/app_name"


class Command(TemplateCommand):
    help = "Make src/modules/<name>/ with a declaration, a model, pages and templates."
    rewrite_template_suffixes = ((".py-tpl", ".py"), (".html-tpl", ".html"))
    missing_args_message = "Say the module's name, a plural noun: manage.py startmodule reviews"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("name", help="a plural noun in lower case, e.g. reviews")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        if not name.isidentifier() or name != name.lower():
            raise CommandError("A module's name is one lower-case word.")
        if name in {config.label for config in apps.get_app_configs()}:
            raise CommandError(f"There is an app called {name} already.")
        target = Path(settings.ROOT) / "src/modules" / name
        target.mkdir()
        more = {"template": str(TEMPLATE), "extensions": ["py", "html"], "files": [], "exclude": None}
        try:
            super().handle("app", name, str(target), verbosity=0, **more)
        except Exception:
            shutil.rmtree(target)
            raise
        self.stdout.write(f"src/modules/{name}/ is there. Next: manage.py makemigrations {name}")
