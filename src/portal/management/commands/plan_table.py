"""Prints what each plan has, as Markdown: the table of the README."""

from typing import Any

from django.core.management.base import BaseCommand

from tenants.plans import Plan, plan_table


def markdown() -> str:
    """The plan table from the declarations, as a Markdown table."""
    head = ["Feature", *[plan.label for plan in Plan]]
    rows = [head, ["---"] * len(head), *[[row.label, *row.cells()] for row in plan_table()]]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


class Command(BaseCommand):
    help = "Print the plan table as Markdown."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(markdown())
