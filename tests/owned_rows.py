"""How tests make a row of every model whose rows belong to a company or a client.

Each part that has such models says it in a file `owned_rows.py` among its own tests, in `ROWS`.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models

from portal.people.owned import OwnedQuerySet

HERE = Path(__file__).parent


@dataclass(frozen=True)
class OwnedRow:
    """How to make a row that clients may see, inside an agency, now.

    Attributes:
        make: is passed `company` or `client`, and `private_to`: columns of the owning record.
        is_money: only who may see the company's money sees it.
        is_for_newcomers: whoever comes later sees it, too.
    """

    make: Callable[..., models.Model]
    is_money: bool = False
    is_for_newcomers: bool = False


def owned_models() -> list[type[models.Model]]:
    """Every model that clients load through `visible_to`."""
    found = [model for model in apps.get_models() if isinstance(_asked(model), OwnedQuerySet)]
    return sorted(found, key=lambda model: str(model._meta.label))


def owned_rows() -> dict[type[models.Model], OwnedRow]:
    """What all parts declare."""
    rows: dict[type[models.Model], OwnedRow] = {}
    for path in sorted(HERE.rglob("*/owned_rows.py")):
        name = ".".join(("tests", *path.relative_to(HERE).with_suffix("").parts))
        rows |= importlib.import_module(name).ROWS
    return rows


def _asked(model: type[models.Model]) -> Any:
    return model._default_manager.all()
