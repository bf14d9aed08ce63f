"""The portal's settings and sections, as every page of it needs them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from portal import registry
from portal.branding.models import PortalSettings, Section
from portal.module import Module
from tenants.agencies.current import current_agency

# Sections by schema while a page is drawn: gate, menu, cards and panels ask for the same ones.
_drawn: ContextVar[dict[str, dict[str, "ShownSection"]] | None] = ContextVar("sections", default=None)


@dataclass(frozen=True)
class ShownSection:
    """A module as this agency shows it."""

    module: Module
    name: str
    is_on: bool
    is_in_plan: bool


def load_settings() -> PortalSettings:
    """The agency's one row of settings."""
    return PortalSettings.objects.select_related("logo", "agency_logo", "favicon", "login_image").get(pk=1)


def all_sections() -> list[ShownSection]:
    """Every module in the agency's own order, under its own names, on or off.

    Names and order are kept through a downgrade but show only while the plan has full branding.
    """
    agency = current_agency()
    is_full = agency.has("branding.full")
    rows = {row.module: row for row in Section.objects.all()}
    shown = []
    for module in registry.all_modules():
        row = rows.get(module.key)
        position = row.position if row and is_full and row.position is not None else module.order
        section = ShownSection(
            module=module,
            name=(row.name if row and is_full else "") or module.name,
            is_on=row.is_on if row else True,
            is_in_plan=agency.plan >= module.plan,
        )
        shown.append((position, module.key, section))
    return [section for *_, section in sorted(shown, key=lambda entry: entry[:2])]


def sections_on() -> dict[str, ShownSection]:
    """The sections that clients may open, by module key, in menu order."""
    drawn, schema = _drawn.get(), current_agency().schema_name
    if drawn is not None and schema in drawn:
        return drawn[schema]
    sections = {s.module.key: s for s in all_sections() if s.is_on and s.is_in_plan}
    if drawn is not None:
        drawn[schema] = sections
    return sections


@contextmanager
def sections_read_once() -> Iterator[None]:
    """Ask the database for the sections once within the block: for one page, never across requests."""
    token = _drawn.set({})
    try:
        yield
    finally:
        _drawn.reset(token)
