"""What the two home pages show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from portal import registry
from portal.audit.models import AuditEntry
from portal.branding.models import DEFAULT_ACCENT, PortalSettings
from portal.branding.queries import ShownSection, sections_on
from portal.http import Request
from portal.module import Module
from portal.people.models import Client, Invitation, Staff
from tenants.agencies.current import current_agency


@dataclass(frozen=True)
class FilledCard:
    """A section's card with what it prints."""

    module: Module
    name: str
    template: str
    words: Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """One of the first steps."""

    label: str
    note: str
    url: str
    is_done: bool


def cards(request: Request) -> list[FilledCard]:
    """The cards of the open sections; a section without content for this client has none."""
    filled = (_fill(section, request) for section in sections_on().values())
    return [card for card in filled if card is not None]


def staff_cards(request: Request) -> list[FilledCard]:
    """The cards of the console's home, of the sections that are on and in the plan."""
    found = []
    for section in sections_on().values():
        card = section.module.staff_card
        words = card.load(request) if card else None
        if card is not None and words is not None:
            found.append(FilledCard(section.module, section.name, card.template, words))
    return found


def checklist(portal: PortalSettings, staff: Staff) -> list[Step]:
    """The first steps, or nothing once they are done or hidden."""
    if portal.checklist_hidden or not staff.may_manage:
        return []
    steps = [
        Step("Make it yours", "Your logo and your colour.", reverse("branding:index"), _is_branded(portal)),
        *_module_steps(),
        Step(
            "Invite your first client",
            "They sign in from the mail, with one click.",
            reverse("people:clients"),
            Invitation.objects.filter(client__is_example=False).exists(),
        ),
        Step(
            "Use your own domain",
            f"Until then your portal answers on {current_agency().host}.",
            reverse("branding:domain"),
            current_agency().has_own_domain,
        ),
    ]
    return [] if all(step.is_done for step in steps) else steps


def figures() -> dict[str, int]:
    """A few numbers of the agency."""
    return {
        "clients": Client.objects.with_access().filter(is_example=False).count(),
        "invited": Invitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True).count(),
    }


def recent_activity(most: int = 8) -> list[AuditEntry]:
    """The newest entries of the audit log."""
    return list(AuditEntry.objects.order_by("-pk")[:most])


def _fill(section: ShownSection, request: Request) -> FilledCard | None:
    card = section.module.card
    words = card.load(request) if card else None
    if card is None or words is None:
        return None
    return FilledCard(section.module, section.name, card.template, words)


def _module_steps() -> list[Step]:
    return [
        Step(step.label, step.note, reverse(f"{module.key}:{step.view}"), step.is_done())
        for module in registry.all_modules()
        for step in module.first_steps
    ]


def _is_branded(portal: PortalSettings) -> bool:
    return portal.logo_id is not None or portal.accent != DEFAULT_ACCENT
