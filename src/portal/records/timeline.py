"""Everything that happened with a client, from the audit log: about it, by it, and about records it may see.

Of a company: what happened to the company itself."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import NoReverseMatch, reverse

from kit.paging import Page, page_by_id
from portal import registry
from portal.audit.models import AuditEntry
from portal.people.models import Client, Company, Staff
from portal.people.owned import OwnedQuerySet
from portal.people.serving import sees_all_of
from portal.records.models import FormerClient
from portal.records.walk import agency_models, references

SIZE = 30
SHELL = {
    "people": "Sign-in and access",
    "records": "Records",
    "payments": "Payments",
    "entitlements": "Entitlements",
}


@dataclass(frozen=True)
class Happening:
    """One entry in words, with the section it is of and where the thing is."""

    entry: AuditEntry
    words: str
    section: str
    url: str


def timeline(client: Client, *, section: str, cursor: str | None, staff: Staff) -> Page[AuditEntry]:
    """One page, newest first; `section` is a part's key, empty for all.

    Nothing to who may not see all companies of the client: an entry does not say which one it is about.

    Raises:
        kit.paging.BadCursor: the cursor cannot be read.
    """
    found = entries_of(client) if sees_all_of(client, staff) else AuditEntry.objects.none()
    if section:
        found = found.filter(verb__startswith=f"{section}.")
    return page_by_id(found, cursor=cursor, size=SIZE)


def entries_of(client: Client) -> QuerySet[AuditEntry]:
    """All entries that concern a client, or one that was merged into it."""
    ids = [client.pk, *FormerClient.objects.filter(kept=client).values_list("former_id", flat=True)]
    which = Q(subject__in=[f"client:{pk}" for pk in ids])
    which |= Q(actor=AuditEntry.Actor.CLIENT, actor_id__in=ids)
    for model, many in _models():
        about = Q(subject__in=_subjects(model, client))
        # Two modules call a thing the same: the verb says whose it is.
        which |= about & Q(verb__startswith=f"{model._meta.app_label}.") if many else about
    return AuditEntry.objects.filter(which)


def entries_of_company(company: Company) -> QuerySet[AuditEntry]:
    """What happened to a company itself, newest first; who joins and leaves stands at the client."""
    return AuditEntry.objects.filter(subject=f"company:{company.pk}").order_by("-pk")


def happening(entry: AuditEntry) -> Happening:
    """An entry as the page shows it."""
    key = entry.verb.partition(".")[0]
    words = entry.summary or entry.verb.partition(".")[2].replace("_", " ").capitalize()
    if entry.verb == "people.signed_in":
        words = f"Signed in. {entry.summary}".strip()
    return Happening(entry, words, sections().get(key, key.capitalize()), _url(entry))


def sections() -> dict[str, str]:
    """What the page can be narrowed to: names by key."""
    return {part.key: SHELL.get(part.key, part.name) for part in registry.parts()}


@lru_cache(maxsize=1)
def _models() -> list[tuple[type[models.Model], bool]]:
    # The same for every agency: the models come with the program.
    pointing = {model for model, _ in references()}
    owned = {one for one in agency_models() if isinstance(_all(one), OwnedQuerySet)}
    found = sorted((pointing | owned), key=lambda one: one._meta.label)
    names = Counter(one._meta.model_name for one in agency_models())
    return [(one, names[one._meta.model_name] > 1) for one in found]


def _all(model: type[models.Model]) -> Any:
    return model._default_manager.all()


def _subjects(model: type[models.Model], client: Client) -> QuerySet[Any, Any]:
    rows = _all(model)
    if isinstance(rows, OwnedQuerySet):
        rows = rows.visible_to(client)
    else:
        which = Q()
        for one, field in references():
            which |= Q(**{field.attname: client.pk}) if one is model else Q()
        rows = rows.filter(which)
    name = Value(f"{model._meta.model_name}:")
    subject = Concat(name, Cast(F("pk"), CharField()), output_field=CharField())
    found: QuerySet[Any, Any] = rows.order_by().annotate(audit_subject=subject).values("audit_subject")
    return found


def _url(entry: AuditEntry) -> str:
    name, _, pk = entry.subject.partition(":")
    key = entry.verb.partition(".")[0]
    for part in registry.parts():
        view = part.subject_pages.get(name)
        if view and part.key == key and pk.isdigit():
            try:
                return reverse(view, args=[int(pk)])
            except NoReverseMatch:
                return ""
    return ""
