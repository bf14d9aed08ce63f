"""The defects of `./bin/planted` can be planted, and their tests are there. Whether each is caught, it says itself."""

import ast
from collections import Counter
from pathlib import Path

import pytest
from django.db import ProgrammingError, transaction

from tests.planted.__main__ import main
from tests.planted.catalogue import DEFECTS, RULES
from tests.planted.copying import Outcome
from tests.planted.databases import drop
from tests.planted.defect import ROOT, Defect, Edit, NotThere, texts_of

TEXTS, STATEMENTS = [one for one in DEFECTS if one.edits], [one for one in DEFECTS if one.sql]


@pytest.mark.parametrize("defect", TEXTS, ids=lambda one: one.what)
def test_every_text_is_there_once_and_python_still_reads_it(defect: Defect) -> None:
    for path, text in texts_of(defect, ROOT).items():
        assert text != path.read_text()
        ast.parse(text)


@pytest.mark.parametrize("defect", STATEMENTS, ids=lambda one: one.what)
def test_every_constraint_and_trigger_is_there(defect: Defect, db: None) -> None:
    with transaction.atomic():
        drop(defect.sql, in_agencies=defect.in_agencies)
        with pytest.raises(ProgrammingError), transaction.atomic():
            drop(defect.sql, in_agencies=defect.in_agencies)
        transaction.set_rollback(True)


def test_every_test_that_has_to_catch_one_is_there() -> None:
    for defect in DEFECTS:
        assert defect.caught_by, defect.what
        for test in defect.caught_by:
            path, _, name = test.partition("::")
            names = {node.name for node in ast.parse((ROOT / path).read_text()).body if hasattr(node, "name")}
            assert name in names, f"{defect.what}: {test}"


def test_every_rule_has_defects_and_each_has_a_name_of_its_own() -> None:
    assert {one.rule for one in DEFECTS} == set(RULES)
    assert [name for name, times in Counter(one.what for one in DEFECTS).items() if times > 1] == []


def test_a_text_that_is_gone_or_there_twice_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("a = 1\na = 1\n")
    for old in ("b = 1", "a = 1"):
        with pytest.raises(NotThere):
            texts_of(Defect(1, "x", (Edit("x.py", old, "c"),), ()), tmp_path)


def test_only_a_test_that_failed_catches() -> None:
    assert Outcome(("t::a",), 1, "").is_caught
    for nothing in (
        Outcome((), 0, ""),
        Outcome((), 1, "ERROR"),
        Outcome(("t::a",), 2, ""),
        Outcome((), 5, ""),
    ):
        assert not nothing.is_caught


def test_defects_are_listed_and_chosen_by_rule_or_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list", "15"]) == 0
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()} == {"15"}
    assert main(["--list", "signature check off"]) == 0
    assert capsys.readouterr().out.split(maxsplit=1)[1].strip() == "signature check off"
    assert main(["no such thing"]) == 2
