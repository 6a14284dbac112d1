"""A reading with digits that were found in another look at some of the picture."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from digitrec.geometry import as_array, overlap
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
    places = [f.box for f in found]
    kept = [d for d in left if d.box not in replaced or not _are_one(d.box, places)]
    taken = [d.box for d in kept]
    added = [f for f in found if not _are_one(f.box, taken)]
    if not added and not dropped:
        return reading
    rejects = [r for r in reading.rejects if not any(r.box.holds(f.box) for f in added)]
    ordered, numbers, slashes = grouped(kept + added, [r.box for r in rejects], drawn=False)
    notes = (*rejects, *dropped, *slashes)
    return replace(reading, digits=ordered, numbers=numbers, rejects=notes, hint=None, hint_detail="")


def _are_one(box: Box, others: Sequence[Box]) -> bool:
    """Whether a box is in one place with any of the others."""
    return bool((overlap(as_array([box]), as_array(others)) >= SHARED).any())
