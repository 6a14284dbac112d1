"""Frame -> ink: how much darker (or lighter, on a blackboard) than the paper each pixel is, and which pixels are ink.

The paper's brightness is estimated by a grey closing at low resolution (the largest value that a window fits under):
unlike a local mean it follows shadows and gradients without dark halos beside their edges and is not pulled down by the
ink itself. Dividing by it undoes the light; what remains is the ink's depth. A fixed window hollows out strokes wider
than itself, so the same step runs on a pyramid: a stroke of 2 px is found on the finest level, one of 160 px on a
coarser one, at a sixteenth of the cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from digitrec.results import Image

_CELL = 8
"""Side of a cell of the low-resolution background, level pixels."""

_WINDOW = 7
"""Side of the closing's window, cells: strokes up to about (7 - 1) * 8 = 48 level px are ink, wider are paper."""

_REACH = 11
"""Side of the window over which the darkest ink sets the threshold, quarter-resolution pixels."""

_SHARE = 0.42
"""Ink begins at this share of the depth of the darkest ink around: half would thin anti-aliased strokes."""

_NOISE_FACTOR = 4.0
"""And at this many standard deviations of the sensor's noise."""

_LEAST_DEPTH = 22
"""And at this depth (0-255): fainter pencil drowns in the paper's own texture."""

SPECKLED = 0.05
"""Share of neighbours in a row that differ, above which a mask is looked at for noise: dense writing has 0.03."""

LARGE_PX = 400
"""From this side up, gaps of up to two pixels are closed: chalk and pencil leave them, and touching digits are cut."""

_BLACK = 10
"""Added to both sides of the division: near black the ratio of two noises would be ink."""


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
    """

    depth: Image
    mask: Image
    scale: float
    noise: float
    paper: Image
    coarse: bool = False


def darkness_channel(image: Image, light_on_dark: bool) -> Image:
    """The single channel in which ink is dark: uint8 (H, W).

    On paper the least of the three channels, so that a red, green or yellow marker is dark whatever its grey value; on
    a blackboard the inverted greatest.
    """
    if image.ndim == 2:
        return np.asarray(cv2.bitwise_not(image), np.uint8) if light_on_dark else image
    blue, green, red = cv2.split(image)
    if light_on_dark:
        return np.asarray(cv2.bitwise_not(cv2.max(cv2.max(blue, green), red)), np.uint8)
    return np.asarray(cv2.min(cv2.min(blue, green), red), np.uint8)


def is_light_on_dark(grey: Image) -> bool:
    """True where the writing is lighter than its ground (blackboard, dark screen).

    Compares how far thin structures deviate from the local median to either side: loops and gaps between strokes are
    paper, so they do not count as light writing.
    """
    # A sparse grid is enough, at a fraction of the cost: noise averages out in what follows.
    step = max(1, max(grey.shape) // 512)
    sparse = np.ascontiguousarray(grey[::step, ::step])
    factor = max(1.0, max(sparse.shape) / 192)
    size = max(1, round(sparse.shape[1] / factor)), max(1, round(sparse.shape[0] / factor))
    small = np.asarray(cv2.resize(sparse, size, interpolation=cv2.INTER_AREA), np.uint8)
    median = np.asarray(cv2.medianBlur(small, 19), np.int16)
    difference = median - small
    margin = 12
    dark = float(np.maximum(difference - margin, 0).sum())
    light = float(np.maximum(-difference - margin, 0).sum())
    return light > 1.5 * dark


def ink_level(channel: Image, scale: float, coarse: bool = False) -> InkLevel:
    """Ink of one level.

    Args:
        channel: uint8 (h, w) in which ink is dark, at the level's resolution.
        scale: level pixels per frame pixel.
        coarse: there is a finer level.
    """
    smooth = np.asarray(cv2.blur(channel, (3, 3)) if not coarse and min(channel.shape) > 64 else channel, np.uint8)
    low = paper_brightness(smooth)
    height, width = smooth.shape
    paper = np.asarray(cv2.resize(low, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    lifted, ground = (np.asarray(cv2.convertScaleAbs(c, beta=_BLACK), np.uint8) for c in (smooth, paper))
    depth = np.asarray(cv2.bitwise_not(cv2.divide(lifted, ground, scale=255)), np.uint8)
    noise = _noise(depth)
    mask = _without_specks(np.asarray(cv2.compare(depth, _threshold(depth, noise), cv2.CMP_GT), np.uint8))
    if not coarse and min(mask.shape) >= LARGE_PX:
        mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)
    return InkLevel(depth, mask, scale, noise, low, coarse)


def _without_specks(mask: Image) -> Image:
    """Open a mask that is mostly noise: tens of thousands of contours would cost more than all the rest."""
    rows = mask[::8]
    changes = np.count_nonzero(rows[:, 1:] != rows[:, :-1])
    if changes < SPECKLED * rows.size:
        return mask
    opened = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)), np.uint8)
    # Strokes survive an opening by 2 px, single pixels do not.
    return opened if cv2.countNonZero(opened) < 0.6 * cv2.countNonZero(mask) else mask


def paper_brightness(channel: Image) -> Image:
    """The paper's brightness under the ink, at least 1: uint8, one value a cell of ``_CELL`` pixels or less."""
    height, width = channel.shape
    # Small pictures hold one digit whose stroke may be a fifth of the side: keep the window wide against them.
    cell = min(_CELL, max(1, max(height, width) // 40))
    size = max(1, width // cell), max(1, height // cell)
    low = np.asarray(cv2.resize(channel, size, interpolation=cv2.INTER_AREA), np.uint8)
    window = np.ones((_WINDOW, _WINDOW), np.uint8)
    margin = _WINDOW // 2 + 1
    padded = _continue_past_border(low, margin)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, window)
    # One cell of caution: beside a hard shadow the bright side would otherwise darken the shadow's rim into ink.
    cautious = cv2.erode(closed, np.ones((3, 3), np.uint8))[margin:-margin, margin:-margin]
    return np.maximum(cautious, 1).astype(np.uint8)


def _continue_past_border(low: Image, margin: int) -> Image:
    """Pad by going on as the picture ends: a closing that only repeats the rim takes vignetting for ink."""
    pad = ((margin, margin), (margin, margin))
    wide = low.astype(np.int16)
    padded = np.pad(wide, pad, "reflect", reflect_type="odd") if min(low.shape) > margin else np.pad(wide, pad, "edge")
    return np.clip(padded, 0, 255).astype(np.uint8)


def _threshold(depth: Image, noise: float) -> Image:
    """Depth at which ink begins, per pixel: a share of the darkest ink around, but above the noise."""
    floor = max(_LEAST_DEPTH, _NOISE_FACTOR * noise)
    height, width = depth.shape
    size = max(1, width // 4), max(1, height // 4)
    low = cv2.resize(depth, size, interpolation=cv2.INTER_AREA)
    around = cv2.dilate(low, np.ones((_REACH, _REACH), np.uint8))
    level = np.maximum(cv2.convertScaleAbs(around, alpha=_SHARE), np.uint8(min(floor, 255)))
    return np.asarray(cv2.resize(level, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _noise(depth: Image) -> float:
    """Standard deviation of bare paper, from the median difference of neighbours (robust to ink)."""
    sample = depth[::4, ::4].astype(np.int16)
    if sample.shape[1] < 2:
        return 0.0
    difference = np.abs(depth[::4, 2::4][:, : sample.shape[1] - 1].astype(np.int16) - sample[:, :-1])
    return float(np.median(difference)) * 1.05
