"""One level of the pyramid -> its candidates: singles first, then joins and strings for what is unclear."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.candidates import SURE, THICK_STROKE_PX, Candidate
from digitrec.classifier import Classifier
from digitrec.coarser import open_cells
from digitrec.context import FAINT
from digitrec.enclosing import part_enclosing
from digitrec.fainter import with_fainter_ink
from digitrec.geometry import as_array, overlap
from digitrec.glyphs import MIN_HEIGHT_PX, Glyph, Piece, draw_glyph
from digitrec.ground import ground_flatness, is_even
from digitrec.guides import without_guides
from digitrec.ink import InkLevel
from digitrec.joins import Join, propose_joins
from digitrec.pyramid import Pyramid
from digitrec.results import NOT_A_DIGIT, Box, Image
from digitrec.settling import Chosen, Settler
from digitrec.smoother import LEAST_HEIGHT_PX, smoothed_crop
from digitrec.splitting import may_be_several
from digitrec.strings import StringReader
from digitrec.tilt import told_by_lines, told_by_shapes
from digitrec.views import judge

MAX_CANDIDATES = 250
"""More shapes than this in one frame is a texture, not writing: the largest are looked at."""

MAX_JOINS = 150
"""Joins of one frame."""

MIN_COARSE_HEIGHT_PX = 18
"""On a coarse level smaller shapes are left to the fine one, which sees them better."""

PROBED = 16
"""Of a speckled level so many of the largest shapes are looked at first, and as many of the others: if none of them is
surely a digit, none is looked for."""

WIDE_MARGIN = 0.5
"""The ground around a bare stroke is looked at so many of its lengths far: the edge of a sheet may lie beside it."""

NARROW_MARGIN = 0.15
"""And around any other digit."""


REJECTED = 0.99
"""What is no digit with this probability is not drawn once more."""

OVERGROWN = (1.4, 6.0)
"""A shape of so many times the sure digits' height may be one to which something sticks: the line of a table, say."""


SMALL_PX = 31
"""Writing of less than this height, in pixels of its level, is read without a blur ..."""

TINY_PX = 17
"""... and of less than this its gaps are not closed: most are paper between strokes ..."""

FEW, FEW_OF_ALL = 3, 0.3
"""... where at least so many shapes are digits or strings of digits, and such a share of all: on a desk, and in a
squared sheet's lines, a blur is right."""

MOST_UNREAD, MOST_UNREAD_EACH = 20, 6
"""So many unread shapes, and so many more for each that is read, are looked at with fainter ink: of a messy desk's none
is."""

STRAIGHT = 0.25
"""What is narrower than this share of its length is, on a ruled sheet, what is left of a rule."""

_FirstLook = tuple[list[int], list[Glyph], dict[int, Candidate], float]
"""Pieces, their ink, what each is, and the contrast of the faintest that counts."""


