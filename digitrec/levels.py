"""One level of the pyramid -> its candidates: singles first, then joins and strings for what is unclear."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import cv2
import numpy as np

from digitrec.candidates import SURE, THICK_STROKE_PX, Candidate
from digitrec.classifier import Classifier
from digitrec.coarser import open_cells
from digitrec.context import FAINT
from digitrec.fainter import with_fainter_ink
from digitrec.geometry import Matrix, as_array, overlap
from digitrec.glyphs import MIN_HEIGHT_PX, Glyph, Piece, contrast_of, draw_glyph
from digitrec.guides import without_guides
from digitrec.ink import InkLevel
from digitrec.joining import possible_joins, take_joins
from digitrec.joins import propose_joins
from digitrec.judging import Judge
from digitrec.parts import is_room
from digitrec.probing import sample
from digitrec.results import Box, Image
from digitrec.settling import Chosen, Key, Settler
from digitrec.slashed import read_slashed
from digitrec.splitting import may_be_several
from digitrec.strings import StringReader
from digitrec.tilt import told_by_lines, told_by_shapes
from digitrec.underlines import read_above_lines

MAX_CANDIDATES = 250
"""More shapes than this in one frame is a texture, not writing: the largest are looked at ..."""

MOST_CANDIDATES, WRITING = 2500, 0.4
"""... and so many where such a share of these are plain digits: a page full of numbers."""

MAX_JOINS = 200
"""Joins of one frame, for every ``MAX_CANDIDATES`` shapes."""

MIN_COARSE_HEIGHT_PX = 18
"""On a coarse level smaller shapes are left to the fine one, which sees them better."""

OVERGROWN = (1.4, 6.0)
"""A shape of so many times the sure digits' height may be one to which something sticks: the line of a table, say."""

