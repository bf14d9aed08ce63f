"""The vocabulary in which a module declares itself to the portal."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django import forms
from django.urls import URLPattern, URLResolver
from ninja import Router

from portal.http import Request
from portal.people.models import Client, Company, Staff
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
    company_id: int | None = None  # the company that it is about: said to those who act for several


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


class Kind(StrEnum):
    """What stands behind a placeholder, and so where it may stand and how it is printed."""

    TEXT = "words"
    LONG = "several lines"
    LINK = "link"
    CODE = "code"
    FLAG = "yes or no"
    ITEMS = "list of what is new"


@dataclass(frozen=True)
class Placeholder:
    """A word that is filled in when a mail leaves. `needed`: without it the mail is of no use, e.g. its link."""

    label: str
    kind: Kind = Kind.TEXT
    needed: bool = False


@dataclass(frozen=True)
class Email:
    """A message that is sent from here. Agencies may rewrite its words.

    `template` names the one file of its words, `<template>.md` (portal.mail.defaults says how it is written).
    `placeholders` are the only words that may be filled in, besides those that every mail knows
    (portal.mail.placeholders); `sample` has a value for each: the context of previews and of the tests.
    `derive`, where given, works further values out of the words, e.g. which of several sentences applies.
    `prepare`, where given, runs at sending time and adds what must never be stored (links with
    secrets); it may raise `portal.mail.jobs.Unsendable` when there is nobody to write to any more. What it
    answers as `mail_headers` become headers of the mail (Reply-To, References), not words.
    `told` says who gets it and when, for the agency. Mails with the same `digest` to the same person within a
    few minutes become one mail that lists them all; a mail that `gathers` is sent at once and takes along
    what waits in that group.
    """

    key: str
    label: str
    template: str
    sample: Mapping[str, Any]
    prepare: Callable[[Any], Mapping[str, Any]] | None = None
    needs_access: bool = True
    is_transactional: bool = True  # not: clients may unsubscribe, and get a link to do so
    is_asked_for: bool = False  # by the person, a moment ago: goes to an address that reported spam, too
    told: str = ""
    placeholders: Mapping[str, Placeholder] = field(default_factory=dict)
    derive: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    digest: str = ""
    gathers: str = ""


@dataclass(frozen=True)
class Hear:
    """That this module listens to a fact. `ear` gets the fact's ids as keyword arguments, in a job."""

    fact: str
    ear: Callable[..., None]


class ValueKind(StrEnum):
    """What a value of a trigger is, and so how it is compared and printed."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"  # kit.money.Money
    DATE = "date"  # datetime.date
    CHOICE = "choice"  # a key of the offer's choices
    YES = "yes"  # True or False


@dataclass(frozen=True)
class Offer:
    """A value that a trigger gives to conditions and, as `{{ key }}`, to the words of mails and tasks."""

    key: str
    label: str
    kind: ValueKind = ValueKind.TEXT
    choices: Callable[[], Sequence[tuple[str, str]]] | None = None


@dataclass(frozen=True)
class Happening:
    """One event as its trigger reads it at this moment: whom it concerns, and what is known of it.

    Args:
        about: what it happened to, `module.noun:id`; a wait for another fact waits for the same thing.
        title: how people call it, e.g. "Invoice 2026-0017".
        clients: whom workflows act for; those who may see the thing and nobody else.
        owner: the company or lone client to whom the thing belongs.
        values: one for each offer of the trigger; None where there is none.
        path: the portal's page of it, where invitations and links lead.
        console_path: the console's page of it, from the agency's root; "" if there is none.
    """

    about: str
    title: str
    clients: "Sequence[Client]"
    owner: "Company | Client"
    values: Mapping[str, Any] = field(default_factory=dict)
    path: str = "/"
    console_path: str = ""


@dataclass(frozen=True)
class Past:
    """That a trigger's event took place: its ids, and when."""

    ids: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True)
class Trigger:
    """An event on which agencies hang workflows.

    Most triggers follow a declared fact. One with `due` follows the clock instead: it is asked every hour which
    events are due for a number of days that the agency chooses; equal ids are the same event, so put into them what
    makes a later one another (`last_seen_on`).

    Args:
        fact: key of the fact; of a trigger with `due` a name of its own, `part.what`.
        label: goes on after "When": "an invoice is issued". With `due` it holds `{days}`.
        read: gets the fact's ids as keyword arguments; None when it is gone or no longer true.
        past: events since a moment, for the dry run; gets the days too if there is `due`; None: nobody keeps them.
        due: events that are due now, for this many days.
    """

    fact: str
    label: str
    read: Callable[..., Happening | None]
    past: Callable[..., Iterable[Past]] | None
    offers: Sequence[Offer] = ()
    due: Callable[[int], Iterable[Mapping[str, Any]]] | None = None
    days: int = 7  # what the editor suggests


