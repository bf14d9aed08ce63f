"""Panels: what a module adds to another one's page. So they meet there and know nothing of each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal import registry
from portal.branding.queries import sections_on
from portal.http import Request
from portal.module import Module
from tenants.agencies.current import current_agency


@dataclass(frozen=True)
class FilledPanel:
    """A panel with what it prints: `{% include panel.template %}` reads `panel.name` and `panel.words`."""

    module: Module
    name: str
    template: str
    words: Mapping[str, Any]


def filled_panels(place: str, request: Request, thing: Any) -> list[FilledPanel]:
    """The panels of a place that have something to show about `thing`.

    Clients get those of the sections that are on; staff those of every module in the plan, because they
    prepare a section before they switch it on.
    """
    offers = registry.panels(place)
    if not offers:
        return []
    names = _names(request)
    filled = []
    for module, panel in offers:
        if module.key in names and (words := panel.load(request, thing)) is not None:
            filled.append(FilledPanel(module, names[module.key], panel.template, words))
    return filled


def _names(request: Request) -> dict[str, str]:
    shell = {part.key: part.name for part in registry.shell_parts()}
    if getattr(request, "staff", None) is not None:
        plan = current_agency().plan
        opened = {module.key: module.name for module in registry.all_modules() if plan >= module.plan}
        return shell | opened
    return shell | {key: section.name for key, section in sections_on().items()}
