"""Slashes and bars between numbers (12/05/2026, 3|4): by itself each looks like a 1; it reaches beyond its neighbours.

How much longer than their neighbours 1s are was seen on the trained part of ORAND-CAR-A: of those between two other
digits one in twelve is 1.1 times as long, one in forty 1.2 times, none of 197 1.25 times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from digitrec.results import Box, Digit
from digitrec.uprights import upright

LONGER, LONGER_UPRIGHT = 1.25, 1.35
"""A stroke between two digits is so many times as high as the highest near it, an upright one so many times, ..."""

AS_LONG, AS_LONG_ELSEWHERE = 1.05, 1.15
"""... or so many times, where it is like one of its line that is longer, or of another line, ..."""

IN_DATE = 1.0
"""... or so many times, where it and another one like it part a day, a month and a year, ..."""

BEYOND, BEYOND_LIKE = 0.04, -0.05
"""... and reaches beyond them above and below by so many of their heights, by so many where another is like it, ..."""

LEANS = 0.1
"""... in a date leaning to the right by so many of its own: what leans less is upright."""

ALIKE_HIGH, ALIKE_LEAN = 0.75, 0.25
"""Two are alike where the lower one has this share of the height of the other, and they lean alike to so much."""

NEAR, OVERLAP, LEVEL = 0.6, 0.5, 0.8
"""Neighbours lie no further apart than so many heights, overlap by no more, and stand no further above each other."""

CLOSE = 0.8
"""Digits of one part of a date lie no further apart than so many heights."""

DATES = ({1, 2}, {1, 2}, {2, 4}), ({4}, {1, 2}, {1, 2})
"""How many digits the parts of a date may have."""


@dataclass(frozen=True, slots=True)
class _Stroke:
    """A 1 between two digits.

    Attributes:
        place: in reading order.
        middle: its height in the picture, pixels.
        height: pixels.
        longer: its height over that of the highest neighbour.
        beyond: how far it reaches beyond where they end, above or below, whichever is less, over that height.
        lean: to the right, in its own heights.
    """

    place: int
    middle: float
    height: int
    longer: float
    beyond: float
    lean: float

    @property
    def is_long(self) -> bool:
        """Whether it is longer than 1s are."""
        return self.longer >= (LONGER if self.lean >= LEANS else LONGER_UPRIGHT)

    @property
    def is_as_long(self) -> bool:
        """Whether it is longer than most 1s are."""
        return self.longer >= AS_LONG_ELSEWHERE

    def is_level(self, other: _Stroke) -> bool:
        """Whether both may stand in one line."""
        return abs(self.middle - other.middle) <= LEVEL * max(self.height, other.height)

    def is_like(self, other: _Stroke) -> bool:
        """Whether both may be the same sign."""
        low, high = sorted((self.height, other.height))
        return low >= ALIKE_HIGH * high and abs(self.lean - other.lean) <= ALIKE_LEAN


def find_slashes(digits: Sequence[Digit]) -> list[Digit]:
    """The strokes among digits in reading order that are slashes or bars."""
    strokes = [s for s in (_stroke(digits, place) for place in range(1, len(digits) - 1)) if s is not None]
    found = {s.place for s in strokes if s.is_long and s.beyond >= BEYOND}
    known = [s for s in strokes if s.place in found]
    others = [s for s in strokes if s.longer >= AS_LONG and s.beyond >= BEYOND_LIKE]
    found |= {s.place for s in others if any(s.is_like(k) and (s.is_level(k) or s.is_as_long) for k in known)}
    dated = [s for s in strokes if s.longer >= IN_DATE and s.beyond >= BEYOND_LIKE and s.lean >= LEANS]
    for first, second in pairwise(dated):
        if first.is_like(second) and _is_date(digits, first.place, second.place):
            found |= {first.place, second.place}
    return [digits[place] for place in sorted(found)]


def _stroke(digits: Sequence[Digit], place: int) -> _Stroke | None:
    before, digit, after = digits[place - 1 : place + 2]
    if digit.digit != 1 or digit.crop is None:
        return None
    if not (_follows(before.box, digit.box, NEAR) and _follows(digit.box, after.box, NEAR)):
        return None
    left, right = before.box.center[0], after.box.center[0]
    share = (digit.box.center[0] - left) / max(right - left, 1)
    # Lines may be tilted: where neighbours end beside the stroke lies between their ends.
    top = (1 - share) * before.box.y + share * after.box.y
    foot = (1 - share) * before.box.foot + share * after.box.foot
    # Beside a small digit it is as high as the next one.
    around = [d.box.height for d in digits[max(0, place - 2) : place + 3] if d.digit != 1]
    height = max(before.box.height, after.box.height, *around)
    beyond = min(top - digit.box.y, digit.box.foot - foot) / height
    lean = upright(digit.crop).lean
    return _Stroke(place, digit.box.center[1], digit.box.height, digit.box.height / height, beyond, lean)


def _follows(left: Box, right: Box, near: float) -> bool:
    """Whether a digit is the next one of its line, at most so many heights away."""
    height = max(left.height, right.height)
    gap = right.x - (left.x + left.width)
    level = abs(right.center[1] - left.center[1]) <= LEVEL * height
    return -OVERLAP * height <= gap <= near * height and level


def _is_date(digits: Sequence[Digit], first: int, second: int) -> bool:
    """Whether two strokes part a day, a month and a year, in any order in use."""
    begin, end = first - 1, second + 1
    while begin > 0 and first - begin <= 4 and _follows(digits[begin - 1].box, digits[begin].box, CLOSE):
        begin -= 1
    while end + 1 < len(digits) and end - second <= 4 and _follows(digits[end].box, digits[end + 1].box, CLOSE):
        end += 1
    counts = first - begin, second - first - 1, end - second
    return any(all(n in some for n, some in zip(counts, date, strict=True)) for date in DATES)
