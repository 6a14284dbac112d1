"""Touching digits: proposals to cut one piece of ink into several glyphs, and the path that explains the ink best.

Heuristic over-segmentation after LeCun, Bottou, Bengio and Haffner (1998, section VI): propose more cuts than can be
right, let the network judge the parts, and keep the best path through them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations, product

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.glyphs import Glyph, Piece
from digitrec.normalise import tight_box
from digitrec.results import Box, Image
from digitrec.seams import MAX_CUTS, Seams, find_seams

LEAST_HEIGHT_PX = 12
"""Ink that is cut is at least so high on its level, ..."""

LEAST_WIDTH = 0.8
"""... at least this share of its height wide, ..."""

LEAST_LENGTH = 1.85
"""... drawn with a line of at least so many times its height ..."""

LEAST_WINDING = 1.5
"""... and of its width, ..."""

BROADEST_STROKE = 0.32
"""... which is no broader than this share of its height: what is less is the edge of a thing, or a blot."""

TALLEST_PX = 80
"""Taller ink is cut at this height."""

CROSSING = 0.25
"""A cut that goes through so many strokes may have gone through one that both its neighbours own."""

LEAST_PART = 0.35
"""A part is at least this share of the whole's height."""

FLAT = 0.12
"""The rest of a rule is at most so high, as a share of the whole's height."""

REST = 0.5
"""The rest of a rule is explained as well as by a part with this probability."""

DEEPER = (140, 190, 230)
"""Depths of ink, of 255, at which a piece may fall apart."""

WIDEST = 1.35
"""A part is at most this many times wider than the whole is high."""

NARROWEST = 0.10
"""And at least this wide: a thin upright 1."""

_SOLID = 96

_Cutter = Callable[[], tuple[int, Image]]
"""Cuts a part out: its left edge in the whole, and its ink."""


@dataclass(frozen=True, slots=True)
class Part:
    """The ink between two cuts.

    Attributes:
        first: index of the cut on its left.
        last: index of the cut on its right.
        share: of the whole's ink, 0-1.
        glyph: what the network is asked; None: the rest of a rule, too flat for a digit.
    """

    first: int
    last: int
    share: float
    glyph: Glyph | None


@dataclass(frozen=True, slots=True)
class Cuts:
    """One way to cut a piece; its parts are made when they are asked for.

    Attributes:
        piece: its index.
        last: index of the last cut: a path runs from 0 to it.
        spans: (first, last, how to cut it out) of each part.
        whole: its glyph.
    """

    piece: int
    last: int
    spans: tuple[tuple[int, int, _Cutter], ...]
    whole: Glyph

    def ends(self) -> list[Part]:
        """The parts at its left and right end: where none of them is a digit, the others need not be asked."""
        return self._make(at_end=True)

    def middle(self) -> list[Part]:
        """The other parts."""
        return self._make(at_end=False)

    def _make(self, *, at_end: bool) -> list[Part]:
        parts = []
        amount = max(1, _amount(self.whole.ink))
        for first, last, cut in self.spans:
            if (first == 0 or last == self.last) == at_end:
                left, ink = cut()
                part = _part(self, (first, last, _amount(ink) / amount), left, ink)
                if part is not None:
                    parts.append(part)
        return parts


def propose_cuts(piece: Piece, index: int, glyph: Glyph) -> list[Cuts]:
    """Ways to cut a piece that may be several digits; none where it cannot be."""
    if not _may_be_several(piece):
        return []
    small = _shrunk(glyph)
    stroke = piece.stroke * small.ink.shape[0] / glyph.ink.shape[0]
    found = (_cuts_along_seams(stroke, index, small), _cuts_by_depth(index, small))
    return [cuts for cuts in found if cuts is not None]


def _shrunk(glyph: Glyph) -> Glyph:
    """The same with its ink at most ``TALLEST_PX`` high: the network sees 20 pixels of it."""
    height, width = glyph.ink.shape
    if height <= TALLEST_PX:
        return glyph
    size = max(1, round(width * TALLEST_PX / height)), TALLEST_PX
    return replace(glyph, ink=np.asarray(cv2.resize(glyph.ink, size, interpolation=cv2.INTER_AREA), np.uint8))


def _may_be_several(piece: Piece) -> bool:
    """Whether the ink is as long and as thin as that of two digits: most clutter is not."""
    height, width = piece.box.height, piece.box.width
    if height < LEAST_HEIGHT_PX or width < LEAST_WIDTH * height:
        return False
    length = piece.area / piece.stroke
    winds = length >= LEAST_LENGTH * height and length >= LEAST_WINDING * width
    return winds and piece.stroke <= BROADEST_STROKE * height


def _cuts_along_seams(stroke: float, index: int, glyph: Glyph) -> Cuts | None:
    """Cut where the writing, upright, is lowest and thinnest."""
    seams = find_seams(glyph.ink, stroke)
    if seams is None:
        return None
    last = len(seams.places) - 1
    spans = []
    for a, b in combinations(range(last + 1), 2):
        wide = seams.places[b] - seams.places[a]
        if (a, b) == (0, last) or not NARROWEST <= wide <= WIDEST:
            continue
        over = round(stroke)
        for before, after in product(_beyond(seams.crossed[a], over), _beyond(seams.crossed[b], over)):
            spans.append((a, b, partial(_between, glyph.ink, seams, (a, b), (before, after))))
    return Cuts(index, last, tuple(spans), glyph)


