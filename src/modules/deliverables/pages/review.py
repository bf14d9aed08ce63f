"""One deliverable in the console: looked at, talked about, shown, withdrawn, locked."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from kit.refused import Refused
from modules.deliverables import lives, operations
from modules.deliverables.forms import StaffCommentForm
from modules.deliverables.models import Comment, Deliverable, State, Version
from modules.deliverables.queries import page, people
from modules.deliverables.queries.hashes import version_sha256
from portal.forms import add_refusal, press
from portal.http import Request


@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    """The newest version, or what comes first: uploading one."""
    deliverable = _load(request, pk)
    version = deliverable.versions.order_by("-number").first()
    if version is None:
        context = {"deliverable": deliverable, "reviewers": people.reviewers_to_tell(deliverable)}
        return render(request, "deliverables/console/empty.html", context)
    return _show(request, deliverable, version)


@require_safe
def show_version(request: Request, pk: int, number: int) -> HttpResponse:
    """One version."""
    deliverable = _load(request, pk)
    return _show(request, deliverable, get_object_or_404(deliverable.versions.all(), number=number))


@require_POST
def ready(request: Request, pk: int) -> HttpResponse:
    """Show the newest version to the client."""
    return _do(request, pk, operations.mark_ready, "Shown. The reviewers get a mail now.")


@require_POST
def internal_review(request: Request, pk: int) -> HttpResponse:
    """Let colleagues look first."""
    return _do(
        request, pk, operations.start_internal_review, "In internal review. The client sees nothing of it."
    )


@require_POST
def withdrawal(request: Request, pk: int) -> HttpResponse:
    """Take it back from review."""
    return _do(request, pk, operations.withdraw, "Withdrawn. Nobody is asked to decide any more.")


@require_POST
def restoration(request: Request, pk: int) -> HttpResponse:
    """Take a withdrawn one up again."""
    return _do(request, pk, operations.restore, "Taken up again.")


@require_POST
def lock(request: Request, pk: int) -> HttpResponse:
    """Lock an approved one now."""
    return _do(request, pk, operations.lock_now, "Locked. Its hash is kept with the decision.")


@require_POST
def discard(request: Request, pk: int, number: int) -> HttpResponse:
    """Throw away a version that no client has seen."""
    version = get_object_or_404(_load(request, pk).versions.all(), number=number)
    try:
        operations.discard_version(version, by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
        return redirect("deliverables:version", pk, number)
    messages.success(request, f"Version {number} is gone.")
    return redirect("deliverables:show", pk)


@require_POST
def comment(request: Request, pk: int, number: int) -> HttpResponse:
    """Say something to the client, or among staff only."""
    deliverable = _load(request, pk)
    version = get_object_or_404(deliverable.versions.all(), number=number)
    version.deliverable = deliverable
    form = StaffCommentForm(request.POST, version=version, client=None)
    if not form.is_valid():
        return _show(request, deliverable, version, form, status=422)
    try:
        said = operations.comment_as_staff(
            version,
            by=request.staff,
            is_internal=form.cleaned_data["is_internal"],
            **form.place(),
            trail={"request": request},
        )
    except Refused as refused:
        add_refusal(form, refused)
        return _show(request, deliverable, version, form, status=422)
    messages.success(
        request, "Noted, among you." if said.is_internal else "Said. The client sees it on the page."
    )
    return redirect(reverse("deliverables:version", args=[pk, number]) + f"#c{said.pk}")


@require_POST
def resolution(request: Request, pk: int, comment: int) -> HttpResponse:
    """Resolve a thread, or with `open` open it again."""
    thread = get_object_or_404(
        Comment.objects.select_related("version__deliverable"),
        pk=comment,
        version__deliverable=_load(request, pk),
    )
    act = operations.reopen_comment if "open" in request.POST else operations.resolve_comment
    try:
        act(thread, by=request.staff, trail={"request": request})
    except Refused as refused:
        messages.error(request, refused.words)
    return redirect(reverse("deliverables:version", args=[pk, thread.version.number]) + f"#c{thread.pk}")


def _load(request: Request, pk: int) -> Deliverable:
    found = Deliverable.objects.served_by(request.staff).select_related(
        "project__company", "project__client", "project__lead"
    )
    deliverable: Deliverable = get_object_or_404(found, pk=pk)
    return deliverable


def _do(request: Request, pk: int, act: Callable[..., Any], words: str) -> HttpResponse:
    press(request, lambda: act(_load(request, pk), by=request.staff, trail={"request": request}), words)
    return redirect("deliverables:show", pk)


def _show(
    request: Request,
    deliverable: Deliverable,
    version: Version,
    form: StaffCommentForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    shown = page.review_page(deliverable, version, client=None)
    is_fresh = shown.is_newest and version.shown_at is None
    state = deliverable.state
    context = {
        "page": shown,
        "told": people.reviewers_to_tell(deliverable) if is_fresh else [],
        "can_show": is_fresh and lives.may_go(state, State.READY),
        "can_review": is_fresh and lives.may_go(state, State.INTERNAL_REVIEW),
        "can_discard": is_fresh and state in lives.TAKES_VERSIONS,
        "can_upload": state in lives.TAKES_VERSIONS,
        "can_withdraw": lives.may_go(state, State.WITHDRAWN),
        "can_comment": state != State.WITHDRAWN and not shown.is_locked,
        "sha256": version.locked_sha256 or version_sha256(version),
        "comment_form": form or StaffCommentForm(version=version, client=None),
    }
    return render(request, "deliverables/console/show.html", context, status=status)
