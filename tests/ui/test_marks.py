"""An agency without a logo still has a mark of its own."""

from xml.etree import ElementTree

import pytest

from ui.marks import default_favicon, initials_mark


@pytest.mark.parametrize(
    ("name", "one", "two"),
    [
        ("Northwind Studio", "N", "NS"),
        ("harbour", "H", "H"),
        ("Ana María de la Cruz", "A", "AC"),
        ("(beta) 4you", "B", "B4"),
        ("Ärger & Öl", "Ä", "ÄÖ"),
        ("  ", "•", "•"),
        ("– !", "•", "•"),
    ],
)
def test_initials(name: str, one: str, two: str) -> None:
    assert initials_mark(name) == one
    assert initials_mark(name, letters=2) == two


@pytest.mark.parametrize("name", ["Northwind", "", "<script>", "&"])
def test_the_favicon_is_well_formed_whatever_the_name(name: str) -> None:
    root = ElementTree.fromstring(default_favicon(name, "#facc15"))
    assert root.tag.endswith("svg")
    assert "<script" not in default_favicon(name, "#facc15")
