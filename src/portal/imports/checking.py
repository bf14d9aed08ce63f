"""The dry run: every row is read, nothing is made."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Lower

from kit.csv_cells import BOM, csv_text
from kit.refused import Refused
from portal.http import Request
from portal.imports.columns import around, guess, read_row, targets
from portal.imports.models import Import, ImportRow
from portal.imports.reading import read
from portal.people.models import Client, Staff
from portal.people.queries import places
from portal.records.models import FormerClient

AT_ONCE = 1000
SHOWN_BROKEN = 100
State = ImportRow.State


@dataclass(frozen=True)
class Report:
    """What the dry run found."""

    good: int
    bad: int
    known: int
    by_column: list[tuple[str, int]]
    room: int | None

    @property
    def is_too_many(self) -> bool:
        """Whether the plan has less room than there are new clients."""
        return self.room is not None and self.good > self.room


@transaction.atomic
def begin(content: bytes, name: str, *, by: Staff, request: Request | None = None) -> Import:
    """Keep a file's rows and guess what its columns hold.

    Raises:
        Refused: the file cannot be read, see `reading.read`.
    """
    file = read(content)
    made = Import.objects.create(
        name=name[:200],
        encoding=file.encoding,
        separator=file.separator,
        head=file.head,
        mapping=guess(file.head, file.rows),
        made_by=by,
    )
    rows = [
        ImportRow(of=made, number=number, cells=cells)
        for number, cells in enumerate(file.rows, start=2)
        if any(cells)
    ]
    if not rows:
        raise Refused("There is no row under the columns’ names.", field="file")
    ImportRow.objects.bulk_create(rows, batch_size=AT_ONCE)
    return made


@transaction.atomic
def check(one: Import, mapping: Mapping[str, str], *, updates_known: bool) -> None:
    """Read every row by this mapping and note what is wrong. May be done again with another mapping.

    Raises:
        Refused: no column holds the address, two hold the same, or the import has begun.
    """
    locked = Import.objects.select_for_update().get(pk=one.pk)
    if locked.state not in (Import.State.MAPPING, Import.State.CHECKED):
        raise Refused("This import has begun already.")
    locked.mapping = _checked(mapping, len(locked.head))
    locked.updates_known, locked.state = updates_known, Import.State.CHECKED
    locked.save(update_fields=["mapping", "updates_known", "state"])
    known_there, seen, facts = _addresses(), dict[str, int](), around()
    for batch in _batches(locked):
        for row in batch:
            found = read_row(row.cells, len(locked.head), locked.mapping, facts)
            email = str(found.values.get("email", "")).casefold()
            if email and (first := seen.setdefault(email, row.number)) != row.number:
                found.problems[""] = f"Row {first} has the same e-mail address."
            row.problems = found.problems
            is_known = email in known_there
            row.state = State.BAD if found.problems else State.KNOWN if is_known else State.NEW
        ImportRow.objects.bulk_update(batch, ["problems", "state"], batch_size=AT_ONCE)


def report(one: Import) -> Report:
    """The numbers of the dry run, and what the plan has room for."""
    states = Counter(one.rows.values_list("state", flat=True))
    columns: Counter[str] = Counter()
    for problems in one.rows.filter(state=State.BAD).values_list("problems", flat=True):
        columns.update(problems.keys())
    named = [(column_name(one, number), count) for number, count in columns.most_common()]
    now = places()
    room = None if now.most is None else max(0, now.most - now.taken)
    return Report(states[State.NEW], states[State.BAD], states[State.KNOWN], named, room)


def column_name(one: Import, number: str) -> str:
    """A column's name by its number; the whole row for ""."""
    return "Whole row" if number == "" else one.head[int(number)] or f"Column {int(number) + 1}"


def broken_rows(one: Import) -> Iterator[bytes]:
    """The broken rows as CSV: as they were, with what is wrong behind them; ready to be mended and sent again."""
    yield (BOM + csv_text([[*one.head, "What is wrong"]])).encode()
    for row in one.rows.filter(state=State.BAD).order_by("number").iterator(chunk_size=AT_ONCE):
        cells = [*row.cells, *[""] * (len(one.head) - len(row.cells))]
        yield csv_text([[*cells, f"Row {row.number}: {problem_words(one, row)}"]]).encode()


def problem_words(one: Import, row: ImportRow) -> str:
    """What is wrong with a row, column by column."""
    return " · ".join(
        f"{column_name(one, number)}: {words}" if number else words for number, words in row.problems.items()
    )


def _checked(mapping: Mapping[str, str], width: int) -> dict[str, str]:
    known = targets()
    kept = {number: target for number, target in mapping.items() if target}
    for number, target in kept.items():
        if not number.isdecimal() or int(number) >= width or target not in known:
            raise Refused("Choose for each column what it holds.")
    twice = [target for target, count in Counter(kept.values()).items() if count > 1]
    if twice:
        raise Refused(f"Two columns hold “{known[twice[0]]}”. Choose one of them.")
    if "email" not in kept.values():
        raise Refused("Say which column holds the e-mail address: clients are known by it.")
    return kept


def _addresses() -> set[str]:
    now = Client.objects.annotate(low=Lower("email")).values_list("low", flat=True)
    former = FormerClient.objects.annotate(low=Lower("email")).values_list("low", flat=True)
    return set(now) | set(former)


def _batches(one: Import) -> Iterator[list[ImportRow]]:
    last = 0
    while batch := list(one.rows.filter(number__gt=last).order_by("number")[:AT_ONCE]):
        last = batch[-1].number
        yield batch
