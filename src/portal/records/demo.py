"""Believable records of the demo's clients and companies."""

from portal.people.models import Client, Company, Staff
from portal.records.details import set_details
from portal.records.fields import define_field, set_values
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
    _furnish_companies(by)
    write_note(clients[0], "Prefers calls before noon. Decides together with the head of sales.", by=by)
    write_note(clients[0], "Autumn campaign again next year: ask in June.", by=by)


def _furnish_companies(by: Staff) -> None:
    size = define_field(
        name="People", kind="choice", about="company", choices=["Up to 10", "11 to 50", "More"], by=by
    )
    framework = define_field(name="Framework contract", kind="yes_no", about="company", choices=[], by=by)
    rate = define_field(name="Hourly rate in €", kind="number", about="company", choices=[], by=by)
    renewed = define_field(name="Contract renewed on", kind="date", about="company", choices=[], by=by)
    known = (
        {size.pk: "11 to 50", framework.pk: "yes", rate.pk: "110", renewed.pk: "2026-01-15"},
        {size.pk: "Up to 10", framework.pk: "no", rate.pk: "125"},
    )
    for company, values in zip(Company.objects.order_by("pk"), known, strict=False):
        set_values(company, values, by=by)
