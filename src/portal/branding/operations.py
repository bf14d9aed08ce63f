"""Changing how a portal looks and what it shows. Every change is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from kit.color import parse_hex
from kit.refused import Refused
from portal.audit.operations import record
from portal.branding.models import PortalSettings, Section
from portal.branding.queries import all_sections
from portal.branding.welcome import LONGEST, welcome_html
from portal.http import Request
from portal.people.models import Staff
from portal.uploads.models import Upload
from portal.uploads.operations import UploadRefused, discard, store_image
from tenants.agencies.current import current_agency
from tenants.plans import needs_plan

MB = 1024**2


@dataclass(frozen=True)
class Picture:
    """What a picture of the brand is called, and how large it is stored and sent."""

    label: str
    max_side: int
    limit_bytes: int = 5 * MB


PICTURES = {
    "logo": Picture("the logo", 800),
    "agency_logo": Picture("your own logo", 800),
    "favicon": Picture("the favicon", 256),
    "login_image": Picture("the picture of the sign-in page", 2400, 15 * MB),
}
LABELS = {
    "accent": "the accent colour",
    "title": "the title",
    "welcome_source": "the welcome message",
    "support_email": "the support e-mail",
    **{name: picture.label for name, picture in PICTURES.items()},
}
FULL_ONLY = frozenset({"title", "favicon", "login_image", "welcome_source", "support_email"})


class NeedsFullBranding(Refused):
    """The plan has only a part of branding."""

    words = "This comes with a higher plan."


class BadSections(Refused):
    """The sections cannot be arranged like this."""


@dataclass(frozen=True)
class Wish:
    """How one section is to appear. `name` empty: its own."""

    module: str
    is_on: bool
    name: str = ""


def change_look(
    *,
    by: Staff,
    words: Mapping[str, str] | None = None,
    pictures: Mapping[str, UploadedFile[Any] | None] | None = None,
    request: Request | None = None,
) -> list[str]:
    """Change accent, title and pictures; what is not named stays.

    Args:
        words: `accent` (hex colour) and `title`.
        pictures: by name of PICTURES; None removes one.

    Returns:
        What changed, in words.

    Raises:
        NeedsFullBranding: one of them is not in the plan; nothing was changed.
        UploadRefused: a picture cannot be taken; its `field` is set.
        Refused: the accent is no colour.
    """
    wanted = dict(words or {})
    pictures = pictures or {}
    _check_plan([*wanted, *pictures])
    if "accent" in wanted:
        wanted["accent"] = _color(wanted["accent"])
    # Stored before the transaction begins: the store may be a bucket on the network.
    stored = _store_all({name: file for name, file in pictures.items() if file is not None})
    return _apply(by, {**wanted, **{name: stored.get(name) for name in pictures}}, "branding.look", request)


def change_portal(*, by: Staff, request: Request | None = None, **wanted: Any) -> list[str]:
    """Change `is_open`, `welcome_source` (Markdown) and `support_email`; what is not named stays.

    Returns:
        What changed, in words.

    Raises:
        NeedsFullBranding: one of them is not in the plan; nothing was changed.
        Refused: the message is too long.
    """
    _check_plan(wanted)
    if len(wanted.get("welcome_source", "")) > LONGEST:
        raise Refused(f"This message is longer than {LONGEST} characters.", field="welcome_source")
    with transaction.atomic():
        changed = []
        if "is_open" in wanted:
            changed += _switch(by, wanted.pop("is_open"), request)
        return changed + _apply(by, wanted, "branding.portal", request)


@transaction.atomic
def arrange_sections(
    *,
    by: Staff,
    wishes: Iterable[Wish],
    move: tuple[str, int] | None = None,
    request: Request | None = None,
) -> bool:
    """Switch, name and order the sections of the plan, in the order of `wishes`.

    Args:
        move: a section's key and how many places it moves down (negative: up).

    Returns:
        Whether anything changed.

    Raises:
        NeedsFullBranding: names or order on a plan that has only a part of branding.
        BadSections: an unknown section, one outside the plan, one missing, or two of the same name.
    """
    before = {section.module.key: section for section in all_sections() if section.is_in_plan}
    wanted = {wish.module: wish for wish in wishes}
    if set(wanted) != set(before):
        raise BadSections("The sections have changed meanwhile. Look at them again.")
    _check_names(before, wanted)
    order = _moved(list(wanted), move)
    is_full = current_agency().has("branding.full")
    own = {key: s.name if s.name != s.module.name else "" for key, s in before.items()}
    renamed = any(wanted[key].name != own[key] for key in before)
    if not is_full and (renamed or order != list(before)):
        raise NeedsFullBranding
    old = [[key, before[key].is_on, own[key]] for key in before]
    new = [[key, wanted[key].is_on, wanted[key].name] for key in order]
    if old == new:
        return False
    for place, key in enumerate(order):
        row: dict[str, Any] = {"is_on": wanted[key].is_on}
        row |= {"name": wanted[key].name, "position": place} if is_full else {}
        Section.objects.update_or_create(module=key, defaults=row)
    record(
        "branding.sections",
        PortalSettings(pk=1),
        by=by,
        summary="Arranged the sections",
        change={"sections": [old, new]},
        request=request,
    )
    return True


def _check_plan(names: Iterable[str]) -> None:
    if current_agency().has("branding.full"):
        return
    for name in names:
        if name in FULL_ONLY:
            plan = needs_plan("branding.full").label
            raise NeedsFullBranding(f"This comes with {plan}.", field=name)


def _color(text: str) -> str:
    try:
        return parse_hex(text)
    except ValueError as error:
        raise Refused("Choose a colour, such as #0f766e.", field="accent") from error


def _store_all(files: Mapping[str, UploadedFile[Any]]) -> dict[str, Upload]:
    stored: dict[str, Upload] = {}
    for name, file in files.items():
        picture = PICTURES[name]
        try:
            stored[name] = store_image(file, max_side=picture.max_side, limit_bytes=picture.limit_bytes)
        except UploadRefused as refusal:
            for upload in stored.values():
                discard(upload)
            refusal.field = name
            raise
    return stored


@transaction.atomic
def _apply(by: Staff, wanted: Mapping[str, Any], verb: str, request: Request | None) -> list[str]:
    portal = PortalSettings.objects.select_for_update().get(pk=1)
    old = {name: getattr(portal, name) for name in wanted}
    changed = [name for name in wanted if old[name] != wanted[name]]
    if not changed:
        return []
    for name in changed:
        setattr(portal, name, wanted[name])
    if "welcome_source" in changed:
        portal.welcome = welcome_html(portal.welcome_source)
    portal.save()
    for name in changed:
        if isinstance(old[name], Upload):
            discard(old[name])
    labels = [LABELS[name] for name in changed]
    change = {name: [_written(old[name]), _written(wanted[name])] for name in changed}
    record(verb, portal, by=by, summary=f"Changed {', '.join(labels)}", change=change, request=request)
    return labels


def _switch(by: Staff, is_open: bool, request: Request | None) -> list[str]:
    if not PortalSettings.objects.filter(pk=1).exclude(is_open=is_open).update(is_open=is_open):
        return []
    verb, words = ("opened", "on") if is_open else ("closed", "off")
    record(
        f"branding.portal_{verb}",
        PortalSettings(pk=1),
        by=by,
        summary=f"Switched the portal {words}",
        change={"is_open": [not is_open, is_open]},
        request=request,
    )
    return [f"the portal is {words}"]


def _check_names(before: Mapping[str, Any], wanted: Mapping[str, Wish]) -> None:
    taken: set[str] = set()
    for key, wish in wanted.items():
        name = (wish.name or before[key].module.name).casefold()
        if name in taken:
            raise BadSections("Two sections cannot have the same name.", field=f"name_{key}")
        taken.add(name)


def _moved(order: list[str], move: tuple[str, int] | None) -> list[str]:
    if move is None or move[0] not in order:
        return order
    key, by = move
    place = order.index(key)
    order.insert(max(0, min(len(order) - 1, place + by)), order.pop(place))
    return order


def _written(value: Any) -> Any:
    return {"name": value.name, "sha256": value.sha256} if isinstance(value, Upload) else value
