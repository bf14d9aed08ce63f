"""What one defect is: an exact text in a file that becomes another one, or a constraint that is gone."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAYMENTS, GATEWAY, BILLING = "tests/portal/payments/", "tests/tenants/gateway/", "tests/tenants/billing/"
INVOICES, PAPERS, OPERATORS = "tests/modules/invoices/", "tests/portal/papers/", "tests/tenants/operators/"


class NotThere(LookupError):
    """The text of a defect is not in its file, or more than once: whoever changed the code looks at the defect, too."""


@dataclass(frozen=True)
class Edit:
    """`old` stands exactly once in the file, and becomes `new`."""

    file: str
    old: str
    new: str

    def planted(self, text: str) -> str:
        """The file's text with the defect.

        Raises:
            NotThere: the text is not there exactly once.
        """
        if text.count(self.old) != 1:
            raise NotThere(f"{self.file} has this {text.count(self.old)} times, not once:\n{self.old}")
        return text.replace(self.old, self.new)


@dataclass(frozen=True)
class Defect:
    """One rule of `payments.md` §3 broken in one way, and the tests that have to see it."""

    rule: int
    what: str
    edits: tuple[Edit, ...]
    caught_by: tuple[str, ...]
    # Statements on the database of the tests, in the agencies' schemas (`in_agencies`) or in public.
    sql: str = ""
    in_agencies: bool = False


def defect(rule: int, what: str, file: str, old: str, new: str, *caught_by: str) -> Defect:
    """A defect that is one text."""
    return Defect(rule, what, (Edit(file, old, new),), caught_by)


def dropped(rule: int, what: str, sql: str, *caught_by: str, in_agencies: bool = False) -> Defect:
    """A defect of the database: something that a migration made is gone."""
    return Defect(rule, what, (), caught_by, sql, in_agencies)


def texts_of(defects: Defect, folder: Path) -> dict[Path, str]:
    """Each file of a defect below a folder, with its text planted.

    Raises:
        NotThere: see `Edit.planted`.
    """
    found: dict[Path, str] = {}
    for edit in defects.edits:
        path = folder / edit.file
        found[path] = edit.planted(found.get(path) or path.read_text())
    return found
