"""How much of a plan's limits the agency uses, and what a lower plan would close."""

from dataclasses import dataclass

from portal import registry
from portal.people.models import Client, Staff
from portal.uploads.operations import bytes_used, in_words
from tenants.agencies.current import current_agency
from tenants.plans import Plan, limits

# From here on the console says that room is getting short.
SOFT_SHARE = 0.8


@dataclass(frozen=True)
class Meter:
    """One limit: what is used of it, in figures and in words. `most` None: no limit."""

    label: str
    used: int
    most: int | None
    words: str

    @property
    def is_short(self) -> bool:
        """Four fifths are used."""
        return self.most is not None and self.used >= self.most * SOFT_SHARE

    @property
    def is_full(self) -> bool:
        return self.most is not None and self.used >= self.most


@dataclass(frozen=True)
class Loss:
    """Something that a lower plan closes or stops."""

    title: str
    note: str


def meters(plan: Plan | None = None) -> list[Meter]:
    """Clients, staff and storage against the limits of a plan, the agency's own if none is named."""
    most = limits(plan or current_agency().plan)
    clients = Client.objects.filter(removed_at__isnull=True, is_example=False).count()
    staff = Staff.objects.filter(is_active=True).count()
    stored = bytes_used()
    room = f"{in_words(stored)} of {in_words(most.storage)}"
    return [
        Meter("Clients", clients, most.clients, _of(clients, most.clients)),
        Meter("People of your agency", staff, most.staff, _of(staff, most.staff)),
        Meter("Storage", stored, most.storage, room),
    ]


def losses(lower: Plan) -> list[Loss]:
    """What exceeds a lower plan or is not in it. Nothing of it is deleted."""
    found = [
        _too_many(meter) for meter in meters(lower) if meter.most is not None and meter.used > meter.most
    ]
    now = current_agency().plan
    for module in registry.parts():
        if lower < module.plan <= now:
            found.append(
                Loss(module.name, f"Closed for you and your clients; it comes with {module.plan.label}.")
            )
            continue
        for capability in module.capabilities.values():
            if lower < capability.plan <= now:
                note = f"Not in {lower.label}. What was made with it stays as it is."
                found.append(Loss(capability.label, note))
    return found


def _too_many(meter: Meter) -> Loss:
    notes = {
        "Clients": "All keep their access. You can add nobody until there is room.",
        "People of your agency": "All keep their access. You can add nobody until there is room.",
        "Storage": "Every file stays. Nothing can be added until there is room.",
    }
    return Loss(f"{meter.label}: {meter.words}", notes[meter.label])


def _of(used: int, most: int | None) -> str:
    return f"{used} of {most}" if most is not None else f"{used}, no limit"
