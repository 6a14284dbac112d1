"""Crops that the real ink and glyph stages cut from scenes and photographs with known truth: good ones and bad ones.

A network that only saw tidy digits calls half an 8 a 3 and a joined pair a 4. Here it learns from what the front end
really proposes: digits as labelled, and halves, joined pairs, letters, specks and pieces of lines as no digits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from digitrec.candidates import Candidate, LevelReader
from digitrec.classifier import Classifier
from digitrec.ink import InkLevel
from digitrec.recognizer import ink_levels
from digitrec.results import NOT_A_DIGIT, Box, Image
from digitrec.training.data import Samples

Truth = Sequence[tuple[Box, int]]
"""Boxes of the digits, tight around the ink, with their labels."""

WHOLE = 0.6
"""A digit counts as inside a candidate when so much of its box is."""

SAME = 0.55
"""A candidate is a digit when intersection over union of their boxes is at least this ..."""

INK = 0.86
"""... and each holds this share of the other's ink: boxes alone take a C for the 0 whose right side is missing."""

HALF = 0.7
"""With less than this share of a digit's ink a candidate is a part of it."""

MAX_REJECTS = 12
"""Non-digits kept of one picture, at most: a messy desk must not drown the digits."""

FREE_REJECTS = 4
"""So many non-digits are kept of any picture, and one more for each digit in it."""

EASY = 0.15
"""A non-digit that no one would answer is kept so often, where one that was taken for a digit is kept 1.15 times."""

PLAUSIBLE = 0.4
"""Above this a piece of a digit (the stem of a 4) cannot be told from a digit by its shape."""

STROKE = 0.7
"""Above this a stroke of clutter cannot be told from a 1."""


def crops_of(
    image: Image, truth: Truth, ignored: Sequence[Box], classifier: Classifier, rng: np.random.Generator
) -> Samples:
    """All that the front end proposes in ``image``, labelled by ``truth``; what cannot be labelled is left out.

    Args:
        image: uint8 (H, W, 3) BGR.
        truth: every digit in view.
        ignored: places where nothing is known.
        classifier: decides, as at run time, which pieces are questioned.
        rng: chooses which non-digits are kept.
    """
    digits: list[tuple[Image, int]] = []
    rejects: list[tuple[Image, float]] = []
    known: list[Candidate] = []
    for level in ink_levels(image):
        reader = LevelReader(level, (image.shape[1], image.shape[0]), classifier, known)
        known = reader.candidates()
        for candidate in reader.considered:
            label = _label(candidate, truth, ignored, level)
            if label == NOT_A_DIGIT:
                rejects.append((candidate.crop, candidate.confidence))
            elif label is not None:
                digits.append((candidate.crop, label))
    # Drawn without replacement, those that were nearly answered more often (Efraimidis and Spirakis 2006).
    order = np.argsort([rng.exponential() / (EASY + confidence) for _, confidence in rejects])
    order = order[: min(MAX_REJECTS, FREE_REJECTS + len(digits))]
    x = [crop for crop, _ in digits] + [rejects[i][0] for i in order]
    y = [label for _, label in digits] + [NOT_A_DIGIT] * len(order)
    pictures = np.stack(x) if x else np.zeros((0, 28, 28), np.uint8)
    return Samples(pictures, np.array(y, np.int64))


def _label(candidate: Candidate, truth: Truth, ignored: Sequence[Box], level: InkLevel) -> int | None:
    """0-9, not a digit, or None where the crop alone could not tell."""
    box = candidate.box
    if any(_shared(box, other) > 0.2 * _area(box) for other in ignored):
        return None
    inside = [(b, d) for b, d in truth if _shared(box, b) > WHOLE * _area(b)]
    if len(inside) == 1:
        whole, digit = inside[0]
        shared = _shared(box, whole)
        iou = shared / (_area(box) + _area(whole) - shared)
        both = _ink(level, _common(box, whole))
        covered, pure = both / max(1, _ink(level, whole)), both / max(1, _ink(level, box))
        if iou >= SAME and covered >= INK and pure >= INK:
            return digit
        if covered > HALF and pure > HALF:
            return None
    if len(inside) > 1:
        # One digit that nearly fills the box, over the tail of a neighbour: a fair picture of the one.
        return None if any(_shared(box, b) > 0.8 * _area(box) for b, _ in inside) else NOT_A_DIGIT
    if _touches(box, truth):
        return None if candidate.confidence > PLAUSIBLE else NOT_A_DIGIT
    return None if candidate.digit == 1 and candidate.confidence > STROKE else NOT_A_DIGIT


def _touches(box: Box, truth: Truth) -> bool:
    return any(_shared(box, b) > 0 for b, _ in truth)


def _common(a: Box, b: Box) -> Box:
    x, y = max(a.x, b.x), max(a.y, b.y)
    width = min(a.x + a.width, b.x + b.width) - x
    height = min(a.y + a.height, b.y + b.height) - y
    return Box(x, y, max(width, 0), max(height, 0))


def _shared(a: Box, b: Box) -> int:
    return _area(_common(a, b))


def _ink(level: InkLevel, box: Box) -> int:
    """Ink pixels of the level inside a box of the frame."""
    x0, y0 = round(box.x * level.scale), round(box.y * level.scale)
    x1, y1 = round((box.x + box.width) * level.scale), round((box.y + box.height) * level.scale)
    return int(np.count_nonzero(level.mask[y0:y1, x0:x1]))


def _area(box: Box) -> int:
    return box.width * box.height
