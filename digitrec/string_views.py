"""Second looks at a piece of several digits: narrower, wider, leaning, smaller; what most looks agree on is believed.

As with single digits (``views.py``) a piece between two readings falls to either side by a hair. Each look gives a
string; each string is asked of all looks, and the one that they find likeliest in the mean is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.results import Image
from digitrec.strings import ROWS, STEP, WIDTHS, String, StringPicture, StringReader, decode, string_probability

HOPELESS, PLAIN = 0.03, 0.97
"""What is read with a confidence between these is looked at again."""

LONE = 0.4
"""One digit that is read with this confidence is not: hardly ever do other looks see two."""

LOOKS = ((0.88, 1.0, 0.0), (1.13, 1.0, 0.0), (1.0, 1.0, -0.15), (1.0, 1.0, 0.15), (0.85, 0.85, 0.0))
"""Width and height as shares of the first look's, and lean (columns a row)."""


@dataclass(frozen=True, slots=True)
class _Look:
    """One look: the answer without padding, what it reads, and its columns per column of the first look."""

    answer: NDArray[np.float32]
    string: String
    across: float


def read_carefully(reader: StringReader, picture: StringPicture) -> String:
    """What is written on ``picture``, looked at again where the first look leaves it open."""
    first = _look(reader, picture.pixels, 1.0)
    plain = LONE if len(first.string.digits) == 1 else PLAIN
    if not first.string.digits or not HOPELESS < first.string.confidence < plain:
        return first.string
    looks = [first] + [_look(reader, _changed(picture.pixels, *look), look[0]) for look in LOOKS]
    strings = {look.string.digits for look in looks if look.string.digits}
    likeliest = max(sorted(strings), key=lambda digits: sum(_probability(look, digits) for look in looks))
    if likeliest == first.string.digits or not first.string.is_number:
        return first.string
    return _mean([look for look in looks if look.string.digits == likeliest])


def _look(reader: StringReader, pixels: Image, across: float) -> _Look:
    answer = reader.answer(pixels)[: -(-pixels.shape[1] // STEP)]
    return _Look(answer, decode(answer), across)


def _probability(look: _Look, digits: tuple[int, ...]) -> float:
    return string_probability(look.answer, [d + 1 for d in digits])


def _mean(looks: list[_Look]) -> String:
    """Of looks that read the same; columns in pixels of the first look's picture."""
    strings = [look.string for look in looks]
    columns = np.mean([np.divide(look.string.columns, look.across) for look in looks], axis=0)
    rows = np.mean([s.probabilities for s in strings], axis=0)
    probability = float(np.mean([s.probability for s in strings]))
    return String(strings[0].digits, rows.astype(np.float32), tuple(columns.tolist()), probability)


def _changed(pixels: Image, across: float, down: float, lean: float) -> Image:
    """The picture as another look shows it: about its middle row, from its left edge."""
    width = min(WIDTHS[-1], max(STEP, round(pixels.shape[1] * across)))
    middle = (ROWS - 1) / 2
    matrix = np.array([[across, lean, (across - 1) / 2 - lean * middle], [0, down, (1 - down) * middle]])
    return np.asarray(cv2.warpAffine(pixels, matrix, (width, ROWS), flags=cv2.INTER_LINEAR), np.uint8)
