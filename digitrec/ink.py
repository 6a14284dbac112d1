"""Frame -> ink: how much darker (or lighter, on a blackboard) than the paper each pixel is, and which pixels are ink.

Dividing by the paper's brightness (``paper.py``) undoes the light; what remains is the ink's depth. A fixed window
hollows out strokes wider than itself, so the same step runs on a pyramid: a stroke of 2 px is found on the finest
level, one of 160 px on a coarser one, at a sixteenth of the cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from digitrec.paper import BLACK, paper_brightness, reduced, sharpen_edges
from digitrec.results import Image
from digitrec.scratch import Scratch
from digitrec.tint import make_neutral

_REACH = 11
"""Side of the window over which the darkest ink sets the threshold, quarter-resolution pixels."""

INK_SHARE = 0.42
"""Ink begins at this share of the depth of the darkest ink around: half would thin anti-aliased strokes."""

NOISE_FACTOR = 4.0
"""And at this many standard deviations of the sensor's noise."""

_NOISE_ROWS = 12
"""Every so many rows of a large picture tell its noise."""

_GRAINY = 4.0
"""From this on a large picture's noise is measured between pixels further apart."""

LEAST_DEPTH = 22
"""And at this depth (0-255): fainter pencil drowns in the paper's own texture."""

_LEAST_DARKER = 5
"""And so many grey values darker than its ground (0-255): in near black two of them are a fifth of its light."""

SPECKLED = 0.05
"""Share of neighbours in a row that differ, above which a mask is looked at for noise: dense writing has 0.03."""

_SPECK_PX = 4
"""What is smaller is not even a fragment of a digit."""

RIM_PX, RIM_SHARE = 3, 0.6
"""Up to so many lines of pixels along the picture's rim are a rule where so much of each is ink; more are a table, or a
broad pen's, ..."""

LEAST_RIMMED_PX = 40
"""... and in a smaller picture the digit may fill it."""

NEAR_PX, NEAR_SMOOTH_PX = 21, 5
"""Among shadows as narrow as strokes paper is the brightest ink of so many pixels around can leave; its grain is evened
over so many."""

LARGE_PX = 400
"""From this side up, gaps of up to two pixels are closed: chalk and pencil leave them, and touching digits are cut."""

_SQUARE = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class InkLevel:
    """One level of the pyramid.

    Attributes:
        depth: uint8 (h, w): 0 paper, 255 the blackest ink.
        mask: uint8 (h, w): 255 ink, 0 paper.
        scale: level pixels per frame pixel, at most 1.
        noise: standard deviation of ``depth`` on bare paper.
        paper: uint8, the brightness of the ground under the ink, at low resolution.
        coarse: there is a finer level.
        speckled: noise or a texture rather than writing, as far as the mask tells.
    """

    depth: Image
    mask: Image
    scale: float
    noise: float
    paper: Image
    coarse: bool = False
    speckled: bool = False


@dataclass(frozen=True, slots=True)
class InkLook:
    """How ink is told from paper.

    Attributes:
        blurred: a little, against the paper's grain.
        closed: gaps of up to two pixels, in a large picture.
        near: the paper's brightness is told by what is very near, in a large picture: strokes of up to some 20 pixels
            are ink, and no shadow that is broader.
        least_depth: at which ink begins, 0-255, where there is no darker ink around and no noise.
        least_darker: so many grey values, 0-255, ink is darker than its ground.
    """

    blurred: bool = True
    closed: bool = True
    near: bool = False
    least_depth: int = LEAST_DEPTH
    least_darker: int = _LEAST_DARKER

    @property
    def dark_floor(self) -> Image:
        """uint8 (256,): for each brightness of the ground the depth of what is ``least_darker``."""
        return _dark_floor(self.least_darker)


@lru_cache(maxsize=4)
def _dark_floor(darker: int) -> Image:
    return np.asarray(np.minimum(255 * darker / (np.arange(256) + BLACK), 255), np.uint8)


USUAL = InkLook()


