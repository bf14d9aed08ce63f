"""The modules of this portal, in menu order, and all that they and the shell declare."""

import re
from collections.abc import Callable
from importlib import import_module

from django.apps import apps

from portal.module import Email, Fact, Hear, Module, Panel
from tenants.plans import Capability, declare, declare_row

_modules: dict[str, Module] = {}
_shell: list[Module] = []


class BadDeclaration(ValueError):
    """A module's declaration contradicts its folder or another declaration."""


def all_modules() -> list[Module]:
    """Every module, in menu order."""
    return sorted(_modules.values(), key=lambda module: (module.order, module.key))


def get(key: str) -> Module | None:
    """The module with this key."""
    return _modules.get(key)


def shell_parts() -> list[Module]:
    """What the shell declares of itself (people, branding …) in the same words; never in the menu."""
    return list(_shell)


def facts() -> dict[str, Fact]:
    """Everything that can happen in this product, by name."""
    return {fact.key: fact for part in parts() for fact in part.facts}


def emails() -> dict[str, Email]:
    """Every mail that is sent, by name."""
    return {email.key: email for part in parts() for email in part.emails}


def mailboxes() -> dict[str, Callable[..., None]]:
    """Who reads mail that comes in, by the kind in its address."""
    return {kind: read for part in parts() for kind, read in part.mailboxes.items()}


def hears(fact: str) -> list[tuple[str, Hear]]:
    """Who listens to a fact: pairs of a part's key and its ear."""
    return [(part.key, hear) for part in parts() for hear in part.hears if hear.fact == fact]


def panels(place: str) -> list[tuple[Module, Panel]]:
    """What modules and parts of the shell add to a place of another's page; `portal.panels` fills them."""
    return [(part, part.panels[place]) for part in [*all_modules(), *_shell] if place in part.panels]


def discover() -> None:
    """Import every declaration: modules.<m>.module and, for the shell's parts, portal.<p>.module."""
    _modules.clear()
    _shell.clear()
    for config in apps.get_app_configs():
        if config.name.startswith("modules."):
            module = import_module(f"{config.name}.module").module
            if module.key != config.label:
                raise BadDeclaration(f"{config.name} declares the key {module.key!r}")
            _modules[module.key] = module
        elif config.name.startswith("portal.") and (config.path and _has_declaration(config.path)):
            _shell.append(import_module(f"{config.name}.module").module)
    for part in parts():
        _declare_plans(part)
    _check_ears()
    _check_mailboxes()


def _has_declaration(folder: str) -> bool:
    from pathlib import Path

    return (Path(folder) / "module.py").exists()


def parts() -> list[Module]:
    """What declares something: the packages of the shell, then the modules."""
    return [*_shell, *all_modules()]


def _declare_plans(part: Module) -> None:
    if part.key in _modules:
        declare(Capability(key=part.key, label=part.name, plan=part.plan))
    for name, opens in part.capabilities.items():
        declare(Capability(key=f"{part.key}.{name}", label=opens.label, plan=opens.plan))
    for row in part.plan_rows:
        declare_row(row)


def _check_ears() -> None:
    known = facts()
    for part in parts():
        for hear in part.hears:
            if hear.fact not in known:
                raise BadDeclaration(f"{part.key} hears {hear.fact!r}, which nobody declares")


def _check_mailboxes() -> None:
    kinds = [kind for part in parts() for kind in part.mailboxes]
    for kind in kinds:
        if kinds.count(kind) > 1 or not re.fullmatch(r"[a-z]{1,12}", kind):
            raise BadDeclaration(f"the mailbox {kind!r} is declared twice, or is not 1 to 12 letters")
