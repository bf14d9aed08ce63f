"""Workflows that are ready to use. Each is offered once what it hangs on and does is there."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal import registry
from portal.entitlements import things
from portal.workflows import doing, steps

Sketch = tuple[str, dict[str, Any]] | tuple[str, dict[str, Any], tuple[Any, ...]]


@dataclass(frozen=True)
class Recipe:
    """A workflow to begin with. `does` are (what it does, its settings), of a branch with the steps if it is so."""

    key: str
    name: str
    note: str
    fact: str
    does: tuple[Sketch, ...]
    conditions: tuple[dict[str, str], ...] = ()
    once: str = "event"
    days: int = 0
    needs: Callable[[], bool] = field(default=lambda: True)

    @property
    def is_offered(self) -> bool:
        """Whether everything in it exists here and is in the agency's plan."""
        known = registry.triggers().keys() | registry.actions().keys() | BUILT_IN
        used = [self.fact, *(step["do"] for step in steps.every({"steps": _made(self.does)}))]
        is_there = all(name in known for name in used)
        return is_there and all(n in BUILT_IN or doing.is_in_plan(n) for n in used) and self.needs()

    def content(self) -> steps.Content:
        """What a workflow made from it says."""
        made = steps.empty(self.fact, self.days)
        made["once"] = self.once
        made["conditions"] = [dict(one) for one in self.conditions]
        made["steps"] = _made(self.does)
        return made


def _made(sketches: tuple[Sketch, ...]) -> list[steps.Step]:
    made = []
    for sketch in sketches:
        step = steps.new_step(sketch[0], copy.deepcopy(sketch[1]))
        if len(sketch) == 3:
            step["yes"] = _made(sketch[2])
        made.append(step)
    return made


BUILT_IN = {steps.WAIT, steps.BRANCH}
INVITE: tuple[str, dict[str, Any]] = ("people.invite", {})
RECIPES = (
    Recipe(
        "invoice-invite",
        "Invoice created → invite to pay",
        "Who has never signed in is invited; the invitation opens the invoice.",
        "invoices.issued",
        (INVITE,),
    ),
    Recipe(
        "course-invite",
        "Course purchased → invite to access",
        "Who buys a course and has never signed in is invited; the invitation opens the course.",
        "entitlements.granted",
        (INVITE,),
        (
            {"offer": "kind", "is": "is", "value": "courses.course"},
            {"offer": "reason", "is": "is", "value": "purchase"},
        ),
        needs=lambda: "courses.course" in dict(things.kinds()),
    ),
    Recipe(
        "contract-invite",
        "Contract sent → invite to sign",
        "Who has never signed in is invited; the invitation opens the contract.",
        "documents.sent",
        (INVITE,),
    ),
    Recipe(
        "invoice-late",
        "Invoice overdue → a friendly mail, then a task",
        "A mail with the way to paying. After three days without payment, somebody calls.",
        "invoices.overdue",
        (
            (
                "workflows.mail",
                {
                    "subject": "Invoice {{ number }} is still open",
                    "body": "Hello {{ first_name }},\n\nour invoice {{ number }} over {{ open_amount }} "
                    "was due on {{ due_on }}. Perhaps it slipped through: you can pay it here in a "
                    "minute.\n\n{{ link }}\n\nIf you have paid already, thank you.",
                    "button": "Open the invoice",
                },
            ),
            (steps.WAIT, {"kind": "fact", "fact": "invoices.paid", "amount": "3", "unit": "days"}),
            (
                steps.BRANCH,
                {"conditions": [{"offer": "is_paid", "is": "no", "value": ""}]},
                (("tasks.add", {"title": "Call {{ client }} about invoice {{ number }}", "days": "1"}),),
            ),
        ),
        once="thing",
    ),
    Recipe(
        "welcome",
        "Invitation accepted → welcome, then a look after a week",
        "A short mail with what to find where, and a task for you to ask how it goes.",
        "people.accepted",
        (
            (
                "workflows.mail",
                {
                    "subject": "Welcome, {{ first_name }}",
                    "body": "Hello {{ first_name }},\n\ngood to have you here. Everything we make for "
                    "you is in your portal: how far we are, what needs your word, and your "
                    "invoices.\n\n{{ agency }}",
                    "button": "Open my portal",
                },
            ),
            (steps.WAIT, {"kind": "for", "amount": "7", "unit": "days"}),
            ("tasks.add", {"title": "Ask {{ client }} how the portal works for them", "days": "3"}),
        ),
        once="client",
    ),
    Recipe(
        "bounced",
        "A mail came back → task to ask for the right address",
        "So that nobody waits for an answer to a mail that never arrived.",
        "mail.bounced",
        (("tasks.add", {"title": "Ask {{ client }} for a working address ({{ address }})", "days": "2"}),),
    ),
    Recipe(
        "quiet-client",
        "Not here for 30 days → a mail",
        "A reminder that there is something to see.",
        "people.inactive",
        (
            (
                "workflows.mail",
                {
                    "subject": "What is new for you",
                    "body": "Hello {{ first_name }},\n\nyou have not looked in for a while. "
                    "Your portal shows where everything stands.",
                    "button": "Have a look",
                    "is_marketing": True,
                },
            ),
        ),
        days=30,
    ),
    Recipe(
        "approved-invoice",
        "Deliverable approved → task to bill it",
        "So that approved work becomes an invoice.",
        "deliverables.approved",
        (("tasks.add", {"title": "Bill “{{ deliverable }}” ({{ project }})", "days": "3"}),),
        once="thing",
    ),
)


def offered() -> list[Recipe]:
    """Those that can be used here, in order."""
    return [recipe for recipe in RECIPES if recipe.is_offered]


def find(key: str) -> Recipe | None:
    """The recipe with this key, if it is offered."""
    return next((recipe for recipe in offered() if recipe.key == key), None)
