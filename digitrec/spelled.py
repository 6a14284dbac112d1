"""Letters that look like digits, told by the words that they stand in: by its shape alone a printed s is a sure 5.

A word is a chain of ink with hardly any space in it, whether the network has looked at all of it or not: on a page of
text it sees only the largest shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray

from digitrec.candidates import Candidate
from digitrec.context import CLEAR, CONTRAST
from digitrec.geometry import Matrix, as_array

SPACE, LEVEL, LOW = 0.32, 0.5, 0.55
"""Shapes of a word are less than so many heights apart, share so much of the lower one's height, and that is more than
this share of the higher one's."""

LETTER_WIDTH, WIDEST = 0.7, 6.0
"""Joined writing counts as a letter for so many digit heights of its width; what is wider than so many is a rule."""

SMALL = 0.8
"""A ring that is lower than so many usual digits is an o beside a single letter, too: "to", "of"."""

NO_INK: Matrix = np.zeros((0, 4))

LEAST, JOINED = 2, 1.4
"""One piece beside a digit may be several digits that touch; so may any that is so many digit heights wide."""

LETTERS, UNIT = 2.0, 3.0
"""A word has so many letters at least, more than digits; what comes before fewer than so many is a number and its
unit."""


def drop_in_words(
    digits: list[Candidate], ink: Matrix, contrast: Callable[[Sequence[float]], float]
) -> tuple[list[Candidate], list[Candidate]]:
    """Part the digits from what stands in a word.

    Args:
        digits: what counts as digits.
        ink: (N, 4) boxes of all pieces of ink, in pixels of the frame.
        contrast: of the ink in such a box, 0-255.

    Returns:
        The digits, and the letters.
    """
    if not digits or len(ink) == 0:
        return digits, []
    boxes, count = as_array([d.box for d in digits]), len(digits)
    others = _others(np.asarray(ink), boxes)
    seeds = _near(boxes, others).any(axis=1)
    if not seeds.any():
        return digits, []
    every = np.concatenate([boxes, others])
    dropped: set[int] = set()
    usual = median([d.box.height for d in digits if d.digit > 1] or [0])
    waiting = {int(i) for i in np.flatnonzero(seeds)}
    while waiting:
        word = _word(waiting.pop(), every)
        own = [int(i) for i in np.flatnonzero(word[:count])]
        waiting.difference_update(own)
        least = CONTRAST * max(digits[i].contrast for i in own)
        rest = np.array([box for box in others[word[count:]] if contrast(box) >= least]).reshape(-1, 4)
        dropped.update(_letters(own, digits, rest, usual))
    return [d for i, d in enumerate(digits) if i not in dropped], [digits[i] for i in sorted(dropped)]


def _letters(own: list[int], digits: Sequence[Candidate], others: Matrix, usual: float) -> list[int]:
    """Which digits of a word are letters.

    Args:
        own: the word's.
        digits: of the picture.
        others: boxes of the word's other ink.
        usual: how high digits that are no rings usually are, pixels.
    """
    if len(others) and all(digits[i].digit == 0 and digits[i].box.height < SMALL * usual for i in own):
        return own
    height = max(digits[i].box.height for i in own)
    others = others[others[:, 2] <= JOINED * height]
    weight = float(np.maximum(1, others[:, 2] / (LETTER_WIDTH * height)).sum())
    if len(others) < LEAST or weight < LETTERS or weight <= len(own):
        return []
    if weight >= UNIT:
        return own
    first = others[:, 0].min()
    return [i for i in own if digits[i].box.x > first or digits[i].confidence < CLEAR]


def _others(ink: Matrix, digits: Matrix) -> Matrix:
    """Ink that may be letters: no rules, no specks, and no part of a digit, nor what holds some."""
    lowest = LOW * digits[:, 3].min()
    ink = ink[(ink[:, 3] >= lowest) & (ink[:, 2] < WIDEST * ink[:, 3])]
    held = _holds(digits, ink).any(axis=0) | _holds(ink, digits).any(axis=1)
    return np.asarray(ink[~held], np.float64)


def _holds(first: Matrix, second: Matrix) -> NDArray[np.bool_]:
    """(N, M): whether the middle of each second box lies in each first one."""
    x, y = (second[:, k] + second[:, k + 2] / 2 for k in (0, 1))
    left, top, wide, high = (first[:, k, None] for k in range(4))
    return np.asarray((x >= left) & (x <= left + wide) & (y >= top) & (y <= top + high), np.bool_)


def _word(seed: int, boxes: Matrix) -> NDArray[np.bool_]:
    """Which of the boxes belong to the word in which one stands."""
    word = np.zeros(len(boxes), np.bool_)
    word[seed] = True
    added = word
    while added.any():
        reached = _near(boxes[added], boxes).any(axis=0)
        added = reached & ~word
        word = word | added
    return word


def _near(first: Matrix, second: Matrix) -> NDArray[np.bool_]:
    """(N, M): which boxes stand side by side in a word."""
    (x, y, wide, high), (x2, y2, wide2, high2) = first.T[:, :, None], second.T[:, None]
    taller, lower = np.maximum(high, high2), np.minimum(high, high2)
    apart = np.maximum(x2 - x - wide, x - x2 - wide2)
    shared = np.minimum(y + high, y2 + high2) - np.maximum(y, y2)
    return np.asarray((apart < SPACE * taller) & (shared > LEVEL * lower) & (lower > LOW * taller), np.bool_)
