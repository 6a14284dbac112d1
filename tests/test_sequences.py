"""Rules that are missing among others at one distance are found where these tell."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from digitrec.following import follow
from digitrec.sequences import missing_rules
from digitrec.straight import as_line

PITCH, RULES, COVERED = 60, 9, 4


def ruled(slants: list[float], upright: bool) -> tuple[np.ndarray, list]:
    """A mask of rules whose far ends lie so many pixels aside, and all of them followed but one."""
    mask = np.zeros((600, 600), np.uint8)
    followed = []
    for n, slant in enumerate(slants):
        at = 40 + n * PITCH
        ends = ((at, 10), (at + slant, 590)) if upright else ((10, at), (590, at + slant))
        cv2.line(mask, *[tuple(round(v) for v in end) for end in ends], 255, 2)
        if n != COVERED:
            line = as_line(*ends[0], *ends[1])
            followed.append((line, mask))
    return mask, [follow(mask, line, 9) for line, _ in followed]


@pytest.mark.parametrize("upright", [True, False])
@pytest.mark.parametrize("slants", [[0.0] * RULES, [8.0] * RULES, [(-1.0) ** n for n in range(RULES)]])
def test_a_missing_rule_is_found(slants: list[float], upright: bool) -> None:
    """Of upright rules that slant now a little to the left, now to the right, the ends are not mistaken."""
    mask, rules = ruled(slants, upright)
    (found,) = missing_rules(mask, rules)
    middle = found.line.point((found.line.start + found.line.end) / 2)
    across = middle[0] if upright else middle[1]
    assert across == pytest.approx(40 + COVERED * PITCH + slants[COVERED] / 2, abs=2.5)
    assert found.line.length > 500


def test_where_nothing_is_inked_no_rule_is_missing() -> None:
    mask, rules = ruled([0.0] * RULES, upright=False)
    at = 40 + COVERED * PITCH
    mask[at - 8 : at + 9] = 0
    assert missing_rules(mask, rules) == []


def test_two_sheets_are_no_sequence() -> None:
    """In a wide gap, in rules, nothing is missing."""
    mask, rules = ruled([0.0] * RULES, upright=False)
    far = [f for f in rules if not math.isclose(f.line.offset, 40 + 3 * PITCH, abs_tol=3)]
    kept = [f for f in far if f.line.offset < 40 + 1.5 * PITCH or f.line.offset > 40 + 7.5 * PITCH]
    assert missing_rules(mask, kept) == []
