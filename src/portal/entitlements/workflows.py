"""What workflows hear of access, and the access that they give and take."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms

from kit import clock
from portal.entitlements import things
from portal.entitlements.models import Entitlement
from portal.module import Act, Action, Happening, NothingToDo, Offer, Past, Trigger, ValueKind
from portal.people.owned import people_seeing


def _reasons() -> list[tuple[str, str]]:
    return [(str(key), str(label)) for key, label in Entitlement.Reason.choices]


ACCESS = [
    Offer("thing", "what it opens"),
    Offer("kind", "the kind of thing", ValueKind.CHOICE, things.kinds),
    Offer("reason", "why it is open", ValueKind.CHOICE, _reasons),
]


def read_access(*, key: str, company_id: int | None, client_id: int | None) -> Happening | None:
    """What a key opens, and for whom."""
    mine = Entitlement.objects.filter(key=key, company=company_id, client=client_id)
    last = mine.select_related("company", "client").order_by("-pk").first()
    if last is None:
        return None
    name = things.names_of([key])[key]
    values = {"thing": name, "kind": key.rpartition(":")[0], "reason": last.reason}
    return Happening(
        about=key,
        title=name,
        clients=list(people_seeing(last).with_access().order_by("pk")),
        owner=last.owner,
        values=values,
        path=things.portal_path_of(key),
        console_path=f"/entitlements/{last.pk}/",
    )


def _past(moment: str, since: datetime) -> Iterator[Past]:
    found = Entitlement.objects.filter(**{f"{moment}__gte": since}).order_by(f"-{moment}")
    for key, company_id, client_id, at in found.values_list("key", "company_id", "client_id", moment):
        yield Past({"key": key, "company_id": company_id, "client_id": client_id}, at)


class TakeForm(forms.Form):
    """What is closed again."""

    key = forms.ChoiceField(label="What")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["key"]
        assert isinstance(field, forms.ChoiceField)
        offered = things.choices()
        field.choices = [("", "Choose"), *offered]
        if not offered:
            field.help_text = "There is nothing to open yet: it comes with courses and communities."


class GiveForm(TakeForm):
    """What is opened, and for how long."""

    whole_company = forms.BooleanField(
        label="For everybody of the client's company",
        required=False,
        help_text="Otherwise for the client alone.",
    )
    days = forms.IntegerField(
        label="For how many days", required=False, min_value=1, max_value=3650, help_text="Empty: for good."
    )


def give(act: Act, settings: Mapping[str, Any]) -> str:
    """Open it. The source is the client's and the workflow's, so that a later step can close it again."""
    from portal.entitlements.operations import grant

    owner = act.happening.owner if settings["whole_company"] else act.client
    days, name = settings["days"], things.names_of([settings["key"]])[settings["key"]]
    grant(
        owner=owner,
        key=settings["key"],
        source=source_of(act),
        reason=Entitlement.Reason.WORKFLOW,
        until=clock.now() + timedelta(days=days) if days else None,
        note=act.workflow,
    )
    return f"{name} is open for {owner}" + (f" for {days} days." if days else ".")


def take(act: Act, settings: Mapping[str, Any]) -> str:
    """Close what workflows opened for the client. What was bought or given by hand stays open.

    Raises:
        NothingToDo: no workflow had opened it.
    """
    from portal.entitlements.operations import revoke

    name = things.names_of([settings["key"]])[settings["key"]]
    given = Entitlement.objects.visible_to(act.client).standing()
    given = given.filter(key=settings["key"], reason=Entitlement.Reason.WORKFLOW)
    sources = sorted(set(given.values_list("source", flat=True)))
    for source in sources:
        revoke(source=source, key=settings["key"])
    if not sources:
        raise NothingToDo(f"No workflow had opened {name} for {act.client}.")
    return f"{name} is closed for {act.client}."


def source_of(act: Act) -> str:
    """How entitlements call this step: one grant for it, however often it is tried."""
    return f"workflows.step:{act.key}"


def say_give(settings: Mapping[str, Any]) -> str:
    name, days = things.names_of([settings["key"]])[settings["key"]], settings["days"]
    return f"open {name}" + (f" for {days} days" if days else "")


def say_take(settings: Mapping[str, Any]) -> str:
    return f"close {things.names_of([settings['key']])[settings['key']]}"


TRIGGERS = [
    Trigger(
        "entitlements.granted",
        "a client gets access to something",
        read_access,
        lambda since: _past("since", since),
        ACCESS,
    ),
    Trigger(
        "entitlements.lost",
        "a client loses access to something",
        read_access,
        lambda since: _past("ended_at", since),
        ACCESS,
    ),
]
ACTIONS = [
    Action("entitlements.give", "Give access: a course, a community …", GiveForm, give, say_give),
    Action("entitlements.take", "Take access away", TakeForm, take, say_take),
]
