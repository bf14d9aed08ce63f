"""The vocabulary in which a module declares itself to the portal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.urls import URLPattern, URLResolver
from ninja import Router

from portal.http import Request
from portal.people.models import Staff
from tenants.plans import Plan, PlanRow

Urls = Sequence[URLPattern | URLResolver]


@dataclass(frozen=True)
class Card:
    """A dashboard card. `load` answers None when the client has nothing to see here."""

    template: str
    load: Callable[[Request], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Waiting:
    """One line of "waiting on you": what a client, or staff, is asked to do, one click from done."""

    label: str
    url: str
    due: Any = None
    key: str = ""  # `module.noun:id`; the same for everybody on whom it waits, so that it can be handed over
    note: str = ""


@dataclass(frozen=True)
class Panel:
    """A part of another module's page, e.g. the deliverables on a project's page.

    `load` gets the request and the thing that the page is about; None leaves the panel out. The template
    finds what `load` answers as `panel.words`.
    """

    template: str
    load: Callable[[Request, Any], Mapping[str, Any] | None]


@dataclass(frozen=True)
class FirstStep:
    """A line of the founder's checklist: where it leads (a console view of the module) and when it is done."""

    label: str
    note: str
    view: str
    is_done: Callable[[], bool]


@dataclass(frozen=True)
class Fact:
    """Something that happens here: other modules hear it, agencies hang workflows on it."""

    key: str
    label: str


@dataclass(frozen=True)
class Email:
    """A message that is sent from here. Agencies may rewrite its words.

    `template` names three files: `<template>.subject.txt`, `<template>.txt` (extends mail/base.txt) and
    `<template>.html` (extends mail/base.html). `sample` is the context of previews and of the test that renders it.
    `prepare`, where given, runs at sending time and adds what must never be stored (links with
    secrets); it may raise `portal.mail.jobs.Unsendable` when there is nobody to write to any more.
    """

    key: str
    label: str
    template: str
    sample: Mapping[str, Any]
    prepare: Callable[[Any], Mapping[str, Any]] | None = None
    needs_access: bool = True


@dataclass(frozen=True)
class Hear:
    """That this module listens to a fact. `ear` gets the fact's ids as keyword arguments, in a job."""

    fact: str
    ear: Callable[..., None]


@dataclass(frozen=True)
class Opens:
    """A capability inside a module: its name there, what it is called, and the plan that opens it."""

    label: str
    plan: Plan


@dataclass(frozen=True)
class Module:
    """One section of the portal. Menu, gate, dashboard, mails, API, pricing page are read from it."""

    key: str
    name: str
    icon: str
    order: int
    plan: Plan = Plan.STARTER
    capabilities: Mapping[str, Opens] = field(default_factory=dict)
    plan_rows: Sequence[PlanRow] = ()
    client_urls: Urls = ()
    console_urls: Urls = ()
    api: Router | None = None
    card: Card | None = None
    staff_card: Card | None = None  # on the console's home
    waiting: Callable[[Request], Sequence[Waiting]] | None = (
        None  # asks nothing of the request but its client and agency
    )
    staff_waiting: Callable[[Staff], Sequence[Waiting]] | None = None
    panels: Mapping[str, Panel] = field(default_factory=dict)  # by place, e.g. "projects.client"
    first_steps: Sequence[FirstStep] = ()
    facts: Sequence[Fact] = ()
    hears: Sequence[Hear] = ()
    emails: Sequence[Email] = ()
    settings_form: type[forms.Form] | None = None
    demo: Callable[[Any], None] | None = None
    demo_paid: Callable[[], None] | None = None  # again at each start of the demo, once cards can be taken
    has_content: Callable[[Request], bool] | None = None

    def __post_init__(self) -> None:
        for name, opens in self.capabilities.items():
            if opens.plan < self.plan:
                raise ValueError(f"{self.key}.{name} opens on a plan that does not include {self.key}")
        for name in [fact.key for fact in self.facts] + [email.key for email in self.emails]:
            if not name.startswith(f"{self.key}."):
                raise ValueError(f"{name} must begin with {self.key!r} and a dot")
