"""What workflows hear of tags, and the tag that they put on."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portal.module import Act, Action, Happening, NothingToDo, Offer, Past, Trigger, ValueKind
from portal.people.models import Client
from portal.people.workflows import about
from portal.records.models import Tag, Tagging
from portal.records.tags import NAME_LENGTH, put_tag


def _tags() -> Sequence[tuple[str, str]]:
    # By id: a condition goes on to mean the same tag when it is called something else.
    return [(str(pk), name) for pk, name in Tag.objects.values_list("pk", "name")]


TAGGED = [Offer("tag", "the tag", ValueKind.CHOICE, _tags)]


def read_tagged(*, client_id: int, tag_id: int) -> Happening | None:
    """A client who may sign in and has the tag still."""
    one = Client.objects.with_access().filter(pk=client_id, taggings__tag=tag_id).first()
    return about(one, {"tag": str(tag_id)}) if one else None


def _tagged(since: datetime) -> Iterator[Past]:
    found = Tagging.objects.filter(created_at__gte=since).order_by("-created_at")
    rows = found.values_list("client_id", "tag_id", "created_at")
    return (Past({"client_id": of, "tag_id": tag}, at) for of, tag, at in rows)


class TagForm(forms.Form):
    """Which tag."""

    tag = forms.CharField(
        label="Tag", max_length=NAME_LENGTH, help_text="If there is no such tag yet, it is made."
    )

    def clean_tag(self) -> str:
        """One word or a few, as tags are written."""
        name = " ".join(str(self.cleaned_data["tag"]).split())
        if "," in name:
            raise ValidationError("One tag, without a comma.")
        return name


def tag_client(act: Act, settings: Mapping[str, Any]) -> str:
    """Put the tag on the client.

    Raises:
        NothingToDo: the client has it.
        Refused: there are as many tags as an agency may have.
    """
    name = settings["tag"]
    if not put_tag([act.client], name, by=None):
        raise NothingToDo(f"{act.client} has the tag “{name}” already.")
    return f"Put the tag “{name}” on {act.client}."


def say_tag(settings: Mapping[str, Any]) -> str:
    return f"tag the client “{settings['tag']}”"


def foresee_tag(act: Act, settings: Mapping[str, Any]) -> str:
    """What tagging would come to now."""
    if act.client.tags.filter(name__iexact=settings["tag"]).exists():
        return f"{act.client} has the tag “{settings['tag']}” already."
    return f"{act.client} would get the tag “{settings['tag']}”."


TRIGGERS = [Trigger("records.tagged", "a tag is put on a client", read_tagged, _tagged, TAGGED)]
ACTIONS = [Action("records.tag", "Tag the client", TagForm, tag_client, say_tag, foresee_tag)]
