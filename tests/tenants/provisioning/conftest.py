"""Making a schema takes a second or more: one spare is enough here."""

import pytest


@pytest.fixture(autouse=True)
def _small_pool(settings: object) -> None:
    settings.SPARE_SCHEMAS = 1  # type: ignore[attr-defined]
