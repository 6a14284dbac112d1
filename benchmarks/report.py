"""Rows of the accuracy table and the errors behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.sheets import Mistake


@dataclass(frozen=True, slots=True)
class Row:
    """One measured number.

    Attributes:
        what: data set and measure.
        value: a share, 0-1, or a plain number where ``unit`` is empty.
        count: what it is a share of.
        goal: what is wanted, in the same unit; None where none is set.
        at_least: whether ``goal`` is a lower bound, else an upper one.
        unit: "%" or "".
    """

    what: str
    value: float
    count: int
    goal: float | None = None
    at_least: bool = True
    unit: str = "%"

    @property
    def reached(self) -> bool | None:
        """Whether the goal is met; None without one."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.at_least else self.value <= self.goal


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one measurement gives.

    Attributes:
        rows: for the table.
        mistakes: sheet name -> errors.
        confidence, right: of every answer, for calibration.
    """

    rows: list[Row] = field(default_factory=list)
    mistakes: dict[str, list[Mistake]] = field(default_factory=dict)
    confidence: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)

    def calibration(self) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Confidence and whether it was right, as arrays."""
        return np.array(self.confidence, np.float64), np.array(self.right, bool)


def table(rows: Iterable[Row]) -> str:
    """The rows as aligned text."""
    lines = [("measure", "value", "of", "wanted", "")]
    for row in rows:
        goal = "" if row.goal is None else ("at least " if row.at_least else "at most ") + _figure(row.goal, row.unit)
        mark = {None: "", True: "reached", False: "MISSED"}[row.reached]
        lines.append((row.what, _figure(row.value, row.unit), str(row.count), goal, mark))
    widths = [max(len(line[i]) for line in lines) for i in range(5)]
    text = []
    for what, value, count, goal, mark in lines:
        numbers = f"{value:>{widths[1]}}  {count:>{widths[2]}}"
        text.append(f"{what:<{widths[0]}}  {numbers}  {goal:<{widths[3]}}  {mark}".rstrip())
    return "\n".join([text[0], "-" * max(len(t) for t in text), *text[1:]])


def _figure(value: float, unit: str) -> str:
    return f"{100 * value:.2f} %" if unit == "%" else f"{value:.2f}"
