"""The modules' pages, mounted under their keys from their declarations."""

from typing import Any, Literal

from django.urls import include, path

from portal import registry

Audience = Literal["client", "console"]


def module_urls(audience: Audience) -> list[Any]:
    """One `path("<key>/", …)` with the namespace `<key>` for every module that has pages for the audience."""
    return [
        path(f"{module.key}/", include((list(patterns), module.key)))
        for module in registry.all_modules()
        if (patterns := getattr(module, f"{audience}_urls"))
    ]
