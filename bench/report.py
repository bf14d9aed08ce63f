"""Figures by name, their goals, and how they are printed."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Goal:
    """What a figure is to be: at most, or at least, `value`."""

    value: float
    at_most: bool = True

    def is_reached(self, figure: float) -> bool:
        """Whether the figure, as measured on this machine, is within the goal."""
        return figure <= self.value if self.at_most else figure >= self.value

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.value:g}"


@dataclass
class Report:
    """Collects figures; prints a table line for each, with its goal, and the JSON object at the end."""

    figures: dict[str, float | None] = field(default_factory=dict)
    goals: dict[str, Goal] = field(default_factory=dict)

    def add(self, name: str, figure: float | None, *, goal: Goal | None = None) -> None:
        """One figure. None: it could not be measured, and that is said."""
        self.figures[name] = None if figure is None else round(figure, 3)
        if goal:
            self.goals[name] = goal

    def add_times(self, name: str, seconds: Sequence[float], *, goal_p95: Goal | None = None) -> None:
        """Median and 95th percentile in milliseconds, as NAME_ms_p50 and NAME_ms_p95."""
        self.add(f"{name}_ms_p50", percentile(seconds, 50) * 1000)
        self.add(f"{name}_ms_p95", percentile(seconds, 95) * 1000, goal=goal_p95)

    def print(self) -> None:
        """Every figure with its goal, then the goals in one line of words, then the JSON line."""
        print()
        for name, figure in self.figures.items():
            shown = "not measured" if figure is None else f"{figure:,.3f}".rstrip("0").rstrip(".")
            print(f"  {name:<40} {shown:>14}  {self._verdict(name, figure)}".rstrip())
        print(json.dumps(self.figures), flush=True)

    def _verdict(self, name: str, figure: float | None) -> str:
        goal = self.goals.get(name)
        if goal is None:
            return ""
        reached = figure is not None and goal.is_reached(figure)
        return f"goal {goal}: {'reached' if reached else 'MISSED'}"


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which `percent` of the values lie (nearest rank)."""
    ordered = sorted(values)
    rank = max(0, -(-len(ordered) * percent // 100) - 1)
    return ordered[rank] if percent != 50 else statistics.median(ordered)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print columns, the first to the left, the others to the right."""
    lines = [[str(cell) for cell in line] for line in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for number, line in enumerate(lines):
        cells = [
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
