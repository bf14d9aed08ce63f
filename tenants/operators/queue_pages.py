"""The operators' view of work that failed for good."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from tenants.jobs.set_aside import jobs_set_aside, try_again
from tenants.operators.pages import operators_only


@require_safe
@operators_only
def set_aside(request: HttpRequest) -> HttpResponse:
    """Jobs whose tries are used up."""
    return render(request, "operators/set_aside.html", {"jobs": jobs_set_aside()})


@require_POST
@operators_only
def another_try(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """One more round for one of them."""
    try:
        name = try_again(message_id)
    except LookupError as error:
        raise Http404 from error
    messages.success(request, f"{name} is in the queue again.")
    return redirect("operators:set-aside")
