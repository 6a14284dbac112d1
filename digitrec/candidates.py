"""Glyphs of one level -> candidates with probabilities; and which of several candidates for one place to believe."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.classifier import Classifier
from digitrec.geometry import as_array, overlap
from digitrec.glyphs import MIN_HEIGHT_PX, Glyph, Piece, draw_glyph, find_pieces
from digitrec.hypotheses import Cuts, Join, best_path, propose_cuts, propose_joins
from digitrec.ink import InkLevel
from digitrec.lines import without_lines
from digitrec.numbers import line_tilt
from digitrec.results import NOT_A_DIGIT, Box, Image

MAX_CANDIDATES = 250
"""More shapes than this in one frame is a texture, not writing: the largest are looked at."""

MAX_LINED = 120
"""So many shapes tell the tilt of the lines; more only cost time."""

LEVEL_DEG = 5.0
"""Smaller tilts are within what every hand does."""

MAX_HYPOTHESES = 150
"""Joins and cuts of one frame."""

MIN_COARSE_HEIGHT_PX = 18
"""On a coarse level smaller shapes are left to the fine one, which sees them better."""

PATH = 0.65
"""The parts of a shape that is cut have at least this probability of their digits, in the mean over their ink ..."""

PART = 0.15
"""... and each at least this: what stays below the limit is not answered, but its neighbours are."""

SURE = 0.9
"""A piece of ink that is a digit with this probability is not questioned."""

PROBED = 16
"""Of a speckled level so many of the largest shapes are looked at first, and as many of the others: if none of them is
surely a digit, none is looked for."""

THICK_STROKE_PX = 5.0
"""On the coarse level, wider strokes may be hollow on the fine level: there the coarse candidate is believed."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A glyph with what the network says of it.

    Attributes:
        box: in pixels of the frame.
        crop: uint8 (28, 28).
        probabilities: float32 (11,).
        contrast: depth of its ink, 0-255.
        stroke: width of its stroke in pixels of its level.
        scale: level pixels per frame pixel.
        flatness: the least brightness of the ground around it over the greatest, 0-1.
        digit: the likeliest of the ten digits.
        confidence: the probability of that digit, 0-1.
    """

    box: Box
    crop: Image
    probabilities: NDArray[np.float32]
    contrast: float
    stroke: float
    scale: float = 1.0
    flatness: float = 1.0
    digit: int = field(init=False)
    confidence: float = field(init=False)

    def __post_init__(self) -> None:
        # Asked for many times each: once is enough.
        object.__setattr__(self, "digit", int(self.probabilities[:NOT_A_DIGIT].argmax()))
        object.__setattr__(self, "confidence", float(self.probabilities[self.digit]))

    @property
    def stroke_px(self) -> float:
        """Width of its stroke in pixels of the frame."""
        return self.stroke / self.scale


class LevelReader:
    """Reads one level of the pyramid: singles first, then joins and cuts for what is unclear.

    Args:
        level: the ink.
        size: (width, height) of the frame, pixels.
        classifier: judges all glyphs of a batch.
        known: candidates of finer levels: what is sure there is not read again.
    """

    def __init__(
        self, level: InkLevel, size: tuple[int, int], classifier: Classifier, known: Sequence[Candidate] = ()
    ) -> None:
        pieces = find_pieces(level)
        bare = without_lines(level, pieces)
        self._level = bare
        self._size = size
        self._classifier = classifier
        self._known = as_array([c.box for c in known if c.confidence >= SURE])
        self._least_height = MIN_COARSE_HEIGHT_PX if level.coarse else MIN_HEIGHT_PX
        self.pieces = pieces if bare is level else find_pieces(bare)
        self._tilt = 0.0
        self.considered: list[tuple[Glyph, Candidate]] = []
        """Everything that was put to the network, chosen or not: training learns from it."""

    def candidates(self) -> list[Candidate]:
        """All candidates that no better explanation of the same ink replaces."""
        likely = [i for i, p in enumerate(self.pieces) if self._could_be_digit(p)][:MAX_CANDIDATES]
        if self._level.speckled and len(likely) > 2 * PROBED:
            few = likely[:PROBED] + likely[PROBED :: max(1, len(likely) // PROBED)]
            probe = self._judge([draw_glyph(self._level, self.pieces, (i,)) for i in few])
            if not any(c.confidence >= SURE for c in probe):
                return probe
            self.considered.clear()
        glyphs = [draw_glyph(self._level, self.pieces, (i,)) for i in likely]
        self._tilt = _plain_tilt([g.box for g in glyphs])
        singles = dict(zip(likely, self._judge(glyphs), strict=True))
        settled = {i for i, c in singles.items() if c.confidence >= SURE}
        loose = {i for i in self._loose() if i not in settled}
        joins = propose_joins(self._level, self.pieces, loose, settled)[:MAX_HYPOTHESES]
        unsure = ((i, g) for i, g in zip(likely, glyphs, strict=True) if i not in settled)
        proposed = (propose_cuts(self.pieces[i], i, g) for i, g in unsure)
        cuts = list(islice(chain.from_iterable(proposed), MAX_HYPOTHESES // 5))
        judged = self._judge([j.glyph for j in joins] + [g for c in cuts for g in c.glyphs])
        chosen = self._take_joins(singles, joins, judged[: len(joins)])
        return self._take_cuts(chosen, cuts, judged[len(joins) :])

    def _could_be_digit(self, piece: Piece) -> bool:
        """A cheap sieve before the network."""
        _, _, width, height = piece.box
        rows, columns = self._level.mask.shape
        if height < self._least_height or width > 8 * height or (width > 0.95 * columns and height > 0.95 * rows):
            return False
        return piece.stroke >= THICK_STROKE_PX or not self._is_known(self._to_frame(piece.box))

    def _is_known(self, box: Box) -> bool:
        if len(self._known) == 0:
            return False
        over = overlap(as_array([box]), self._known)[0] > 0.5
        return bool((over & (self._known[:, 3] > 0.6 * box.height)).any())

    def _loose(self) -> list[int]:
        """Pieces large enough to be a fragment of a digit."""
        least = self._least_height / 2
        return [i for i, p in enumerate(self.pieces[:MAX_CANDIDATES]) if max(p.box.width, p.box.height) >= least]

    def _judge(self, glyphs: list[Glyph]) -> list[Candidate]:
        if not glyphs:
            return []
        crops = np.stack([g.crop(self._tilt) for g in glyphs])
        rows = self._classifier.classify(crops)
        judged = [self._candidate(g, crop, row) for g, crop, row in zip(glyphs, crops, rows, strict=True)]
        self.considered += zip(glyphs, judged, strict=True)
        return judged

    def _candidate(self, glyph: Glyph, crop: Image, row: NDArray[np.float32]) -> Candidate:
        stroke = median(self.pieces[i].stroke for i in glyph.pieces)
        level = self._level
        flatness = ground_flatness(level, glyph.box)
        return Candidate(self._to_frame(glyph.box), crop, row, glyph.contrast, stroke, level.scale, flatness)

    def _to_frame(self, box: Box) -> Box:
        scale = self._level.scale
        left, top = max(0, int(box.x / scale)), max(0, int(box.y / scale))
        right = min(self._size[0], max(left + 1, round((box.x + box.width) / scale)))
        bottom = min(self._size[1], max(top + 1, round((box.y + box.height) / scale)))
        return Box(left, top, max(1, right - left), max(1, bottom - top))

    def _take_joins(
        self, singles: dict[int, Candidate], joins: list[Join], judged: list[Candidate]
    ) -> dict[tuple[int, ...], Candidate]:
        """Believe a join that is surer than each of its parts; the surest first."""
        chosen: dict[tuple[int, ...], Candidate] = {(i,): c for i, c in singles.items()}
        used: set[int] = set()
        for join, candidate in sorted(zip(joins, judged, strict=True), key=lambda jc: -jc[1].confidence):
            parts = [singles[i].confidence for i in join.pieces if i in singles]
            needed = SURE if join.stacked else max(0.7, *parts) if parts else 0.7
            if candidate.confidence < needed or used & set(join.pieces):
                continue
            used |= set(join.pieces)
            for i in join.pieces:
                chosen.pop((i,), None)
            chosen[join.pieces] = candidate
        return chosen

    def _take_cuts(
        self, chosen: dict[tuple[int, ...], Candidate], cuts: list[Cuts], judged: list[Candidate]
    ) -> list[Candidate]:
        """Replace a piece by the parts of its best path, where these are likelier digits than the whole."""
        start = 0
        best: dict[int, tuple[float, list[Candidate]]] = {}
        for cut in cuts:
            parts = judged[start : start + len(cut.glyphs)]
            start += len(cut.glyphs)
            path = best_path(cut, [math.log(max(p.confidence, 1e-6)) for p in parts])
            if path is None:
                continue
            taken = [parts[i] for i in path[1]]
            if _are_digits(taken) and (cut.piece not in best or path[0] > best[cut.piece][0]):
                best[cut.piece] = path[0], taken
        for piece, (score, taken) in best.items():
            whole = chosen.get((piece,))
            if whole is not None and score > math.log(max(whole.confidence, PATH)):
                del chosen[(piece,)]
                chosen |= {(piece, -1 - i): part for i, part in enumerate(taken)}
        return list(chosen.values())


def _are_digits(parts: list[Candidate]) -> bool:
    """Whether the parts of a cut shape are all digits, and more than strokes: every letter is made of strokes."""
    return all(p.confidence >= PART for p in parts) and any(p.digit != 1 and p.confidence >= PATH for p in parts)


def ground_flatness(level: InkLevel, box: Box) -> float:
    """The least brightness of the ground within half a box around ``box`` over the greatest, 0-1."""
    rows, columns = level.paper.shape
    down, across = rows / level.mask.shape[0], columns / level.mask.shape[1]
    margin = max(box.width, box.height) / 2
    x0, x1 = int(max(0, box.x - margin) * across), math.ceil((box.x + box.width + margin) * across)
    y0, y1 = int(max(0, box.y - margin) * down), math.ceil((box.y + box.height + margin) * down)
    cells = level.paper[y0 : y1 + 1, x0 : x1 + 1]
    if cells.size == 0:
        return 1.0
    least, most, _, _ = cv2.minMaxLoc(cells)
    return least / max(1.0, most)


def _plain_tilt(boxes: list[Box]) -> float:
    """The tilt of the lines of writing, radians; 0 where it is too small to matter.

    Only shapes of about the size of the larger ones are asked: specks lie along anything.
    """
    if len(boxes) < 3:
        return 0.0
    heights = sorted(b.height for b in boxes)
    usual = heights[len(heights) * 3 // 4]
    tilt = line_tilt([b for b in boxes if 0.5 * usual <= b.height <= 2 * usual and b.width <= 2 * b.height][:MAX_LINED])
    return tilt if abs(tilt) > math.radians(LEVEL_DEG) else 0.0


def merge(fine: list[Candidate], coarse: list[Candidate], least: float) -> list[Candidate]:
    """Of candidates of two levels for the same place keep one explanation.

    A thick stroke is hollow on the fine level, so there a coarse digit replaces the bits inside it; otherwise fine
    digits stay, and a coarse one only replaces what the fine level could not read.
    """
    if not fine or not coarse:
        return [*fine, *coarse]
    shared = overlap(as_array([c.box for c in coarse]), as_array([c.box for c in fine])) > 0.3
    replaced: set[int] = set()
    kept = []
    for candidate, row in zip(coarse, shared, strict=True):
        rivals = [int(i) for i in np.flatnonzero(row)]
        if not rivals or _beats(candidate, [fine[i] for i in rivals], least):
            replaced |= set(rivals)
            kept.append(candidate)
    return [c for i, c in enumerate(fine) if i not in replaced] + kept


def _beats(coarse: Candidate, rivals: list[Candidate], least: float) -> bool:
    if coarse.confidence < least:
        return False
    read = [r.confidence for r in rivals if r.confidence >= least and r.box.height > 0.4 * coarse.box.height]
    return not read or (coarse.stroke >= THICK_STROKE_PX and coarse.confidence > max(read))
