"""What workflows hear of people, and the invitation that they send."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models.functions import Coalesce

from kit import clock
from portal.module import Act, Action, Happening, NothingToDo, Offer, Past, Trigger, ValueKind
from portal.people.models import Client, Invitation
from tenants.agencies.current import current_agency

CLIENT: list[Offer] = []


def read_client(*, client_id: int, **_: Any) -> Happening | None:
    """The client as it is now; nobody who may not sign in."""
    one = Client.objects.with_access().filter(pk=client_id).first()
    return about(one, {}) if one else None


def about(client: Client, values: Mapping[str, Any]) -> Happening:
    """Something that happened to a client itself."""
    title, there = client.shown_name, f"/clients/{client.pk}/"
    return Happening(f"people.client:{client.pk}", title, [client], client, values, "/", there)


def read_inactive(*, client_id: int, last_on: str) -> Happening | None:
    """A client who has not been here since that day."""
    found = _with_last().filter(pk=client_id).first()
    if found is None or _day(found.last) != last_on:
        return None
    return about(found, {"last_seen_on": found.last.astimezone(current_agency().tzinfo).date()})


def read_ending(*, client_id: int, access_until: str) -> Happening | None:
    """A client whose access ends on that day."""
    one = Client.objects.with_access().filter(pk=client_id, access_until=access_until).first()
    return about(one, {"access_until": one.access_until}) if one else None


def _with_last() -> Any:
    # Who never came is inactive since it was added.
    found = Client.objects.with_access().filter(is_example=False)
    return found.annotate(last=Coalesce("last_seen_at", "created_at"))


def _inactive(days: int) -> Iterator[Mapping[str, Any]]:
    # A window rather than everybody before: a workflow that is switched on does not wake up years.
    latest = clock.now() - timedelta(days=days)
    found = _with_last().filter(last__lte=latest, last__gt=latest - timedelta(days=2))
    return ({"client_id": one.pk, "last_on": _day(one.last)} for one in found.iterator())


def _was_inactive(since: datetime, days: int) -> Iterable[Past]:
    after = timedelta(days=days)
    found = _with_last().filter(last__gt=since - after, last__lte=clock.now() - after).order_by("-last")
    return (Past({"client_id": one.pk, "last_on": _day(one.last)}, one.last + after) for one in found)


def _ending(days: int) -> Iterator[Mapping[str, Any]]:
    on = current_agency().today() + timedelta(days=days)
    found = Client.objects.with_access().filter(access_until=on, is_example=False)
    return ({"client_id": pk, "access_until": on.isoformat()} for pk in found.values_list("pk", flat=True))


def _was_ending(since: datetime, days: int) -> Iterable[Past]:
    before, zone = timedelta(days=days), current_agency().tzinfo
    found = Client.objects.with_access().filter(access_until__gte=(since + before).date(), is_example=False)
    found = found.filter(access_until__lte=current_agency().today() + before).order_by("-access_until")
    rows = found.values_list("pk", "access_until")
    return (
        Past({"client_id": pk, "access_until": on.isoformat()}, datetime.combine(on - before, time(8), zone))
        for pk, on in rows
        if on
    )


def _day(moment: datetime) -> str:
    return moment.astimezone(current_agency().tzinfo).date().isoformat()


def _accepted(since: datetime) -> Iterator[Past]:
    found = Invitation.objects.filter(accepted_at__gte=since).order_by("-accepted_at")
    rows = found.values_list("client_id", "pk", "accepted_at")
    return (Past({"client_id": of, "invitation_id": pk}, at) for of, pk, at in rows if at)


class InviteForm(forms.Form):
    """Nothing to choose: the invitation leads to what happened."""


def has_been_here(client: Client) -> bool:
    """Whether this client has signed in at least once."""
    return client.last_seen_at is not None or client.invitations.filter(accepted_at__isnull=False).exists()


def send_invitation(act: Act, settings: Mapping[str, Any]) -> str:
    """Invite who has never signed in; nobody is invited twice while an invitation is open.

    Raises:
        NothingToDo: the client has signed in, or an invitation is open; then that one leads here from now on.
        Refused: access has ended, or too many invitations went out.
    """
    from portal.people.invitations import invite, lead_to, open_invitation

    client = Client.objects.select_for_update(no_key=True).get(pk=act.client.pk)
    if has_been_here(client):
        raise NothingToDo(f"{client} has signed in already and needs no invitation.")
    if waiting := open_invitation(client):
        lead_to(waiting, act.happening.path)
        raise NothingToDo(f"{client} is invited already. That invitation leads to {act.happening.title} now.")
    invite(client, by=None, next_path=act.happening.path)
    return f"Invited {client}. The invitation leads to {act.happening.title}."


def foresee_invitation(act: Act, settings: Mapping[str, Any]) -> str:
    """What inviting would come to now."""
    from portal.people.invitations import open_invitation

    if has_been_here(act.client):
        return f"{act.client} has signed in already and would get no invitation."
    if open_invitation(act.client):
        return f"{act.client} is invited already and would get no second mail."
    return f"{act.client} would be invited; the invitation would lead to {act.happening.title}."


def say_invitation(settings: Mapping[str, Any]) -> str:
    return "invite the client, if they have never signed in"


TRIGGERS = [
    Trigger("people.accepted", "a client accepts the invitation", read_client, _accepted, CLIENT),
    Trigger(
        "people.inactive",
        "a client has not signed in for {days} days",
        read_inactive,
        _was_inactive,
        [Offer("last_seen_on", "the day of the last visit", ValueKind.DATE)],
        due=_inactive,
        days=30,
    ),
    Trigger(
        "people.access_ends",
        "a client's access ends in {days} days",
        read_ending,
        _was_ending,
        [Offer("access_until", "the last day of access", ValueKind.DATE)],
        due=_ending,
        days=7,
    ),
]
ACTIONS = [
    Action(
        "people.invite",
        "Invite to the portal",
        InviteForm,
        send_invitation,
        say_invitation,
        foresee_invitation,
        is_message=True,
    )
]
