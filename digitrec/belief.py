"""What is believed of a string that the second network reads, by what the first one says and what stands around."""

from __future__ import annotations

from collections.abc import Sequence

from digitrec.candidates import SURE, Candidate
from digitrec.geometry import beside
from digitrec.results import NOT_A_DIGIT
from digitrec.rowreading import RowReading
from digitrec.strings import String

STRING = 0.45
"""The digits of a string have at least this probability in the mean, ..."""

LONE_STRING = 0.9
"""... and this among other things, where no digit is beyond doubt: a word looks like a number now and then."""

SINGLE = 0.8
"""A shape beside sure digits that the other network takes for none is a digit with this probability."""

UNLIKELY = 0.5
"""That network gives it less than this, ..."""

WIDEST_SINGLE = 1.6
"""... and it is at most so many times as wide as high."""

LETTER = 0.7
"""A shape is a letter with at least this probability of being no digit ..."""

LETTERS = 3
"""... and so many of them make a pair by itself one, too (an n is a 7 and a 2), ..."""

HALF = 0.3
"""... but for one of which the other network gives each half this much."""

CALM = 12
"""So few pieces of ink are no clutter."""


ROW = 0.9
"""What a row of shapes says is believed of one of them where the row and that shape have this probability ..."""

LONE_ROW = 0.95
"""... and the row this where none of them is beyond doubt."""


def is_believed(whole: Candidate, string: String, halves: Sequence[Candidate], others: Sequence[Candidate]) -> bool:
    """Whether a piece says what its string says, by what stands around it.

    Args:
        whole: what the digits' network says of it.
        string: what the strings' network says.
        halves: what the digits' network says of its parts.
        others: the other shapes of the level.
    """
    height, (_, level) = whole.box.height, whole.box.center
    alike = [c for c in others if 0.4 * height < c.box.height < 2 * height]
    sure = [c for c in alike if c.digit != 1 and c.confidence >= SURE]
    if len(halves) == 1:
        same = [c for c in sure if 0.6 * height < c.box.height < 1.6 * height]
        in_line = any(abs(c.box.center[1] - level) < 0.7 * height for c in same)
        shaped = whole.confidence < UNLIKELY and whole.box.width < WIDEST_SINGLE * height
        return in_line and shaped and string.confidence >= SINGLE
    if string.confidence < (STRING if sure or len(others) < CALM else LONE_STRING):
        return False
    letters = [c for c in alike if c.probabilities[NOT_A_DIGIT] >= LETTER and c.box.width <= 1.2 * c.box.height]
    if len(halves) > 2 or len(letters) < LETTERS or any(beside(whole.box, c.box) for c in sure):
        return True
    return all(c.digit == d and c.confidence >= HALF for c, d in zip(halves, string.digits, strict=True))


def is_row_believed(reading: RowReading, shapes: Sequence[Candidate], at: int, calm: bool = False) -> bool:
    """Whether the shape at place ``at`` says what its row says: the sure digits beside it must be read as they are.

    Without any, the whole row must be a number, and ``calm``: hardly anything else in the frame.
    """
    says = reading.says(at)
    sure = [i for i, c in enumerate(shapes) if i != at and c.confidence >= SURE]
    if not says or NOT_A_DIGIT in says or reading.string.confidence < (ROW if sure else LONE_ROW):
        return False
    if min(float(reading.string.probabilities[k].max()) for k in reading.members[at].places) < ROW:
        return False
    if not sure:
        return calm and len(shapes) > 1 and reading.string.is_number and all(m.places for m in reading.members)
    return all(reading.says(i) == (shapes[i].digit,) for i in sure)