FEW, FEW_OF_ALL = 3, 0.3
"""Writing has a usual height where at least so many shapes are digits or strings of digits, and such a share of all: on
a desk, and in a squared sheet's lines, it has none."""

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
        self._size = size
        self._classifier = classifier
        self._strings = strings
        self._least_height = MIN_COARSE_HEIGHT_PX if level.coarse else MIN_HEIGHT_PX
        sure = [c.box for c in known if c.confidence >= SURE]
        self._others = len(sure)
        self._find_tilt = tilt is None
        self._judge = Judge(self.level, self.pieces, size, classifier)
        self._judge.tilt = tilt or 0.0
        self._first: _FirstLook | None = None
        self._known = self._find_known(sure)
        self._reach = MAX_CANDIDATES
        self._read: set[int] = set()
        self._faint: set[int] = set()
        self.is_sketch = False
        """Whether that is all that ``candidates`` gave."""
        self._faintest = 0.0

    @property
    def tilt(self) -> float:
        """Of the lines of writing, radians, once ``candidates`` has run."""
        return self._judge.tilt

    @property
    def considered(self) -> list[tuple[Glyph, Candidate]]:
        """Everything that was put to the network, chosen or not: training learns from it."""
        return self._judge.considered

    def candidates(self, sketch: bool = False) -> list[Candidate]:
        """All candidates that no better explanation of the same ink replaces.

        Args:
            sketch: of a sheet in a room each piece is taken for what it is by itself: where digits are will be looked
                at once more, and all else is no matter.
        """
        probe = self._probe() if self.level.speckled else []
        if probe and not any(c.confidence >= SURE for c in probe):
            return probe
        likely, glyphs, singles, faintest = self._first_look()
        contrasts = {i: g.contrast for i, g in zip(likely, glyphs, strict=True)}
        self.is_sketch = sketch and not self.level.coarse and is_room(singles.values(), self._size)
        chosen: Chosen = {(i,): c for i, c in singles.items()} if self.is_sketch else self._settled(contrasts)
        self._read = {i for key, c in chosen.items() if c.confidence >= SURE for i in key}
        self._faint = {i for i, contrast in contrasts.items() if contrast < faintest}
        self._faintest = faintest
        return list(chosen.values())

    def _settled(self, contrasts: dict[int, float]) -> Chosen:
        """What all pieces are, joined, in their rows, and as strings; ``contrasts``: of those that could be digits."""
        likely, glyphs, singles, faintest = self._first_look()
        settled = {i for i, c in singles.items() if c.confidence >= SURE}
        loose = {i for i in self._loose() if i not in settled}
        most = MAX_JOINS * max(1, len(likely) // MAX_CANDIDATES)
        joins = propose_joins(self.level, self.pieces, loose, settled, contrasts, faintest, most)
        judged = self._judge.judge([j.glyph for j in joins])
        possible = possible_joins(singles, zip(joins, judged, strict=True))
        chosen = take_joins(singles, possible)
        plain: dict[Key, Glyph] = {(i,): g for i, g in zip(likely, glyphs, strict=True)}
        read_slashed(chosen, {i: self.pieces[i] for i in likely}, plain, self._judge.judge)
        if self._strings is not None:
            drawn = plain | {j.pieces: j.glyph for j, c in reversed(possible) if chosen.get(j.pieces, c) is c}
            left = {j.pieces: (j, c) for j, c in reversed(possible) if j.pieces not in chosen}
            settler = Settler(self.level, self.pieces, self.tilt, self._strings, self._judge.judge, self._others)
            unsure = [i for i in likely if i not in settled and contrasts[i] >= faintest]
            settler.settle(chosen, drawn, list(left.values()), unsure, faintest)
        if self._find_tilt and not self.level.coarse:
            loose_pieces = ((i, self.pieces[i]) for i in self._loose())
            writing = {i: piece for i, piece in loose_pieces if self._could_be_digit(piece)}
            read_above_lines(chosen, writing, self.level, self.tilt, self._read_alone)
        return chosen

    def _read_alone(self, mask: Image) -> list[Candidate]:
        """What is read in some of the level's ink, uint8 (h, w), 255 ink."""
        level = replace(self.level, mask=mask)
        return LevelReader(level, self._size, self._classifier, self._strings, bare=True, tilt=self.tilt).candidates()

    def usual_height(self) -> float:
        """How high digits and strings of digits are, pixels of the level; 0 where few shapes are that, or in noise."""
        if self.level.speckled:
            return 0.0
        _, glyphs, singles, faintest = self._first_look()
        dark = [(g, c) for g, c in zip(glyphs, singles.values(), strict=True) if g.contrast >= faintest]
        heights = [g.box.height for g, c in dark if c.confidence >= SURE or may_be_several(self.pieces[g.pieces[0]])]
        return median(heights) if len(heights) >= max(FEW, FEW_OF_ALL * len(glyphs)) else 0.0

    def ink(self) -> Matrix:
        """(N, 4) boxes of all pieces, in pixels of the frame."""
        return as_array([p.box for p in self.pieces]) / self.level.scale

    def contrast(self, place: Sequence[float]) -> float:
        """The depth, 0-255, of the ink in a box, in pixels of the frame, that holds some."""
        x, y, width, height = (round(side * self.level.scale) for side in place)
        rows, columns = slice(y, y + height), slice(x, x + width)
        return contrast_of(self.level.depth[rows, columns], self.level.mask[rows, columns])

    def _likely(self) -> list[int]:
        """The pieces that could be digits, largest first."""
        return [i for i, p in enumerate(self.pieces) if self._could_be_digit(p) and i not in self._known]

    def _probe(self) -> list[Candidate]:
        """A few of very many shapes: what they are; none of fewer shapes."""
        likely = self._likely()[:MAX_CANDIDATES]
        few = sample(likely, self.pieces)
        if not few:
            return []
        probe = self._judge.judge([draw_glyph(self.level, self.pieces, (i,)) for i in few])
        self._judge.considered.clear()
        return probe

    def _first_look(self) -> _FirstLook:
        """What each piece is by itself."""
        if self._first is None:
            every = self._likely()
            likely, others = every[:MAX_CANDIDATES], every[MAX_CANDIDATES:MOST_CANDIDATES]
            glyphs = [draw_glyph(self.level, self.pieces, (i,)) for i in likely]
            if self._find_tilt:
                self._judge.tilt = told_by_lines([g.box for g in glyphs])
            singles, faintest = self._judge_singles(likely, glyphs)
            if self._find_tilt and self._turns(glyphs, singles, faintest):
                singles, faintest = self._judge_singles(likely, glyphs)
            plain = sum(c.confidence >= SURE and c.digit != 1 for c in singles.values())
            if others and plain >= WRITING * len(likely):
                more = [draw_glyph(self.level, self.pieces, (i,)) for i in others]
                singles |= self._judge_singles(others, more)[0]
                likely, glyphs = likely + others, glyphs + more
                self._reach = MOST_CANDIDATES
            self._first = likely, glyphs, singles, faintest
        return self._first

    def _judge_singles(self, likely: list[int], glyphs: list[Glyph]) -> tuple[dict[int, Candidate], float]:
        """What each piece is by itself, and the contrast below which ink is dropped in the end beside plain digits.

        What is far fainter than the darkest comes last, and is hardly looked at where there are plain digits: the
        remains of a squared sheet are more than all its writing.
        """
        darkest = max((g.contrast for g in glyphs), default=0.0)
        dark = [n for n, g in enumerate(glyphs) if g.contrast >= FAINT * darkest]
        judged = dict(zip(dark, self._judge.carefully([glyphs[n] for n in dark]), strict=True))
        plain = [c.contrast for c in judged.values() if c.confidence >= SURE and c.digit != 1]
        faintest = FAINT * max(plain, default=0.0)
        for roughly in (False, True):
            rest = [n for n, g in enumerate(glyphs) if n not in judged and (g.contrast < faintest) == roughly]
            judge_all = self._judge.roughly if roughly else self._judge.carefully
            judged |= zip(rest, judge_all([glyphs[n] for n in rest]), strict=True)
        return {i: judged[n] for n, i in enumerate(likely)}, faintest

    def _turns(self, glyphs: list[Glyph], singles: dict[int, Candidate], faintest: float) -> bool:
        """Find out whether the shapes stand tilted where their lines do not tell."""
        if self.tilt or self.level.speckled or self.level.coarse:
            return False
        asked = [(g, c) for g, c in zip(glyphs, singles.values(), strict=True) if g.contrast >= faintest]
        self._judge.tilt = told_by_shapes(asked, self._classifier)
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
        boxes, own = as_array(sure), as_array([self._judge.to_frame(self.pieces[i].box) for i in asked])
        known = (overlap(own, boxes) > 0.5) & (boxes[None, :, 3] > 0.6 * own[:, 3:])
        return {asked[int(row)] for row in np.flatnonzero(known.any(axis=1))}

    def _is_fragment(self, piece: Piece) -> bool:
        """Whether a piece is large enough for a part of a digit."""
        return max(piece.box.width, piece.box.height) >= self._least_height / 2

    def _loose(self) -> list[int]:
        """Pieces that may be parts of a digit."""
        few = enumerate(self.pieces[: self._reach])
        return [i for i, p in few if self._is_fragment(p) and i not in self._known]


def _is_overgrown(box: Box, usual: float) -> bool:
    """Whether a shape is so much larger than the digits, ``usual`` pixels high, that it may be one and more."""
    return OVERGROWN[0] * usual < max(box.width, box.height) < OVERGROWN[1] * usual
