"""Time zones as a person picks them."""

from functools import cache
from zoneinfo import available_timezones

_CONTINENTS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip


@cache
def zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups for a select: continents with their cities, and UTC."""
    groups: dict[str, list[tuple[str, str]]] = {name: [] for name in _CONTINENTS}
    for name in sorted(available_timezones()):
        continent, _, city = name.partition("/")
        if city and continent in groups:
            groups[continent].append((name, city.replace("_", " ").replace("/", ", ")))
    return [("Other", [("UTC", "UTC")]), *groups.items()]


@cache
def zone_names() -> frozenset[str]:
    """All names that may be picked."""
    return frozenset(name for _, choices in zone_choices() for name, _ in choices)