def _beyond(crossed: float, stroke: int) -> tuple[int, ...]:
    """How far beyond a cut its part may reach: digits that touch may share a stroke."""
    return (0, stroke) if crossed > CROSSING else (0,)


def _between(ink: Image, seams: Seams, span: tuple[int, int], over: tuple[int, int]) -> tuple[int, Image]:
    """The ink between two seams, or up to ``over`` beyond each, in pixels; and its left edge."""
    starts, ends = seams.paths[span[0]] - over[0], seams.paths[span[1]] + over[1]
    left, right = max(0, int(starts.min())), min(ink.shape[1], int(ends.max()))
    if right <= left:
        return 0, ink[:, :0]
    across = np.arange(left, right)
    inside = (across >= starts[:, None]) & (across < ends[:, None])
    return left, ink[:, left:right] * inside


def _cuts_by_depth(index: int, glyph: Glyph) -> Cuts | None:
    """Cut where the ink is faint: small writing in a blurred picture is joined by its haze alone."""
    height = glyph.ink.shape[0]
    for level in DEEPER:
        count, labels, stats, _ = cv2.connectedComponentsWithStats((glyph.ink > level).astype(np.uint8), connectivity=8)
        large = [i for i in range(1, count) if stats[i, cv2.CC_STAT_HEIGHT] >= LEAST_PART * height]
        if 2 <= len(large) <= MAX_CUTS:
            break
    else:
        return None
    large.sort(key=lambda i: stats[i, cv2.CC_STAT_LEFT] + stats[i, cv2.CC_STAT_WIDTH] / 2)
    place = np.full(count, -1, np.intp)
    place[large] = np.arange(len(large))
    order = _spread(place[labels])
    spans = [
        (a, b, partial(_ordered, glyph.ink, order, a, b))
        for a in range(len(large))
        for b in range(a + 1, min(a + 3, len(large) + 1))
    ]
    return Cuts(index, len(large), tuple(spans), glyph)


def _spread(places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Give each pixel of -1 the place of the nearest other."""
    cores = places >= 0
    _, nearest = cv2.distanceTransformWithLabels(
        (~cores).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_CCOMP
    )
    name = np.zeros(int(nearest.max()) + 1, np.intp)
    name[nearest[cores]] = places[cores]
    return np.asarray(name[nearest])


def _ordered(ink: Image, order: NDArray[np.intp], a: int, b: int) -> tuple[int, Image]:
    return 0, ink * ((order >= a) & (order < b))


def _part(cuts: Cuts, place: tuple[int, int, float], left: int, ink: Image) -> Part | None:
    """A part, by (first, last, share), as the network takes it; None where it is too small for one and no flat rest."""
    whole, height = cuts.whole, cuts.whole.ink.shape[0]
    outer = tight_box(ink, level=1)
    if outer is None:
        return Part(*place, None)
    x, y, wide, high = outer
    ink = _main_ink(ink[y : y + high, x : x + wide])
    box = tight_box(ink)
    if box is None or box[3] <= FLAT * height:
        return Part(*place, None)
    if box[3] < LEAST_PART * height:
        return None
    own_box = _enlarged(Box(left + x + box[0], y + box[1], box[2], box[3]), whole)
    own = ink[box[1] : box[1] + box[3], box[0] : box[0] + box[2]]
    return Part(*place, Glyph(own_box, own, (cuts.piece,), whole.contrast))


def _enlarged(box: Box, whole: Glyph) -> Box:
    """From the pixels of the whole's ink to those of its level."""
    down, across = whole.box.height / whole.ink.shape[0], whole.box.width / whole.ink.shape[1]
    left, top = int(box.x * across), int(box.y * down)
    right = min(whole.box.width, max(left + 1, round((box.x + box.width) * across)))
    bottom = min(whole.box.height, max(top + 1, round((box.y + box.height) * down)))
    return Box(whole.box.x + left, whole.box.y + top, right - left, bottom - top)


def _amount(ink: Image) -> int:
    return int(np.count_nonzero(ink > _SOLID))


def _main_ink(part: Image) -> Image:
    """Remove what a cut left behind of the neighbour: connected ink of less than a tenth of the whole."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((part > 64).astype(np.uint8), connectivity=8)
    if count <= 2:
        return part
    areas = stats[1:, cv2.CC_STAT_AREA]
    small = np.zeros(count, bool)
    small[1:] = areas < 0.1 * areas.sum()
    return part * ~small[labels] if small.any() else part


def best_path(last: int, parts: Sequence[Part], log_p: Sequence[float]) -> tuple[float, list[int]] | None:
    """The sequence of parts from the first cut to the last whose ink is explained best.

    Args:
        last: index of the last cut.
        parts: the proposals.
        log_p: log-probability of the likeliest digit of each; not asked for the rests of rules.

    Returns:
        The mean log-probability weighted by ink, and the indices of the parts, the rests of rules left out; None
        where no path exists.
    """
    steps = []
    for i, (part, p) in enumerate(zip(parts, log_p, strict=True)):
        rest = part.glyph is None
        steps.append((part, part.share * (math.log(REST) if rest else p), [] if rest else [i]))
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    for part, gain, taken in sorted(steps, key=lambda step: step[0].last):
        before = best.get(part.first)
        if before is not None and (part.last not in best or before[0] + gain > best[part.last][0]):
            best[part.last] = before[0] + gain, before[1] + taken
    return best.get(last)
