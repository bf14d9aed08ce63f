"""What the buttons of these pages answered, and the audit log's line."""

from typing import Any

from django.http import Http404

from portal.audit.operations import record
from portal.http import Request
from portal.plan.forms import ChoiceForm


def choice_of(answers: Any) -> dict[str, Any]:
    """The plan and the interval that were chosen.

    Raises:
        Http404: nonsense, which no button of ours sends.
    """
    form = ChoiceForm(answers)
    if not form.is_valid():
        raise Http404
    return dict(form.cleaned_data)


def note(request: Request, verb: str, summary: str) -> None:
    """Write into the agency's audit log what an owner did."""
    record(verb, "plan:1", by=request.staff, summary=summary, request=request)
