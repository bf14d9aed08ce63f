"""One thread with all that its page prints."""

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from modules.feedback import lives
from modules.feedback.models import CannedReply, Entry, IncomingMail, State, Thread
from modules.feedback.queries import lists, people
from portal.people.models import Staff


@dataclass(frozen=True)
class AboutLink:
    """What a thread is about, and where that is on this side."""

    words: str
    url: str


def about_link(thread: Thread) -> AboutLink | None:
    """The page that the message is about, else its project. The page itself decides who may open it."""
    if thread.about_section and thread.about_id is not None:
        try:
            url = reverse(f"{thread.about_section}:show", args=[thread.about_id])
        except NoReverseMatch:
            url = ""
        return AboutLink(thread.about_words, url)
    if thread.project is not None:
        return AboutLink(thread.project.name, reverse("projects:show", args=[thread.project.pk]))
    return None


def client_entries(thread: Thread) -> list[Entry]:
    """What a client reads of a thread."""
    return list(thread.entries.shown_to_clients().in_order())


def console_page(thread: Thread, staff: Staff) -> dict[str, Any]:
    """What staff read and may do."""
    same = {
        "author": thread.author_id,
        "company": thread.company_id,
        "client": thread.client_id,
        "private_to": thread.private_to,
    }
    others = lists.for_staff(staff).not_merged().filter(**same).exclude(pk=thread.pk)
    return {
        "thread": thread,
        "about": about_link(thread),
        "entries": list(thread.entries.in_order()),
        "tone": lists.TONES.get(State(thread.state), ""),
        "mergeable": list(others.order_by("-last_said_at")[:20]),
        "colleagues": people.active_staff(),
        "canned": list(CannedReply.objects.all()),
        "held": list(thread.incoming.held().defer("raw").select_related("client", "staff").order_by("pk")),
        "may": {state.name.lower(): lives.may_go(thread.state, state) for state in State},
        "merged": list(lists.for_staff(staff).filter(merged_into=thread).order_by("pk")),
    }


def held_mails(staff: Staff) -> Any:
    """Mails that wait for a decision, oldest first."""
    threads = lists.for_staff(staff).values("pk")
    found = IncomingMail.objects.held().filter(thread__in=threads)
    return found.defer("raw").select_related("thread", "client", "staff").order_by("pk")
