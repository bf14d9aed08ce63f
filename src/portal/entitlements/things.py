"""What keys and sources name. Modules say it in AppConfig.ready; a key of a module that says nothing shows as it is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse

from portal.links import portal_path

Titles = Callable[[], Mapping[str, str]]


@dataclass(frozen=True)
class Openable:
    """A kind of thing that can be opened: how one is called, and the titles of all by id."""

    label: str
    titles: Titles
    view: str = ""


_openable: dict[str, Openable] = {}
_givers: dict[str, str] = {}


def openable(kind: str, *, label: str, titles: Titles, view: str = "") -> None:
    """Say what keys of `kind` ("courses.course") name. `titles` is called inside the agency, once a page.

    `view` is the portal's page of one, with its id as the only argument: where invitations to it lead.
    """
    _openable[kind] = Openable(label, titles, view)


def given_by(kind: str, *, view: str) -> None:
    """Say which page of the console shows the source of `kind` ("subscriptions.subscription") with one id."""
    _givers[kind] = view


def names_of(keys: Iterable[str]) -> dict[str, str]:
    """Each key in words: "Course: Brand basics" if its module knows it, else "Course 12"."""
    wanted = set(keys)
    titles = {kind: _openable[kind].titles() for kind in _kinds(wanted) & _openable.keys()}
    return {key: _name(key, titles) for key in wanted}


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """All that modules offer to open, grouped as a select field takes it; empty while none does."""
    return [
        (one.label, [(f"{kind}:{pk}", title) for pk, title in one.titles().items()])
        for kind, one in sorted(_openable.items())
    ]


def kinds() -> list[tuple[str, str]]:
    """Every kind that modules offer, as a select field takes it."""
    return [(kind, one.label) for kind, one in sorted(_openable.items())]


def portal_path_of(key: str) -> str:
    """The portal's page of what a key opens; the home page if its module names none."""
    kind, _, pk = key.rpartition(":")
    view = _openable[kind].view if kind in _openable else ""
    return portal_path(view, int(pk) if pk.isascii() and pk.isdigit() else pk) if view else "/"


def source_url(source: str) -> str:
    """Where staff see what gave it; empty if nobody said."""
    kind, _, pk = source.rpartition(":")
    if kind not in _givers or not (pk.isascii() and pk.isdigit()):
        return ""
    return reverse(_givers[kind], args=[int(pk)])


def _kinds(keys: Iterable[str]) -> set[str]:
    return {key.rpartition(":")[0] for key in keys}


def _name(key: str, titles: Mapping[str, Mapping[str, str]]) -> str:
    kind, _, pk = key.rpartition(":")
    if title := titles.get(kind, {}).get(pk):
        return f"{_openable[kind].label}: {title}"
    noun = kind.rpartition(".")[2].replace("_", " ").capitalize()
    return f"{_openable[kind].label if kind in _openable else noun} {pk}"
