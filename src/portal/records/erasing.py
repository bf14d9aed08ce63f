"""A person is erased: all that is not kept by law goes, a pseudonym stands where records must stay."""

from collections import Counter
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import Q

from kit import clock
from kit.refused import Refused
from portal import registry
from portal.audit.operations import record
from portal.audit.redaction import redact
from portal.events import publish
from portal.http import Request
from portal.imports.models import ImportRow
from portal.mail.models import Message
from portal.people import photos
from portal.people.access import need_manager
from portal.people.models import Client, Staff
from portal.records.leftovers import remove_leftovers
from portal.records.models import FormerClient
from portal.records.walk import goes_with_client, references, stays_without_client
from portal.tasks.models import Task
from tenants.agencies.current import current_agency

BOOKS = "The law asks for books to be kept (in Germany up to ten years, § 147 AO)."
PROOF = "It proves what was agreed with the company."
REASONS = {"invoices": BOOKS, "payments": BOOKS, "subscriptions": BOOKS, "entitlements": BOOKS}


class NotConfirmed(Refused):
    """The name that was typed is not the client's."""


@dataclass(frozen=True)
class KeptRecord:
    """Records that stay under a pseudonym: what, how many, and why."""

    name: str
    count: int
    reason: str


def kept_records(client: Client) -> list[KeptRecord]:
    """What erasing this client would leave, for the page that asks."""
    found: Counter[tuple[str, str]] = Counter()
    for model, field in references():
        if not goes_with_client(field) and not stays_without_client(field):
            count = model._base_manager.filter(**{field.attname: client.pk}).count()
            found[(str(model._meta.verbose_name_plural), REASONS.get(model._meta.app_label, PROOF))] += count
    return [KeptRecord(name, count, reason) for (name, reason), count in sorted(found.items()) if count]


def foreseen(client: Client) -> list[KeptRecord]:
    """The same after what the parts remove by themselves: done, counted and taken back."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                _ask_parts(client)
        except Refused:
            pass  # the words come when somebody tries
        found = kept_records(client)
        transaction.set_rollback(True)
    return found


@transaction.atomic
def erase(client: Client, *, typed_name: str, by: Staff | None, request: Request | None = None) -> bool:
    """Erase a person for good; whether a pseudonym stays because of records that must.

    Raises:
        NotAllowed: `by` is a member.
        NotConfirmed: `typed_name` is not the name.
        Refused: it is erased already, or a part refuses (a subscription runs), in words.
    """
    need_manager(by)
    locked = Client.objects.select_for_update(of=("self",)).select_related("photo").get(pk=client.pk)
    if locked.erased_at is not None:
        raise Refused("This person is erased already.")
    if " ".join(typed_name.split()).casefold() != " ".join((locked.name or locked.email).split()).casefold():
        raise NotConfirmed("This is not the name. Type it as it stands above.", field="name")
    _ask_parts(locked)
    former = list(FormerClient.objects.filter(kept=locked))
    words = {locked.name, locked.display_name, locked.email, locked.phone, *(one.email for one in former)}
    pseudonym = f"Erased person {locked.pk}"
    _remove_rows(locked)
    remove_leftovers(locked, words, [locked.email, *(one.email for one in former)])
    has_rest = bool(kept_records(locked))
    ids = [locked.pk, *(one.former_id for one in former)]
    redact(locked, ids, words, instead=pseudonym, by=by, request=request)
    _empty(locked, pseudonym)
    words_of_it = f"{pseudonym}: {'records that the law asks for stay' if has_rest else 'nothing stays'}"
    record("records.erased", locked, by=by, summary=words_of_it, request=request)
    publish("records.erased", client_id=locked.pk)
    if not has_rest:
        locked.delete()
    return has_rest


def _ask_parts(client: Client) -> None:
    for part in reversed(registry.parts()):
        if part.erase_client:
            part.erase_client(client)


def _remove_rows(client: Client) -> None:
    if client.photo is not None:
        transaction.on_commit(partial(photos.discard_photo, client.photo, current_agency()))
        Client.objects.filter(pk=client.pk).update(photo=None)
    # What names the person in its words, and would only forget whose it is.
    Task.objects.filter(client=client).delete()
    Message.objects.filter(Q(client=client) | Q(words__client_id=client.pk)).delete()
    ImportRow.objects.filter(Q(client=client) | Q(cells__icontains=client.email)).update(
        cells=[], problems={}, undo={}, client=None
    )
    for model, field in references():
        rows = model._base_manager.filter(**{field.attname: client.pk})
        if goes_with_client(field):
            rows.delete()
        elif stays_without_client(field):
            rows.update(**{field.attname: None})


def _empty(client: Client, pseudonym: str) -> None:
    now = clock.now()
    for name in ("display_name", "phone", "language", "zone", "password"):
        setattr(client, name, "")
    client.name, client.email = pseudonym, f"erased-{client.pk}@erased.invalid"
    client.photo = client.lead = client.last_seen_at = client.access_until = None
    client.custom, client.wants_marketing = {}, False
    client.removed_at = client.archived_at = client.erased_at = now
    client.save()
