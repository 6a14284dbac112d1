"""Crops that the real ink and glyph stages cut from scenes and photographs with known truth: good ones and bad ones.

A network that only saw tidy digits calls half an 8 a 3 and a joined pair a 4. Here it learns from what the front end
really proposes: digits as labelled, and halves, joined pairs, letters, specks and pieces of lines as no digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digitrec.candidates import Candidate
from digitrec.classifier import Classifier
from digitrec.glyphs import Glyph
from digitrec.ink import InkLevel
from digitrec.levels import LevelReader
from digitrec.pyramid import ink_levels
from digitrec.results import NOT_A_DIGIT, Box, Image
from digitrec.training.data import Samples

Truth = Sequence[tuple[Box, int]]
"""Boxes of the digits, tight around the ink, with their labels."""

WHOLE = 0.6
"""A digit counts as inside a candidate when so much of its box is."""

SAME = 0.55
"""A candidate is a digit when intersection over union of their boxes is at least this ..."""

INK = 0.86
"""... and each holds this share of the other's ink: boxes alone take a C for the 0 whose right side is missing ..."""

SPUR = 0.15
"""... and no neighbour has more of its ink in it than this."""

SOLID = 96
"""Ink of a glyph that counts, of 255."""

HALF = 0.7
"""With less than this share of a digit's ink a candidate is a part of it."""

MAX_REJECTS = 12
"""Non-digits kept of one picture, at most, and of one without digits."""

FREE_REJECTS = 4
"""So many non-digits are kept of a picture with digits, and one more for each digit cut from it."""

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
        reader = LevelReader(level, (image.shape[1], image.shape[0]), classifier, None, known)
        known = reader.candidates()
        page = PageInk(level, truth)
        for glyph, candidate in reader.considered:
            label = _label(candidate, page.shares(glyph), truth, ignored)
            if label == NOT_A_DIGIT:
                rejects.append((candidate.crop, candidate.confidence))
            elif label is not None:
                digits.append((candidate.crop, label))
    # Drawn without replacement, those that were nearly answered more often (Efraimidis and Spirakis 2006).
    order = np.argsort([rng.exponential() / (EASY + confidence) for _, confidence in rejects])
    order = order[: min(MAX_REJECTS, FREE_REJECTS + len(digits)) if truth else MAX_REJECTS]
    x = [crop for crop, _ in digits] + [rejects[i][0] for i in order]
    y = [label for _, label in digits] + [NOT_A_DIGIT] * len(order)
    pictures = np.stack(x) if x else np.zeros((0, 28, 28), np.uint8)
    return Samples(pictures, np.array(y, np.int64))


@dataclass(frozen=True, slots=True)
class Shares:
    """How the ink of a candidate lies to the digits in truth.

    Attributes:
        covered: of each digit's ink, where its box is its alone, the candidate's share.
        pure: the share of the candidate's ink in each digit's box.
    """

    covered: list[float]
    pure: list[float]


class PageInk:
    """The ink of a level, and which of it belongs to one digit alone: boxes of slanted neighbours overlap."""

    def __init__(self, level: InkLevel, truth: Truth) -> None:
        self._level = level
        self._boxes = [scaled(box, level.scale) for box, _ in truth]
        times = np.zeros(level.mask.shape, np.uint8)
        for box in self._boxes:
            times[_slices(box)] += 1
        self._alone = (times == 1) & (level.mask > 0)
        self._ink = [max(1, int(np.count_nonzero(self._alone[_slices(box)]))) for box in self._boxes]

    def shares(self, glyph: Glyph) -> Shares:
        """How ``glyph`` lies to the digits."""
        rows, columns = np.nonzero(glyph.ink > SOLID)
        rows, columns = rows + glyph.box.y, columns + glyph.box.x
        alone = self._alone[rows, columns]
        covered, pure = [], []
        for box, ink in zip(self._boxes, self._ink, strict=True):
            if area(_common(box, glyph.box)) == 0:
                covered.append(0.0)
                pure.append(0.0)
                continue
            inside = (columns >= box.x) & (columns < box.x + box.width) & (rows >= box.y) & (rows < box.y + box.height)
            covered.append(float((inside & alone).sum()) / ink)
            pure.append(float(inside.mean()) if len(rows) else 0.0)
        return Shares(covered, pure)


def _label(candidate: Candidate, shares: Shares, truth: Truth, ignored: Sequence[Box]) -> int | None:
    """0-9, not a digit, or None where the crop alone could not tell."""
    box = candidate.box
    if any(shared(box, other) > 0.2 * area(box) for other in ignored):
        return None
    covered = [i for i, share in enumerate(shares.covered) if share > WHOLE]
    if len(covered) == 1:
        (index,) = covered
        whole, digit = truth[index]
        rest = max((share for i, share in enumerate(shares.covered) if i != index), default=0.0)
        common = shared(box, whole)
        same = common / (area(box) + area(whole) - common) >= SAME
        if same and shares.covered[index] >= INK and shares.pure[index] >= INK and rest <= SPUR:
            return digit
        if shares.covered[index] > HALF and shares.pure[index] > HALF and rest <= 2 * SPUR:
            return None
    if len(covered) > 1:
        # One digit that nearly fills the box, over the tail of a neighbour: a fair picture of the one.
        return None if any(shared(box, truth[i][0]) > 0.8 * area(box) for i in covered) else NOT_A_DIGIT
    if _touches(box, truth):
        return None if candidate.confidence > PLAUSIBLE else NOT_A_DIGIT
    return None if candidate.digit == 1 and candidate.confidence > STROKE else NOT_A_DIGIT


def _touches(box: Box, truth: Truth) -> bool:
    return any(shared(box, b) > 0 for b, _ in truth)


def _common(a: Box, b: Box) -> Box:
    x, y = max(a.x, b.x), max(a.y, b.y)
    width = min(a.x + a.width, b.x + b.width) - x
    height = min(a.y + a.height, b.y + b.height) - y
    return Box(x, y, max(width, 0), max(height, 0))


def shared(a: Box, b: Box) -> int:
    """Pixels that both hold."""
    return area(_common(a, b))


def scaled(box: Box, scale: float) -> Box:
    """A box of the frame in pixels of a level."""
    left, top = round(box.x * scale), round(box.y * scale)
    right, bottom = round((box.x + box.width) * scale), round((box.y + box.height) * scale)
    return Box(max(0, left), max(0, top), right - max(0, left), bottom - max(0, top))


def _slices(box: Box) -> tuple[slice, slice]:
    return slice(box.y, box.y + box.height), slice(box.x, box.x + box.width)


def area(box: Box) -> int:
    """Its pixels."""
    return box.width * box.height
