"""Believable records of the demo's clients."""

from portal.people.models import Client, Staff
from portal.records.details import set_details
from portal.records.fields import define_field
from portal.records.models import CustomField
from portal.records.notes import write_note
from portal.records.tags import put_tag


def furnish(by: Staff) -> None:
    """Tags, fields and notes for those clients who are there."""
    clients = list(Client.objects.filter(is_example=False).order_by("pk"))
    if not clients or CustomField.objects.exists():
        return
    trade = define_field(
        name="Trade", kind="choice", about="client", choices=["Food", "Craft", "Design"], by=by
    )
    since = define_field(name="Client since", kind="date", about="client", choices=[], by=by)
    site = define_field(name="Website", kind="link", about="client", choices=[], by=by)
    put_tag(clients[:2], "Retainer", by=by)
    put_tag(clients[:1], "VIP", by=by)
    put_tag(clients[2:3], "Newsletter", by=by)
    for client, kind in zip(clients, ("Food", "Food", "Craft"), strict=False):
        domain = client.email.partition("@")[2]
        custom = {trade.pk: kind, since.pk: "2024-03-01", site.pk: f"https://{domain}/"}
        set_details(client, {"lead": by}, custom, by=by)
    write_note(clients[0], "Prefers calls before noon. Decides together with the head of sales.", by=by)
    write_note(clients[0], "Autumn campaign again next year: ask in June.", by=by)
