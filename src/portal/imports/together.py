"""Adds many new clients in a few statements, with the same outcome as one by one."""

from collections.abc import Mapping
from typing import Any

from django.db.models.functions import Lower

from portal.audit.operations import record_all
from portal.imports.columns import Around, ReadRow
from portal.imports.filling import fill_in
from portal.imports.models import Import, ImportRow
from portal.people import serving
from portal.people.access import need_room
from portal.people.models import BUNDLES, Bundle, Client, Company, CompanyMembership
from portal.people.operations import company_named
from portal.records.models import Tag, Tagging
from portal.records.tags import tag_named

Added = dict[ImportRow, tuple[Client, dict[str, Any]]]


def add_clients(one: Import, fresh: Mapping[ImportRow, ReadRow], facts: Around) -> Added:
    """Add a client for each row; the client, and what taking it back has to know. Needs an open transaction.

    Raises:
        ClientLimitReached: the plan has no room for all of them.
        Refused: there are too many tags.
        django.db.IntegrityError: somebody added one of these addresses a moment ago.
    """
    if not fresh:
        return {}
    need_room(len(fresh))
    added: Added = {}
    for row, read in fresh.items():
        client = Client(email=read.values["email"].strip(), name=read.values["name"].strip())
        added[row] = client, {"made": True, "set": fill_in(client, read.values, read.custom, facts)}
    Client.objects.bulk_create([client for client, _ in added.values()])
    for client, undo in added.values():
        undo["client"] = client.pk
        serving.keep_in_sight(client, one.made_by)
    said = [(client, f"{client} added") for client, _ in added.values()]
    record_all("people.client_added", said, by=one.made_by)
    _join(fresh, added)
    _tag(fresh, added)
    return added


def _join(fresh: Mapping[ImportRow, ReadRow], added: Added) -> None:
    names = {row: " ".join(read.values.get("company", "").split()) for row, read in fresh.items()}
    low = {name.lower() for name in names.values() if name}
    there = Company.objects.order_by("-pk").alias(low=Lower("name")).filter(low__in=low)
    known = {company.name.lower(): company for company in there}
    joining = {}
    for row, name in names.items():
        if not name:
            continue
        client, undo = added[row]
        undo["company"] = None
        if name.lower() not in known:
            is_new = not Company.objects.filter(name__iexact=name).exists()
            company = company_named(name, by=None)
            assert company is not None, "a name was given"
            known[name.lower()] = company
            undo["company"] = company.pk if is_new else None
        company = known[name.lower()]
        # What saving one by one would work out of the bundle.
        joining[row] = CompanyMembership(client=client, company=company, rights=BUNDLES[Bundle.MEMBER])
    CompanyMembership.objects.bulk_create(joining.values())
    for row, membership in joining.items():
        added[row][1]["membership"] = membership.pk


def _tag(fresh: Mapping[ImportRow, ReadRow], added: Added) -> None:
    known = {tag.name.casefold(): tag for tag in Tag.objects.all()}
    taggings: dict[tuple[ImportRow, int], Tagging] = {}
    for row, read in fresh.items():
        client, undo = added[row]
        for word in read.values.get("tags", []):
            if word.casefold() not in known:
                is_new = not Tag.objects.filter(name__iexact=word).exists()
                known[word.casefold()] = tag_named(word)
                if is_new:
                    undo.setdefault("tags", []).append(known[word.casefold()].pk)
            tag = known[word.casefold()]
            taggings[(row, tag.pk)] = Tagging(client=client, tag=tag)
    Tagging.objects.bulk_create(taggings.values())
    for (row, _), tagging in taggings.items():
        added[row][1].setdefault("taggings", []).append(tagging.pk)
