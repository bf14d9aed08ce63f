"""The current agency, as modules may know it: they see nothing else of tenants but plans."""

from collections.abc import Iterator
from typing import TypeVar

from tenants.agencies.current import CurrentAgency, NoAgency, current_agency, inside

Part = TypeVar("Part")


def streamed(parts: Iterator[Part]) -> Iterator[Part]:
    """The same parts, each made inside the agency that is current now: an answer is sent after its view has left.

    Between two parts nothing of the agency is open, so make a part whole: no cursor, no transaction across them.
    """
    agency = current_agency()

    def made() -> Iterator[Part]:
        while True:
            with inside(agency):
                try:
                    part = next(parts)
                except StopIteration:
                    return
            yield part

    return made()


__all__ = ["CurrentAgency", "NoAgency", "current_agency", "streamed"]
