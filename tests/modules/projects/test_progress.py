"""The percentage, and what is overdue."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from kit import clock
from modules.projects.models import Milestone, Progress, Project
from tenants.agencies.current import CurrentAgency, inside


def with_weights(project: Project, *steps: tuple[int, bool]) -> Project:
    project.milestones.all().delete()
    for weight, is_done in steps:
        milestone = Milestone(project=project, name="Step", weight=weight)
        milestone.move_to("done" if is_done else "active")
        milestone.save()
    return Project.objects.get(pk=project.pk)


@pytest.mark.parametrize(
    ("steps", "percent"),
    [
        ([(1, True), (3, False)], 25),
        ([(1, False)], 0),
        ([(7, True)], 100),
        ([(1, True), (1, True), (1, False)], 67),
        ([(100, True), (100, True), (1, False)], 99),
        ([(1, True), (100, False), (100, False), (100, False)], 1),
    ],
)
def test_it_is_the_weighted_share_of_done_milestones(
    northwind: CurrentAgency, website: Project, steps: list[tuple[int, bool]], percent: int
) -> None:
    with inside(northwind):
        progress = with_weights(website, *steps).progress
        done = sum(is_done for _, is_done in steps)
        is_weighted = 0 < done < len(steps) and len({weight for weight, _ in steps}) > 1
        assert progress == Progress(percent, done, len(steps), is_weighted)
        assert progress.words.startswith(f"{done} of {len(steps)} done")
        assert progress.words.endswith("larger ones count more") is is_weighted


def test_without_milestones_there_is_none(northwind: CurrentAgency, portfolio: Project) -> None:
    with inside(northwind):
        assert portfolio.progress is None


def test_a_percentage_by_hand_goes_before(northwind: CurrentAgency, website: Project) -> None:
    with inside(northwind):
        website.progress_override, website.progress_reason = 0, "starts over"
        assert website.progress == Progress(0, is_by_hand=True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"progress_override": 40, "progress_reason": ""},
        {"progress_override": 101, "progress_reason": "x"},
        {"starts_on": date(2026, 2, 2), "ends_on": date(2026, 2, 1)},
    ],
)
def test_the_database_refuses_too(northwind: CurrentAgency, website: Project, wrong: dict[str, Any]) -> None:
    with inside(northwind), pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.filter(pk=website.pk).update(**wrong)


def test_a_milestone_is_overdue_when_its_day_is_over_in_the_agencys_zone(northwind: CurrentAgency) -> None:
    milestone = Milestone(name="Design", due_on=date(2026, 3, 1))
    with inside(northwind):  # Berlin: UTC + 1 in March
        with time_machine.travel("2026-03-01 22:59Z"):
            assert not milestone.is_overdue
        with time_machine.travel("2026-03-01 23:00Z"):
            assert milestone.is_overdue
            milestone.move_to("done")
            assert not milestone.is_overdue


def test_deadlines_are_what_is_dated_and_not_done_the_next_first(
    northwind: CurrentAgency, website: Project
) -> None:
    with inside(northwind):
        dates = {"Site map": date(2026, 1, 9), "Design": date(2026, 4, 1), "Launch": date(2026, 3, 1)}
        for name, due_on in dates.items():
            website.milestones.filter(name=name).update(due_on=due_on)
        assert [m.name for m in Project.objects.get(pk=website.pk).deadlines] == ["Launch", "Design"]
        Project.objects.filter(pk=website.pk).update(status="delivered")
        assert Project.objects.get(pk=website.pk).deadlines == []


def test_reopening_a_milestone_takes_its_moment_away(northwind: CurrentAgency) -> None:
    milestone = Milestone(name="Design", state="done", done_at=clock.now())
    milestone.move_to("active")
    assert milestone.done_at is None


def test_running_ones_come_first_then_finished_then_archived(
    northwind: CurrentAgency, website: Project, portfolio: Project
) -> None:
    with inside(northwind):
        Project.objects.filter(pk=portfolio.pk).update(archived_at=clock.now())
        old = Project.objects.create(name="Logo", company=website.company, status="delivered")
        assert list(Project.objects.work_first()) == [website, old, portfolio]
        assert list(Project.objects.running()) == [website]
