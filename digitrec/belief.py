"""What is believed of a string that the second network reads, by what the first one says and what stands around."""

from __future__ import annotations

from collections.abc import Sequence

from digitrec.candidates import SURE, Candidate
from digitrec.geometry import as_array, beside
from digitrec.results import NOT_A_DIGIT
from digitrec.rowreading import RowReading
from digitrec.strings import String

STRING = 0.45
"""The digits of a string have at least this probability in the mean, ..."""

PLAIN_STRING = 0.95
"""A string with this probability is not unlikelier than any other, ..."""

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

SET_ROW = 0.8
"""A shape that is set like a sure digit of its row is believed where the row has this much, ..."""

SET, STROKE = 0.95, 0.7
"""... and the shape this, a bare stroke this."""

AGREED = 0.1
"""... or both networks take it for the same digit, with probabilities whose product is this."""

LEVEL = 0.25
"""Set like it: top and bottom together are no more than so many heights off, ..."""

ALIKE, ODD = 1.5, 2.5
"""... the pens differ by less than this factor, in breadth and in contrast; no shape differs by more than that one from
all sure digits of its row."""


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
    if len(halves) > 2 or len(letters) < LETTERS or beside(whole.box, as_array([c.box for c in sure])).any():
        return True
    return all(c.digit == d and c.confidence >= HALF for c, d in zip(halves, string.digits, strict=True))


def says_more(string: String, alone: String) -> bool:
    """Whether a piece with its fragments is more than it is ``alone``: more digits, or others that are likelier."""
    if not string.is_number or string.confidence < STRING:
        return False
    if not alone.is_number:
        return True
    if len(string.digits) > len(alone.digits):
        return string.confidence >= min(PLAIN_STRING, alone.confidence)
    return string.digits != alone.digits and string.confidence > alone.confidence


def is_row_believed(reading: RowReading, shapes: Sequence[Candidate], at: int, calm: bool = False) -> bool:
    """Whether the shape at place ``at`` says what its row says: the sure digits beside it must be read as they are.

    Without any, the whole row must be a number, and ``calm``: hardly anything else in the frame.
    """
    says, sure = reading.says(at), [i for i, c in enumerate(shapes) if i != at and c.confidence >= SURE]
    if not says or NOT_A_DIGIT in says:
        return False
    own = min(float(reading.string.probabilities[k].max()) for k in reading.members[at].places)
    if not sure:
        plain = reading.string.is_number and reading.string.confidence >= LONE_ROW and own >= ROW
        return calm and plain and len(shapes) > 1 and all(m.places for m in reading.members)
    if not any(_pens(shapes[at], shapes[i]) < ODD for i in sure):
        return False
    well_set = len(says) == 1 and any(_is_set_like(shapes[at], shapes[i]) for i in sure)
    clear = own >= ROW and reading.string.confidence >= ROW
    fits = well_set and own >= (STROKE if says == (1,) else SET) and reading.string.confidence >= SET_ROW
    agreed = well_set and says == (shapes[at].digit,) and own * shapes[at].confidence >= AGREED
    fits |= agreed and reading.string.confidence >= SET_ROW
    return (clear or fits) and all(reading.says(i) == (shapes[i].digit,) for i in sure)


def _is_set_like(shape: Candidate, other: Candidate) -> bool:
    """Whether a shape stands on the line of the other, as high and by the same pen."""
    (_, y, _, height), (_, other_y, _, other_height) = shape.box, other.box
    off = abs(y - other_y) + abs(y + height - other_y - other_height)
    return off <= LEVEL * height and _pens(shape, other) < ALIKE


def _pens(shape: Candidate, other: Candidate) -> float:
    """By which factor the pens of two shapes differ, in breadth or in contrast."""
    pairs = (shape.stroke, other.stroke), (shape.contrast, other.contrast)
    return max(max(pair) / max(min(pair), 1e-3) for pair in pairs)
