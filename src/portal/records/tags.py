"""Tags: put on, taken off, one client or many; renamed, removed."""

from collections.abc import Collection

from django.db import transaction

from kit.refused import Refused
from portal.audit.operations import record
from portal.events import publish
from portal.http import Request
from portal.people.models import Client, Staff
from portal.records.models import Tag, Tagging

MOST_TAGS = 200
NAME_LENGTH = 40


def tag_named(name: str) -> Tag:
    """The tag with this name, whatever its case, made if it is new.

    Raises:
        Refused: no name, too long a name, or as many tags as an agency may have.
    """
    wanted = " ".join(name.replace("\x00", "").split())
    if not wanted:
        raise Refused("Write a word for the tag.", field="tag")
    if len(wanted) > NAME_LENGTH or "," in wanted:
        raise Refused(f"A tag has at most {NAME_LENGTH} letters and no comma.", field="tag")
    known = Tag.objects.filter(name__iexact=wanted).first()
    if known is None and Tag.objects.count() >= MOST_TAGS:
        raise Refused(f"There are {MOST_TAGS} tags already. Use one of these, or remove one.", field="tag")
    return known or Tag.objects.get_or_create(name__iexact=wanted, defaults={"name": wanted})[0]


@transaction.atomic
def put_tag(
    clients: Collection[Client], name: str, *, by: Staff | None, request: Request | None = None
) -> int:
    """Tag clients; how many did not have the tag before.

    Raises:
        Refused: see `tag_named`.
    """
    tag = tag_named(name)
    have = set(Tagging.objects.filter(tag=tag, client__in=clients).values_list("client_id", flat=True))
    fresh = [client for client in clients if client.pk not in have]
    # Two staff at once: whoever is second finds the row there.
    Tagging.objects.bulk_create([Tagging(tag=tag, client=one) for one in fresh], ignore_conflicts=True)
    for client in fresh:
        record("records.tagged", client, by=by, summary=f"{client}: tag “{tag}” put on", request=request)
        publish("records.tagged", client_id=client.pk, tag_id=tag.pk)
    return len(fresh)


@transaction.atomic
def take_tag(
    clients: Collection[Client], tag: Tag, *, by: Staff | None, request: Request | None = None
) -> int:
    """Take a tag off clients; how many had it."""
    rows = Tagging.objects.select_for_update(of=("self",)).filter(tag=tag, client__in=clients)
    had = list(rows.select_related("client"))
    Tagging.objects.filter(pk__in=[row.pk for row in had]).delete()
    for row in had:
        words = f"{row.client}: tag “{tag}” taken off"
        record("records.untagged", row.client, by=by, summary=words, request=request)
    return len(had)


@transaction.atomic
def rename_tag(tag: Tag, name: str, *, by: Staff | None, request: Request | None = None) -> None:
    """Call it something else.

    Raises:
        Refused: another tag is called so, or see `tag_named`.
    """
    wanted = " ".join(name.replace("\x00", "").split())
    if not wanted or len(wanted) > NAME_LENGTH or "," in wanted:
        raise Refused(f"A tag has one to {NAME_LENGTH} letters and no comma.", field="name")
    if Tag.objects.filter(name__iexact=wanted).exclude(pk=tag.pk).exists():
        raise Refused("There is a tag with this name already.", field="name")
    before, tag.name = tag.name, wanted
    tag.save(update_fields=["name"])
    change = {"name": [before, wanted]}
    words = f"Tag “{before}” is “{wanted}” now"
    record("records.tag_renamed", tag, by=by, summary=words, change=change, request=request)


@transaction.atomic
def remove_tag(tag: Tag, *, by: Staff | None, request: Request | None = None) -> None:
    """Remove it, from everybody who has it."""
    count = tag.taggings.count()
    record("records.tag_removed", tag, by=by, summary=f"Tag “{tag}” removed, {count} had it", request=request)
    tag.delete()
