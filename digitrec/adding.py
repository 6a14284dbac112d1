"""A reading with digits that were found in another look at some of the picture."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from digitrec.results import Box, Digit, Reading, Reject
from digitrec.signs import grouped

SHARED = 0.25
"""Digits that share so much of the smaller one are in one place."""


def with_digits(
    reading: Reading, found: Sequence[Digit], replaced: Collection[Box] = (), dropped: Sequence[Reject] = ()
) -> Reading:
    """The reading with more digits, grouped anew; the same object where none is added or dropped.

    Args:
        reading: what was seen before.
        found: digits, which count where none is in their place yet.
        replaced: boxes of digits whose place they may take.
        dropped: digits that are none, as what they are told instead.
    """
    gone = {r.box for r in dropped}
    left = [d for d in reading.digits if d.box not in gone]
    kept = [d for d in left if d.box not in replaced or not any(_are_one(d.box, f.box) for f in found)]
    added = [f for f in found if not any(_are_one(f.box, d.box) for d in kept)]
    if not added and not dropped:
        return reading
    rejects = [r for r in reading.rejects if not any(holds(r.box, f.box) for f in added)]
    ordered, numbers, slashes = grouped(kept + added, [r.box for r in rejects], drawn=False)
    notes = (*rejects, *dropped, *slashes)
    return replace(reading, digits=ordered, numbers=numbers, rejects=notes, hint=None, hint_detail="")


def holds(box: Box, other: Box) -> bool:
    """Whether the middle of the other lies in a box."""
    x, y = other.center
    return box.x <= x < box.x + box.width and box.y <= y < box.foot


def _are_one(a: Box, b: Box) -> bool:
    across = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    down = min(a.foot, b.foot) - max(a.y, b.y)
    return min(across, down) > 0 and across * down >= SHARED * min(a.width * a.height, b.width * b.height)
