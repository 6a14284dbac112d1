"""Glyphs of one level -> candidates: what the network takes each for, and what it stands on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from digitrec.candidates import SURE, Candidate
from digitrec.classifier import Classifier
from digitrec.glyphs import Glyph, Piece
from digitrec.ground import ground_flatness, is_even
from digitrec.ink import InkLevel
from digitrec.results import NOT_A_DIGIT, Box, Image
from digitrec.smoother import LEAST_HEIGHT_PX, smoothed_crop
from digitrec.views import judge

WIDE_MARGIN = 0.5
"""The ground around a bare stroke is looked at so many of its lengths far: the edge of a sheet may lie beside it."""

NARROW_MARGIN = 0.15
"""And around any other digit."""

REJECTED = 0.99
"""What is no digit with this probability is not drawn once more."""

MOST_REDRAWN = 60
"""More that is unclear is grain or foliage: of it what is likeliest to be a digit is drawn once more."""


class Judge:
    """Judges the glyphs of a level.

    Args:
        level: without rules and squares.
        pieces: its ink.
        size: (width, height) of the frame, pixels.
        classifier: judges all glyphs of a batch.
    """

    def __init__(self, level: InkLevel, pieces: list[Piece], size: tuple[int, int], classifier: Classifier) -> None:
        self._level = level
        self._pieces = pieces
        self._size = size
        self._classifier = classifier
        self._even = is_even(level)
        self.tilt = 0.0
        """Of the lines of writing, radians: each crop is turned back by it."""
        self.considered: list[tuple[Glyph, Candidate]] = []
        """Everything that was put to the network, chosen or not: training learns from it."""

    def carefully(self, glyphs: list[Glyph]) -> list[Candidate]:
        """What is unclear is drawn once more from smoother ink: the (geometric) mean of what both looks like."""
        judged = self.judge(glyphs)
        if self._level.speckled:
            return judged
        unclear = [n for n, c in enumerate(judged) if c.confidence < SURE and c.probabilities[NOT_A_DIGIT] < REJECTED]
        large = [n for n in unclear if glyphs[n].box.height >= LEAST_HEIGHT_PX]
        large = sorted(large, key=lambda n: float(judged[n].probabilities[NOT_A_DIGIT]))[:MOST_REDRAWN]
        if large:
            again = [smoothed_crop(self._level, self._pieces, glyphs[n], self.tilt) for n in large]
            rows = judge(self._classifier, np.stack(again))
            for n, row in zip(large, rows, strict=True):
                mean = np.sqrt(judged[n].probabilities * row)
                judged[n] = replace(judged[n], probabilities=mean / mean.sum())
        return judged

    def judge(self, glyphs: list[Glyph]) -> list[Candidate]:
        """What each glyph is, in several looks where the first leaves it open."""
        return self._asked(glyphs, lambda crops: judge(self._classifier, crops))

    def roughly(self, glyphs: list[Glyph]) -> list[Candidate]:
        """What each glyph is at a glance."""
        return self._asked(glyphs, self._classifier.classify_roughly)

    def _asked(self, glyphs: list[Glyph], network: Callable[[Image], NDArray[np.float32]]) -> list[Candidate]:
        if not glyphs:
            return []
        crops = np.stack([g.crop(self.tilt) for g in glyphs])
        rows = network(crops)
        judged = [self._candidate(g, crop, row) for g, crop, row in zip(glyphs, crops, rows, strict=True)]
        self.considered += zip(glyphs, judged, strict=True)
        return judged

    def _candidate(self, glyph: Glyph, crop: Image, row: NDArray[np.float32]) -> Candidate:
        first, *others = (self._pieces[i].stroke for i in glyph.pieces)
        stroke = median((first, *others)) if others else first
        level = self._level
        # What is more than a bare stroke is told from an edge by its shape: only the ground that it stands on counts.
        margin = WIDE_MARGIN if int(row[:NOT_A_DIGIT].argmax()) == 1 else NARROW_MARGIN
        flatness = 1.0 if self._even else ground_flatness(level, glyph.box, margin)
        return Candidate(self.to_frame(glyph.box), crop, row, glyph.contrast, stroke, level.scale, flatness)

    def to_frame(self, box: Box) -> Box:
        """A box of the level in pixels of the frame."""
        scale = self._level.scale
        left, top = max(0, int(box.x / scale)), max(0, int(box.y / scale))
        right = min(self._size[0], max(left + 1, round((box.x + box.width) / scale)))
        bottom = min(self._size[1], max(top + 1, round((box.y + box.height) / scale)))
        return Box(left, top, max(1, right - left), max(1, bottom - top))
