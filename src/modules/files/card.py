"""What other pages show of files: the dashboard's card and waiting lines, a project's panel, whether there is a tab."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from modules.files.queries import lists
from modules.files.queries.people import word_of
from modules.projects.models import Project
from portal.http import Request
from portal.module import Waiting
from portal.people.serving import serves

CARD_ROWS = 3
PANEL_ROWS = 20


def load_card(request: Request) -> Mapping[str, Any] | None:
    """The newest few; None when nothing was shared with this client."""
    found = _newest(request)
    if not found:
        return None
    return {"rows": found[:CARD_ROWS], "more": len(found) > CARD_ROWS}


def waiting(request: Request) -> list[Waiting]:
    """What this client is asked to send, one line per request."""
    return [
        Waiting(
            label=_missing(asked.missing, asked.title),
            url=reverse("files:request", args=[asked.pk]),
            due=asked.due_on,
            key=f"files.request:{asked.pk}",
            company_id=asked.company_id,
        )
        for asked in _calls(request).asked
    ]


def has_content(request: Request) -> bool:
    """Whether anything was shared with this client, is asked of it, or may be put somewhere by it."""
    return bool(_newest(request) or _calls(request).any)


def project_panel(request: Request, project: Project) -> Mapping[str, Any] | None:
    """What clients see of a project's files."""
    found = lists.rows(lists.visible(request.client).filter(project=project)[:PANEL_ROWS])
    return {"rows": found} if found else None


def console_panel(request: Request, project: Project) -> Mapping[str, Any] | None:
    """A project's files for staff, with the way to more."""
    query = f"?owner={word_of(project.owner)}&project={project.pk}"
    return {
        "rows": lists.rows(lists.for_staff(request.staff, project=project)[:PANEL_ROWS]),
        "project": project,
        # Who only leads the project sees its files; what is given and asked is for who serves the client.
        "may_add": serves(request.staff, project.owner),
        "new_url": reverse("files:new") + query,
        "ask_url": reverse("files:new-request") + query,
    }


def _missing(number: int, title: str) -> str:
    return f"Send {number} file{'' if number == 1 else 's'}: {title}"


def _newest(request: Request) -> list[lists.Row]:
    """Read once for card and menu together."""
    found: list[lists.Row] | None = getattr(request, "newest_files", None)
    if found is None:
        files = lists.visible(request.client)[: CARD_ROWS + 1]
        found = [lists.plain_row(file) for file in files]
        setattr(request, "newest_files", found)  # noqa: B010 (only this function knows it)
    return found


def _calls(request: Request) -> lists.Calls:
    """Read once for waiting lines and menu together."""
    found: lists.Calls | None = getattr(request, "file_calls", None)
    if found is None:
        found = lists.calls_on(request.client)
        setattr(request, "file_calls", found)  # noqa: B010 (only this function knows it)
    return found