def planes_of(image: Image, scratch: Scratch) -> list[Image]:
    """The channels of uint8 (H, W, 3) in ``scratch``'s arrays; of (H, W) the picture itself."""
    if image.ndim == 2:
        return [image]
    planes = [scratch.array(name, image.shape[:2]) for name in ("blue", "green", "red")]
    cv2.split(image, planes)
    return planes


def darkness_channel(planes: Sequence[Image], light_on_dark: bool, tinted: bool = False) -> Image:
    """The single channel in which ink is dark: uint8 (H, W).

    On paper the least of the three channels, so that a red, green or yellow marker is dark whatever its grey value; on
    a blackboard the inverted greatest.

    Args:
        planes: the channels, three or one; of three the first is overwritten with the answer.
        light_on_dark: the writing is lighter than its ground.
        tinted: so is the paper: its channels, of three, are made alike first, all overwritten.
    """
    if tinted:
        if light_on_dark:
            for plane in planes:
                cv2.bitwise_not(plane, dst=plane)
        make_neutral(planes)
        return darkness_channel(planes, light_on_dark=False)
    first, *others = planes
    for plane in others:
        (cv2.max if light_on_dark else cv2.min)(first, plane, dst=first)
    return np.asarray(cv2.bitwise_not(first), np.uint8) if light_on_dark else first


def ink_level(
    channel: Image,
    scale: float,
    coarse: bool = False,
    scratch: Scratch | None = None,
    look: InkLook = USUAL,
) -> InkLevel:
    """Ink of one level.

    Args:
        channel: uint8 (h, w) in which ink is dark, at the level's resolution.
        scale: level pixels per frame pixel.
        coarse: there is a finer level.
        scratch: lends the arrays for what lies between.
        look: how ink is told from paper.
    """
    scratch = scratch or Scratch()
    smooth = channel
    if look.blurred and not coarse and min(channel.shape) > 64:
        smooth = np.asarray(cv2.blur(channel, (3, 3), dst=scratch.array("smooth", channel.shape)), np.uint8)
    low = paper_brightness(smooth, coarse)
    near = look.near and min(channel.shape) >= LARGE_PX
    depth = _depth_near(smooth) if near else _depth(smooth, low, scratch)
    noise = _noise(depth)
    floor = max(look.least_depth, NOISE_FACTOR * noise)
    threshold = _threshold(depth, floor, np.asarray(cv2.LUT(low, look.dark_floor), np.uint8), scratch)
    mask = np.asarray(cv2.compare(depth, threshold, cv2.CMP_GT), np.uint8)
    speckled = is_speckled(mask)
    if speckled:
        mask = _without_specks(mask)
    if look.closed and not coarse and min(mask.shape) >= LARGE_PX:
        grown = cv2.dilate(mask, _SQUARE, dst=scratch.array("grown", mask.shape))
        mask = np.asarray(cv2.erode(grown, _SQUARE, dst=mask), np.uint8)
    clear_rim(mask)
    return InkLevel(depth, mask, scale, noise, low, coarse, speckled)


def clear_rim(mask: Image) -> None:
    """Clear rules along the picture's rim, in place: a digit on the edge of a form that was cut out has no such foot.

    Args:
        mask: uint8 (h, w), 255 ink.
    """
    if min(mask.shape) < LEAST_RIMMED_PX:
        return
    rows, columns = mask.shape
    for at in (range(rows), range(rows - 1, -1, -1)):
        for row in at[: _full(mask[i : i + 1] for i in at[: RIM_PX + 1])]:
            mask[row] = 0
    for at in (range(columns), range(columns - 1, -1, -1)):
        for column in at[: _full(mask[:, i : i + 1] for i in at[: RIM_PX + 1])]:
            mask[:, column] = 0


def _full(lines: Iterable[Image]) -> int:
    """How many of the first lines are full of ink; none where all of them are."""
    for count, line in enumerate(lines):
        if cv2.countNonZero(line) < RIM_SHARE * line.size:
            return count
    return 0


