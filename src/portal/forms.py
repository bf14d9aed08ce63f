"""How forms and buttons carry out an operation, and where they show what it refuses; what a search asks for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from kit.refused import Refused

Result = TypeVar("Result")


@dataclass(frozen=True)
class Done(Generic[Result]):
    """An operation that was carried out, and what it answered."""

    result: Result


def carry_out(
    form: forms.BaseForm, do: Callable[..., Result], *args: Any, **more: Any
) -> Done[Result] | None:
    """Call an operation with what the form holds. None: it was not done, and the form says why."""
    if not form.is_valid():
        return None
    try:
        return Done(do(*args, **form.cleaned_data, **more))
    except Refused as refused:
        add_refusal(form, refused)
        return None


def add_refusal(form: forms.BaseForm, refused: Refused) -> None:
    """Show a refusal where the person looks: at its field if the form has it, else above the form."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.words)


def press(request: HttpRequest, do: Callable[[], object], done: str = "") -> bool:
    """A button without a form: do it, and say what came of it; whether it was done."""
    try:
        do()
    except Refused as refused:
        messages.error(request, refused.words)
        return False
    if done:
        messages.success(request, done)
    return True


def searched(request: HttpRequest, name: str = "q") -> str:
    """What an address asks for, e.g. the words of a search: trimmed, storable, at most 100 characters."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:100]
