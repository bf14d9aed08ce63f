"""Where a person's words stand without a foreign key: tasks, own fields, mails, marks of addresses, mail as it came."""

import json
from collections.abc import Collection

from django.db import connection
from django.db.models import F, Func, IntegerField, Q, Value

from portal.audit.frozen import may_change
from portal.audit.redaction import SHORTEST, without
from portal.delivery.models import AddressMark
from portal.intake.models import Arrival
from portal.mail.models import Message
from portal.people.models import Client, Company
from portal.records.models import CustomField
from portal.records.walk import lists_of_clients
from portal.tasks.models import Task


def remove_leftovers(client: Client, words: Collection[str], addresses: Collection[str]) -> None:
    """Remove what names this person. Needs an open transaction.

    Args:
        words: names, addresses, phone; too short ones are found in too many other words and are left out.
        addresses: all that were this person's.
    """
    wanted = sorted((word for word in set(words) if len(word) >= SHORTEST), key=len, reverse=True)
    _mails(wanted)
    for task in Task.objects.filter(_naming(wanted, "title", "note")):
        task.title = without(task.title, wanted, f"Erased person {client.pk}")[:200]
        task.note = without(task.note, wanted, f"Erased person {client.pk}")
        task.save(update_fields=["title", "note"])
    _own_fields(client, wanted)
    for address in addresses:
        AddressMark.objects.filter(address__iexact=address).delete()
        Arrival.objects.filter(sender__iexact=address).delete()
        with connection.cursor() as cursor:
            # A report that a mail came back names the address in its bytes.
            cursor.execute("DELETE FROM intake_arrival WHERE position(%s in raw) > 0", [address.encode()])
    leave_lists(client.pk)


def leave_lists(client_id: int) -> None:
    """Take an id out of every list of those who alone see a record; a list with nobody else stays as it is.

    An empty list means the whole company: it would be shown what was one person's.
    """
    for model, name in lists_of_clients():
        rows = model._base_manager.filter(**{f"{name}__contains": [client_id]})
        rows = rows.exclude(**{f"{name}__contained_by": [client_id]})
        with may_change(model._meta.db_table, [name]):
            taken = Func(F(name), Value(client_id, IntegerField()), function="array_remove")
            rows.update(**{name: taken})


def _own_fields(client: Client, words: Collection[str]) -> None:
    # The contact or the partner that staff noted of a company or of somebody else.
    links = {
        str(pk) for pk in CustomField.objects.filter(kind=CustomField.Kind.LINK).values_list("pk", flat=True)
    }
    for model in (Client, Company):
        which = Q(pk__in=[])
        for word in words:
            which |= Q(custom__icontains=json.dumps(word, ensure_ascii=False)[1:-1])
        for row in model._base_manager.filter(which).select_for_update(no_key=True):
            cleaned = without(row.custom, words, f"Erased person {client.pk}")
            # A link with other words in it leads nowhere.
            row.custom = {pk: now for pk, now in cleaned.items() if pk not in links or now == row.custom[pk]}
            row.save(update_fields=["custom"])


def _mails(words: Collection[str]) -> None:
    # Mails to staff name the person, too; the log of mails is no record that has to stay.
    which = _naming(words, "subject", "address", "error")
    for word in words:
        which |= Q(words__icontains=json.dumps(word, ensure_ascii=False)[1:-1])
    if words:
        Message.objects.filter(which).delete()


def _naming(words: Collection[str], *fields: str) -> Q:
    which = Q(pk__in=[])
    for word in words:
        for name in fields:
            which |= Q(**{f"{name}__icontains": word})
    return which