def _depth(smooth: Image, low: Image, scratch: Scratch) -> Image:
    """How much of the paper's light is missing: 255 * (paper - ink) / (paper + BLACK)."""
    size = smooth.shape[1], smooth.shape[0]
    # Both sums of the division end at 255, so brighter paper is as bright as that.
    paper = cv2.resize(np.minimum(low, np.uint8(255 - BLACK)), size, dst=scratch.array("paper", smooth.shape))
    sharpen_edges(np.asarray(paper, np.uint8), smooth, low)
    ground = np.add(paper, np.uint8(BLACK), out=scratch.array("ground", smooth.shape))
    missing = cv2.subtract(paper, smooth, dst=paper)
    return np.asarray(cv2.divide(missing, ground, scale=255), np.uint8)


def _depth_near(smooth: Image) -> Image:
    """Like ``_depth``, with paper that a grey closing at full resolution leaves, which keeps a shadow's edges."""
    closed = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, np.ones((NEAR_PX, NEAR_PX), np.uint8))
    paper = np.minimum(cv2.blur(closed, (NEAR_SMOOTH_PX, NEAR_SMOOTH_PX)), np.uint8(255 - BLACK))
    return np.asarray(cv2.divide(cv2.subtract(paper, smooth), paper + np.uint8(BLACK), scale=255), np.uint8)


def is_speckled(mask: Image) -> bool:
    """Whether a mask, uint8 (h, w), looks like noise or a texture rather than writing."""
    rows = mask[::8]
    return bool(np.count_nonzero(rows[:, 1:] != rows[:, :-1]) >= SPECKLED * rows.size)


def _without_specks(mask: Image) -> Image:
    """Clear a mask that is mostly noise: tens of thousands of contours would cost more than all the rest."""
    opened = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)), np.uint8)
    # Strokes survive an opening by 2 px, single pixels do not.
    cleared = opened if cv2.countNonZero(opened) < 0.6 * cv2.countNonZero(mask) else mask
    _, labels, stats, _ = cv2.connectedComponentsWithStats(cleared, connectivity=8)
    sides = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    kept = np.where(sides >= _SPECK_PX, np.uint8(255), np.uint8(0))
    kept[0] = 0  # the paper
    return np.asarray(kept[labels], np.uint8)


def _threshold(depth: Image, floor: float, dark: Image, scratch: Scratch) -> Image:
    """Depth at which ink begins, per pixel: a share of the darkest ink around, but at least ``floor``.

    Nor is it less than ``dark``, uint8 at a low resolution.
    """
    height, width = depth.shape
    low = reduced(depth, (max(1, width // 4), max(1, height // 4)))
    around = cv2.dilate(low, np.ones((_REACH, _REACH), np.uint8))
    level = np.maximum(cv2.convertScaleAbs(around, alpha=INK_SHARE), np.uint8(min(floor, 255)))
    if cv2.minMaxLoc(dark)[1] > floor:
        level = np.maximum(level, cv2.resize(dark, level.shape[::-1]))
    return np.asarray(cv2.resize(level, (width, height), dst=scratch.array("threshold", depth.shape)), np.uint8)


def _noise(depth: Image) -> float:
    """Standard deviation of bare paper, from the median difference of neighbours (robust to ink)."""
    large = len(depth) >= LARGE_PX
    rows = depth[:: _NOISE_ROWS if large else 4]
    noise = _difference(rows, 2)
    # Near pixels share a camera's grain, and the blur; in a small picture what differs is rather a printed ground.
    return _difference(rows, 4) if large and noise >= _GRAINY else noise


def _difference(rows: Image, apart: int) -> float:
    """The standard deviation that the median difference of pixels so far apart in a row tells."""
    sample = np.ascontiguousarray(rows[:, ::4])
    beside = np.ascontiguousarray(rows[:, apart::4])
    width = min(sample.shape[1] - 1, beside.shape[1])
    if width < 1:
        return 0.0
    difference = cv2.absdiff(np.ascontiguousarray(sample[:, :width]), np.ascontiguousarray(beside[:, :width]))
    up_to = np.cumsum(np.bincount(difference.ravel(), minlength=256))
    middle = [int(np.searchsorted(up_to, rank, side="right")) for rank in ((up_to[-1] - 1) // 2, up_to[-1] // 2)]
    return sum(middle) / 2 * 1.05
