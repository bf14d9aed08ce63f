"""Patterns: the content of quotes and repeating invoices, and the drafts that are written from it."""

from collections.abc import Callable, Sequence
from typing import Any

from kit.refused import NotValid
from kit.typed import apply, check_fields
from modules.invoices.models import Invoice, InvoiceSettings, Line, Pattern, PatternLine
from modules.invoices.operations.drafting import MOST_LINES, LineFields, check_head, fill_line, set_sums
from modules.invoices.operations.planning import Part, parts_of, set_plan
from portal.payments.queries import default_currency
from portal.people.models import Client, Company, Staff

PATTERN_FIELDS = (
    "title", "currency", "discount_percent", "discount_minor", "notes", "terms", "reference", "days_to_pay",
    "deposit_percent", "parts", "days_between",
)  # fmt: skip
COPIED = (
    "title",
    "currency",
    "discount_percent",
    "discount_minor",
    "notes",
    "terms",
    "reference",
    "days_to_pay",
)
LINE_COPIED = (
    "position", "description", "quantity", "unit", "unit_minor", "discount_percent", "tax_name", "tax_percent",
    "tax_category", "tax_included",
)  # fmt: skip


def new_pattern() -> Pattern:
    """An unsaved pattern with the agency's usual values."""
    settings = InvoiceSettings.load()
    return Pattern(currency=default_currency(), days_to_pay=settings.days_to_pay, terms=settings.terms)


def write_pattern(
    pattern: Pattern, fields: dict[str, Any], lines: Sequence[LineFields] | None
) -> dict[str, list[Any]]:
    """Set what is given, inside a transaction; `lines` replaces all of them. What changed, for the audit log.

    Raises:
        NotValid: a value is refused; `field` says which.
    """
    before = pattern.gross_minor
    change = apply(pattern, fields)
    check_head(pattern)
    check_fields(pattern, ["deposit_percent", "parts", "days_between"])
    kept = list(pattern.lines.all()) if pattern.pk and lines is None else _lines(lines or ())
    set_sums(pattern, pattern.sums_of(kept))
    plan_of(pattern)
    pattern.save()
    if lines is not None:
        pattern.lines.all().delete()
        for line in kept:
            line.pattern = pattern
        PatternLine.objects.bulk_create(kept)
    if pattern.gross_minor != before:
        change["gross_minor"] = [before, pattern.gross_minor]
    return change


def copy_pattern(pattern: Pattern) -> Pattern:
    """The same content once more, free to change."""
    copy = Pattern(**{name: getattr(pattern, name) for name in PATTERN_FIELDS})
    lines = [_copied(line, PatternLine) for line in pattern.lines.all()]
    set_sums(copy, copy.sums_of(lines))
    copy.save()
    for line in lines:
        line.pattern = copy
    PatternLine.objects.bulk_create(lines)
    return copy


def plan_of(pattern: Pattern) -> list[Part]:
    """The parts in which an invoice of this pattern is paid; none: at once.

    Raises:
        NotValid: the numbers make no plan of this total.
    """
    if not pattern.has_plan or not pattern.gross_minor:
        return []
    try:
        return parts_of(
            pattern.gross_minor,
            deposit_percent=pattern.deposit_percent,
            count=pattern.parts,
            days_between=pattern.days_between,
        )
    except NotValid as refused:
        raise NotValid(refused.words, field="parts") from refused


def write_draft(
    pattern: Pattern,
    *,
    owner: Company | Client,
    by: Staff | None,
    private_to: Sequence[int] = (),
    words: Callable[[str], str] = lambda text: text,
) -> Invoice:
    """A draft with the pattern's content and plan, inside a transaction.

    Args:
        words: turns the texts of title, lines and notes into those of the invoice.
    """
    draft = Invoice(
        company=owner if isinstance(owner, Company) else None,
        client=owner if isinstance(owner, Client) else None,
        private_to=list(private_to),
        made_by=by,
        **{name: getattr(pattern, name) for name in COPIED},
    )
    draft.title, draft.notes = words(pattern.title)[:160], words(pattern.notes)[:4000]
    lines = [_copied(line, Line) for line in pattern.lines.all()]
    for line in lines:
        line.description = words(line.description)[:500]
    set_sums(draft, draft.sums_of(lines))
    draft.save()
    for line in lines:
        line.invoice = draft
    Line.objects.bulk_create(lines)
    if parts := plan_of(pattern):
        set_plan(draft, parts, by=by)
    return draft


def _lines(given: Sequence[LineFields]) -> list[PatternLine]:
    if len(given) > MOST_LINES:
        raise NotValid(f"At most {MOST_LINES} lines.")
    lines = [PatternLine(position=place) for place in range(len(given))]
    for line, fields in zip(lines, given, strict=True):
        fill_line(line, fields)
    return lines


def _copied(line: PatternLine, kind: Any) -> Any:
    return kind(**{name: getattr(line, name) for name in LINE_COPIED})