class LevelReader:
    """Reads one level of the pyramid: singles first, then joins and strings for what is unclear.

    Args:
        level: the ink.
        size: (width, height) of the frame, pixels.
        classifier: judges all glyphs of a batch.
        strings: reads pieces that may be several digits; None: they are left whole.
        known: candidates of finer levels: what is sure there is not read again.
        bare: the ground is known to have no rules.
        tilt: of the lines of writing, radians; None: to be found out.
    """

    def __init__(
        self,
        level: InkLevel,
        size: tuple[int, int],
        classifier: Classifier,
        strings: StringReader | None,
        known: Sequence[Candidate] = (),
        bare: bool = False,
        tilt: float | None = None,
    ) -> None:
        self.found = level
        """The level as it was found, with rules and squares; ``level`` is without."""
        self.level, self.pieces, self.is_bare = without_guides(level, bare)
        self._even = is_even(level)
        self._size = size
        self._classifier = classifier
        self._strings = strings
        self._least_height = MIN_COARSE_HEIGHT_PX if level.coarse else MIN_HEIGHT_PX
        sure = [c.box for c in known if c.confidence >= SURE]
        self._others = len(sure)
        self._known = self._find_known(sure)
        self._find_tilt = tilt is None
        self.tilt = tilt or 0.0
        """Of the lines of writing, radians, once ``candidates`` has run."""
        self._first: _FirstLook | None = None
        self._read: set[int] = set()
        self._faint: set[int] = set()
        self._faintest = 0.0
        self.considered: list[tuple[Glyph, Candidate]] = []
        """Everything that was put to the network, chosen or not: training learns from it."""

    def candidates(self) -> list[Candidate]:
        """All candidates that no better explanation of the same ink replaces."""
        probe = self._probe() if self.level.speckled else []
        if probe and not any(c.confidence >= SURE for c in probe):
            return probe
        likely, glyphs, singles, faintest = self._first_look()
        settled = {i for i, c in singles.items() if c.confidence >= SURE}
        loose = {i for i in self._loose() if i not in settled}
        contrasts = {i: g.contrast for i, g in zip(likely, glyphs, strict=True)}
        joins = propose_joins(self.level, self.pieces, loose, settled, contrasts, faintest)[:MAX_JOINS]
        judged = self._judge([j.glyph for j in joins])
        chosen = self._take_joins(singles, joins, judged)
        if self._strings is not None:
            drawn = {(i,): g for i, g in zip(likely, glyphs, strict=True)} | {j.pieces: j.glyph for j in joins}
            left = [(j, c) for j, c in zip(joins, judged, strict=True) if j.pieces not in chosen]
            settler = Settler(self.level, self.pieces, self.tilt, self._strings, self._judge, self._others)
            unsure = [i for i in likely if i not in settled and contrasts[i] >= faintest]
            settler.settle(chosen, drawn, left, unsure, faintest)
        self._read = {i for key, c in chosen.items() if c.confidence >= SURE for i in key}
        self._faint = {i for i, contrast in contrasts.items() if contrast < faintest}
        self._faintest = faintest
        return list(chosen.values())

    def usual_height(self) -> float:
        """How high digits and strings of digits are, pixels of the level; 0 where few shapes are that, or in noise."""
        if self.level.speckled:
            return 0.0
        _, glyphs, singles, faintest = self._first_look()
        dark = [(g, c) for g, c in zip(glyphs, singles.values(), strict=True) if g.contrast >= faintest]
        heights = [g.box.height for g, c in dark if c.confidence >= SURE or may_be_several(self.pieces[g.pieces[0]])]
        return median(heights) if len(heights) >= max(FEW, FEW_OF_ALL * len(glyphs)) else 0.0

    def _likely(self) -> list[int]:
        """The pieces that could be digits, largest first."""
        likely = [i for i, p in enumerate(self.pieces) if self._could_be_digit(p) and i not in self._known]
        return likely[:MAX_CANDIDATES]

    def _probe(self) -> list[Candidate]:
        """A few of very many shapes: what they are; none of fewer shapes."""
        likely = self._likely()
        if len(likely) <= 2 * PROBED:
            return []
        few = likely[:PROBED] + likely[PROBED :: max(1, len(likely) // PROBED)]
        probe = self._judge([draw_glyph(self.level, self.pieces, (i,)) for i in few])
        self.considered.clear()
        return probe

    def _first_look(self) -> _FirstLook:
        """What each piece is by itself."""
        if self._first is None:
            likely = self._likely()
            glyphs = [draw_glyph(self.level, self.pieces, (i,)) for i in likely]
            if self._find_tilt:
                self.tilt = told_by_lines([g.box for g in glyphs])
            singles, faintest = self._judge_singles(likely, glyphs)
            if self._find_tilt and self._turns(glyphs, singles, faintest):
                singles, faintest = self._judge_singles(likely, glyphs)
            self._first = likely, glyphs, singles, faintest
        return self._first

    def _judge_singles(self, likely: list[int], glyphs: list[Glyph]) -> tuple[dict[int, Candidate], float]:
        """What each piece is by itself, and the contrast below which ink is dropped in the end beside plain digits.

        What is far fainter than the darkest comes last, and is hardly looked at where there are plain digits: the
        remains of a squared sheet are more than all its writing.
        """
        darkest = max((g.contrast for g in glyphs), default=0.0)
        dark = [n for n, g in enumerate(glyphs) if g.contrast >= FAINT * darkest]
        judged = dict(zip(dark, self._judge_carefully([glyphs[n] for n in dark]), strict=True))
        plain = [c.contrast for c in judged.values() if c.confidence >= SURE and c.digit != 1]
        faintest = FAINT * max(plain, default=0.0)
        for roughly in (False, True):
            rest = [n for n, g in enumerate(glyphs) if n not in judged and (g.contrast < faintest) == roughly]
            judge_all = self._judge_roughly if roughly else self._judge_carefully
            judged |= zip(rest, judge_all([glyphs[n] for n in rest]), strict=True)
        return {i: judged[n] for n, i in enumerate(likely)}, faintest

    def _turns(self, glyphs: list[Glyph], singles: dict[int, Candidate], faintest: float) -> bool:
        """Find out whether the shapes stand tilted where their lines do not tell."""
        if self.tilt or self.level.speckled or self.level.coarse:
            return False
        asked = [(g, c) for g, c in zip(glyphs, singles.values(), strict=True) if g.contrast >= faintest]
        self.tilt = told_by_shapes(asked, self._classifier)
        return self.tilt != 0

    def left_open(self) -> Image | None:
        """Where a coarser level may say more: uint8, 255 there, at a low resolution; None: nowhere."""
        if self.level.speckled:
            return np.full((1, 1), 255, np.uint8)
        usual = self._read_height()
        unread = (self.pieces[i] for i in self._loose() if i not in self._read)
        unclear = (p.box for p in unread if may_be_several(p) or _is_overgrown(p.box, usual))
        return open_cells(self.level, (box for box in unclear if not self._is_faint(box)))

    def fainter(self, known: Sequence[Candidate]) -> LevelReader | None:
        """Who reads what was not read, with the fainter ink that it goes on into; None where there is no more of it."""
        if self.level.speckled:
            return None
        most = OVERGROWN[1] * self._read_height() or math.inf
        unread = [self.pieces[i] for i in self._loose() if i not in self._read and not self._is_left_over(i)]
        unclear = [p for p in unread if MIN_HEIGHT_PX <= max(p.box.width, p.box.height) < most]
        if len(unclear) > MOST_UNREAD + MOST_UNREAD_EACH * len(self._read):
            return None
        level = with_fainter_ink(self.level, self.found.mask, unclear)
        if level is None:
            return None
        return LevelReader(level, self._size, self._classifier, self._strings, known, bare=True, tilt=self.tilt)

    def _read_height(self) -> float:
        """How high what was read usually is, pixels; 0: nothing was."""
        return median([self.pieces[i].box.height for i in self._read if i >= 0] or [0])

    def _is_left_over(self, index: int) -> bool:
        """Whether a piece may be what is left of a rule, or its ink is dropped in the end."""
        box = self.pieces[index].box
        straight = min(box.width, box.height) < STRAIGHT * max(box.width, box.height)
        return (straight and not self.is_bare) or index in self._faint or self._is_faint(box)

    def _is_faint(self, box: Box) -> bool:
        """Whether the ink in a box is dropped in the end."""
        inside = self.level.depth[box.y : box.y + box.height, box.x : box.x + box.width]
        return cv2.minMaxLoc(inside)[1] < self._faintest

    def _could_be_digit(self, piece: Piece) -> bool:
        """A cheap sieve before the network."""
        _, _, width, height = piece.box
        rows, columns = self.level.mask.shape
        fills = width > 0.95 * columns and height > 0.95 * rows
        return height >= self._least_height and width <= 8 * height and not fills

    def _find_known(self, sure: list[Box]) -> set[int]:
        """Pieces where a finer level is sure of a digit; of thick strokes it saw only the rim."""
        if not sure:
            return set()
        asked = [i for i, p in enumerate(self.pieces) if p.stroke < THICK_STROKE_PX and self._is_fragment(p)]
        boxes, own = as_array(sure), as_array([self._to_frame(self.pieces[i].box) for i in asked])
        known = (overlap(own, boxes) > 0.5) & (boxes[None, :, 3] > 0.6 * own[:, 3:])
        return {asked[int(row)] for row in np.flatnonzero(known.any(axis=1))}

    def _is_fragment(self, piece: Piece) -> bool:
        """Whether a piece is large enough for a part of a digit."""
        return max(piece.box.width, piece.box.height) >= self._least_height / 2

    def _loose(self) -> list[int]:
        """Pieces that may be parts of a digit."""
        few = enumerate(self.pieces[:MAX_CANDIDATES])
        return [i for i, p in few if self._is_fragment(p) and i not in self._known]

    def _judge_carefully(self, glyphs: list[Glyph]) -> list[Candidate]:
        """What is unclear is drawn once more from smoother ink: the (geometric) mean of what both looks like."""
        judged = self._judge(glyphs)
        if self.level.speckled:
            return judged
        unclear = [n for n, c in enumerate(judged) if c.confidence < SURE and c.probabilities[NOT_A_DIGIT] < REJECTED]
        large = [n for n in unclear if glyphs[n].box.height >= LEAST_HEIGHT_PX]
        if large:
            again = [smoothed_crop(self.level, self.pieces, glyphs[n], self.tilt) for n in large]
            rows = judge(self._classifier, np.stack(again))
            for n, row in zip(large, rows, strict=True):
                mean = np.sqrt(judged[n].probabilities * row)
                judged[n] = replace(judged[n], probabilities=mean / mean.sum())
        return judged

    def _judge(self, glyphs: list[Glyph]) -> list[Candidate]:
        return self._asked(glyphs, lambda crops: judge(self._classifier, crops))

    def _judge_roughly(self, glyphs: list[Glyph]) -> list[Candidate]:
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
        first, *others = (self.pieces[i].stroke for i in glyph.pieces)
        stroke = median((first, *others)) if others else first
        level = self.level
        # What is more than a bare stroke is told from an edge by its shape: only the ground that it stands on counts.
        margin = WIDE_MARGIN if int(row[:NOT_A_DIGIT].argmax()) == 1 else NARROW_MARGIN
        flatness = 1.0 if self._even else ground_flatness(level, glyph.box, margin)
        return Candidate(self._to_frame(glyph.box), crop, row, glyph.contrast, stroke, level.scale, flatness)

    def _to_frame(self, box: Box) -> Box:
        scale = self.level.scale
        left, top = max(0, int(box.x / scale)), max(0, int(box.y / scale))
        right = min(self._size[0], max(left + 1, round((box.x + box.width) / scale)))
        bottom = min(self._size[1], max(top + 1, round((box.y + box.height) / scale)))
        return Box(left, top, max(1, right - left), max(1, bottom - top))

    def _take_joins(self, singles: dict[int, Candidate], joins: list[Join], judged: list[Candidate]) -> Chosen:
        """Believe a join that is surer than each of its parts, or sure of another digit; the surest first."""
        chosen: Chosen = {(i,): c for i, c in singles.items()}
        used: set[int] = set()
        for join, candidate in sorted(zip(joins, judged, strict=True), key=lambda jc: -jc[1].confidence):
            own = [singles[i] for i in join.pieces if i in singles]
            # A 9 without its foot is a sure 0; but a digit that stays what it is has only dust beside it.
            parts = [c.confidence if c.digit == candidate.digit else min(c.confidence, SURE) for c in own]
            needed = SURE if join.stacked else max(0.7, *parts) if parts else 0.7
            if candidate.confidence < needed or used & set(join.pieces) or part_enclosing(own)[1]:
                continue
            used |= set(join.pieces)
            for i in join.pieces:
                chosen.pop((i,), None)
            chosen[join.pieces] = candidate
        return chosen


def _is_overgrown(box: Box, usual: float) -> bool:
    """Whether a shape is so much larger than the digits, ``usual`` pixels high, that it may be one and more."""
    return OVERGROWN[0] * usual < max(box.width, box.height) < OVERGROWN[1] * usual


def finest(pyramid: Pyramid, reader_of: Callable[[InkLevel], LevelReader]) -> LevelReader:
    """Who reads the finest level: without the blur against the paper's grain where the writing is small."""
    reader = reader_of(pyramid.fine())
    height = reader.usual_height()
    if not 0 < height < SMALL_PX:
        return reader
    return reader_of(pyramid.fine(blurred=False, closed=height >= TINY_PX))
