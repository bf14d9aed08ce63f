"""The modules of this portal, in menu order, and all that they and the shell declare."""

import re
from collections.abc import Callable
from importlib import import_module

from django.apps import apps

from portal.module import Action, Email, Fact, Hear, Module, Panel, Trigger
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


def triggers() -> dict[str, Trigger]:
    """Everything on which a workflow may hang, by name, in the order of the parts."""
    return {trigger.fact: trigger for part in parts() for trigger in part.triggers}


def actions() -> dict[str, Action]:
    """Everything that a workflow can do, by name."""
    return {action.key: action for part in parts() for action in part.actions}


def owner_of(name: str) -> Module | None:
    """The part that declares a trigger or an action: names begin with its key."""
    return next((part for part in parts() if name.startswith(f"{part.key}.")), None)


def overhearing() -> list[str]:
    """The keys of the parts that hear every fact with a trigger."""
    return [part.key for part in parts() if part.overhears]


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
    _check_triggers()


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


def _check_triggers() -> None:
    known = facts()
    for trigger in triggers().values():
        if trigger.due is None and trigger.fact not in known:
            raise BadDeclaration(f"a trigger follows {trigger.fact!r}, which nobody declares")
        if trigger.due is not None and trigger.fact in known:
            raise BadDeclaration(f"{trigger.fact!r} is a fact: its trigger does not follow the clock")
