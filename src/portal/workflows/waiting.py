"""Waiting: so many days, until a day, or until something happens but no longer than so many days."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms

from kit import clock
from portal import registry
from portal.module import Happening, Trigger
from portal.workflows.models import Run
from tenants.agencies.current import current_agency
from ui.forms import DateInput

KINDS = [
    ("for", "For some time"),
    ("day", "Until a day"),
    ("fact", "Until something happens, or at most for some time"),
]
UNITS = [("minutes", "minutes"), ("hours", "hours"), ("days", "days")]
MOST_DAYS = 400


class WaitForm(forms.Form):
    """How long a run stands still."""

    kind = forms.ChoiceField(label="How", choices=KINDS)
    amount = forms.IntegerField(
        label="How long (or at most)", required=False, min_value=1, max_value=10_000, initial=3
    )
    unit = forms.ChoiceField(label="Unit", choices=UNITS, initial="days")
    day = forms.DateField(label="Until this day", required=False, widget=DateInput())
    fact = forms.ChoiceField(label="Until this happens", required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["fact"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Nothing in particular")] + [
            (one.fact, one.label) for one in registry.triggers().values() if one.due is None
        ]

    def clean(self) -> dict[str, Any]:
        """What each way of waiting needs."""
        read = self.cleaned_data
        kind = read.get("kind")
        if kind in ("for", "fact") and not read.get("amount") and "amount" not in self.errors:
            self.add_error("amount", "Say how long.")
        if kind == "day" and not read.get("day") and "day" not in self.errors:
            self.add_error("day", "Choose the day.")
        if kind == "fact" and not read.get("fact") and "fact" not in self.errors:
            self.add_error("fact", "Choose what it waits for.")
        if read.get("amount") and _length(read) > timedelta(days=MOST_DAYS):
            self.add_error("amount", f"Nothing waits longer than {MOST_DAYS} days.")
        return read


def say_wait(settings: Mapping[str, Any]) -> str:
    """wait 3 days"""
    if settings["kind"] == "day":
        return f"wait until {settings['day']:%-d %B %Y}"
    amount, unit = settings["amount"], settings["unit"]
    length = f"{amount} {unit if amount != 1 else unit[:-1]}"
    if settings["kind"] == "for":
        return f"wait {length}"
    trigger = registry.triggers().get(settings["fact"])
    return f"wait until {trigger.label if trigger else 'something'}, at most {length}"


def ends_at(settings: Mapping[str, Any]) -> datetime:
    """When the waiting is over at the latest; a day begins at eight in the agency's zone."""
    if settings["kind"] == "day":
        return _morning(settings["day"])
    return clock.now() + _length(settings)


def awaited(settings: Mapping[str, Any]) -> str:
    """The fact that ends it; "" if none does."""
    return settings["fact"] if settings["kind"] == "fact" else ""


def is_awaited(run: Run, happening: Happening) -> bool:
    """Whether a run waits for this event: the same client's, and of the same thing if it is of its kind."""
    if run.client_id not in {client.pk for client in happening.clients}:
        return False
    kind, _, _ = happening.about.partition(":")
    return run.about == happening.about or run.about.partition(":")[0] != kind


def has_happened(run: Run, trigger: Trigger) -> bool:
    """Whether what a run is about to wait for took place since it began."""
    if trigger.past is None:
        return False
    for past in trigger.past(run.started_at):
        happening = trigger.read(**past.ids)
        if happening is not None and is_awaited(run, happening):
            return True
    return False


def _length(settings: Mapping[str, Any]) -> timedelta:
    return timedelta(**{settings.get("unit") or "days": settings["amount"]})


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(8), tzinfo=current_agency().tzinfo)