@dataclass(frozen=True)
class Act:
    """For whom and because of what an action runs.

    `key` names this very step of this very run: an effect that carries it happens once, however often the action
    is called. `occasion` names the step and what set it off, the same for everybody whom the event concerns: what
    staff do once for all of them carries it.
    """

    client: "Client"
    happening: Happening
    key: str
    occasion: str
    workflow: str
    values: Mapping[str, str] = field(default_factory=dict)  # by placeholder, as people read them


class NothingToDo(Exception):
    """Raised by `Action.run`: there is nothing to do for this client; the words say why. The run goes on."""


@dataclass(frozen=True)
class Action:
    """Something that a workflow does, by calling one operation.

    Args:
        label: how the editor offers it, as an order: "Invite to the portal".
        form: its settings; unbound for the editor, bound again to what was typed each time it runs, so what has
            gone since is refused in words. Texts with placeholders are `portal.placeholders.WordsField`.
        run: gets what the form cleaned; answers in words what was done, for the log. It runs in a transaction with
            the step's log row: no network in it, enqueue a job.
        say: the sentence of the step, from what the form cleaned: "invite the client".
        foresee: what it would do now, for tests and dry runs; by default the sentence.
        is_message: it writes to the client, so it waits in quiet hours.
        capability: what the agency's plan must have, "" if nothing.

    `run` may raise `kit.refused.Refused`: the step fails with these words and staff decide what then.
    """

    key: str
    label: str
    form: type[forms.Form]
    run: Callable[[Act, Mapping[str, Any]], str]
    say: Callable[[Mapping[str, Any]], str]
    foresee: Callable[[Act, Mapping[str, Any]], str] | None = None
    is_message: bool = False
    capability: str = ""


@dataclass(frozen=True)
class Overhear:
    """That a part hears every fact that has a trigger. `ear` gets the fact's name, its ids and the event's own id."""

    ear: Callable[[str, Mapping[str, Any], str], None]


@dataclass(frozen=True)
class Opens:
    """A capability inside a module: its name there, what it is called, and the plan that opens it."""

    label: str
    plan: Plan


@dataclass(frozen=True)
class Charge:
    """Something that a member of staff is in charge of: whose it is, and what it is in words, "the project “X”"."""

    owner: "Company | Client"
    words: str


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
    overhears: Overhear | None = None
    triggers: Sequence[Trigger] = ()
    actions: Sequence[Action] = ()
    emails: Sequence[Email] = ()
    mailboxes: Mapping[str, Callable[..., None]] = field(default_factory=dict)  # see portal.intake
    settings_form: type[forms.Form] | None = None
    demo: Callable[[Any], None] | None = None
    demo_paid: Callable[[], None] | None = None  # again at each start of the demo, once cards can be taken
    has_content: Callable[[Request], bool] | None = None
    hidden_when_viewing: bool = False  # private between clients: staff who look as a client do not see it
    # Before a duplicate's rows are moved (ids: kept, gone) and before a person is erased: what a walk over the
    # foreign keys cannot know. Both run in the transaction of the act and may refuse it.
    merge_clients: Callable[[int, int], None] | None = None
    erase_client: Callable[[Client], None] | None = None
    # What a member of staff is in charge of now: it is given to somebody else before they stop seeing its owner.
    charges_of: Callable[[Staff], Iterable[Charge]] | None = None
    # The console's view with one id, by the model's name in the audit log: {"invoice": "invoices:show"}.
    subject_pages: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, opens in self.capabilities.items():
            if opens.plan < self.plan:
                raise ValueError(f"{self.key}.{name} opens on a plan that does not include {self.key}")
        names = [fact.key for fact in self.facts] + [email.key for email in self.emails]
        names += [trigger.fact for trigger in self.triggers] + [action.key for action in self.actions]
        for name in names:
            if not name.startswith(f"{self.key}."):
                raise ValueError(f"{name} must begin with {self.key!r} and a dot")
