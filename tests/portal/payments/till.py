"""Something to pay for: a bill whose row is a company and whose state is written into its name."""

import json
from dataclasses import dataclass
from typing import Any

from portal.payments.models import LedgerEntry, Payment
from portal.payments.payables import Payable, payable
from portal.people.models import Client, Company, Right

KIND = "tests.bill"
FAILED: list[str] = []


@dataclass
class Sums:
    """What a bill says of itself."""

    due: int
    paid: int


@payable(KIND)
class Bills(Payable):
    """Due is in the company's name; paid is the sum of all entries."""

    def lock(self, pk: int) -> Company:
        return Company.objects.select_for_update().get(pk=pk)

    def recompute(self, row: Company, entries: list[LedgerEntry]) -> None:
        sums = json.loads(row.name) | {"paid": sum(entry.minor for entry in entries)}
        row.name = json.dumps(sums)
        row.save(update_fields=["name"])

    def title(self, row: Company) -> str:
        return f"Bill {row.pk}"

    def url(self, row: Company) -> str:
        return "/"

    def may_pay(self, row: Company, client: Client) -> bool:
        return client.may(Right.PAY, row)

    def excess(self, row: Company, entries: list[LedgerEntry]) -> int:
        sums = json.loads(row.name)
        return max(0, int(sums["paid"]) - int(sums["due"]))

    def failed(self, row: Company, payment: Payment) -> None:
        FAILED.append(payment.reason)


def bill(client: Client, due: int = 10_000) -> str:
    """A new bill that the client may pay; its word."""
    from portal.people.models import Bundle, CompanyMembership

    company = Company.objects.create(name=json.dumps({"due": due, "paid": 0}))
    CompanyMembership.objects.create(client=client, company=company, bundle=Bundle.OWNER)
    return f"{KIND}:{company.pk}"


def sums_of(word: str) -> Sums:
    """What the bill says now."""
    found: dict[str, Any] = json.loads(Company.objects.get(pk=int(word.rpartition(":")[2])).name)
    return Sums(**found)
