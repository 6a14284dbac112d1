"""A glyph picture -> the cover of its ink at any height, in any stroke width and tool."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.results import Image
from digitrec.training.scenes.fields import Field, grain, smooth
from digitrec.training.scenes.spec import InkSpec


@dataclass(frozen=True, slots=True)
class Pose:
    """How one glyph is set down: height in pixels, width factor, shear, turn; stroke width over height."""

    height_px: float
    aspect: float = 1.0
    slant: float = 0.0
    rotate_deg: float = 0.0
    stroke: float = 0.09


@dataclass(frozen=True, slots=True)
class Inked:
    """Cover of the ink, float32 (h, w) 0-1, and the convex hull of the ink, float32 (N, 2) x, y in its pixels."""

    cover: Field
    hull: NDArray[np.float32]


def ink_glyph(glyph: Image, pose: Pose, spec: InkSpec, rng: np.random.Generator) -> Inked:
    """Write ``glyph`` (uint8, bright on black) with ``spec``'s tool."""
    work_px = float(np.clip(pose.height_px, 36, 112))
    distance = _distance_field(glyph, pose, work_px)
    stroke = pose.stroke * work_px
    distance = distance + np.float32(0.22 * spec.pressure * stroke) * smooth(rng, _shape(distance), (3, 3))
    scale = pose.height_px / work_px
    shape = max(3, round(distance.shape[0] * scale)), max(3, round(distance.shape[1] * scale))
    distance = np.asarray(
        cv2.resize(distance, shape[::-1], interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA), np.float32
    )
    distance *= scale
    stroke_px = max(1.0, pose.stroke * pose.height_px)
    shape_cover = _soft(distance)
    for _ in range(spec.retrace - 1):
        shape_cover = np.maximum(shape_cover, _soft(_nudge(distance, 0.5 * stroke_px, rng)))
    hull = _hull(shape_cover > 0.4)
    return Inked(_shade(shape_cover, distance, stroke_px, spec, rng), hull)


def _shape(field: Field) -> tuple[int, int]:
    return field.shape[0], field.shape[1]


def _soft(distance: Field) -> Field:
    """Cover from signed distance in pixels (negative inside): an edge one pixel wide."""
    return np.asarray(np.clip(0.5 - distance, 0, 1), np.float32)


def _distance_field(glyph: Image, pose: Pose, work_px: float) -> Field:
    """Signed distance to the outline (negative inside) with the wanted stroke width, at ``work_px`` height."""
    mask, wanted = _upright_mask(glyph, pose, work_px), pose.stroke * work_px
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    width = 4 * float(inside[mask > 0].mean()) if mask.any() else 1.0  # a bar's distances average a quarter of it
    soft = max(0.8, 0.012 * work_px)
    if wanted < 0.95 * width:
        # A finer pen follows the middle line: plain erosion would cut the thin parts through.
        line = skeleton(mask)
        width = max(wanted, 2 * float(np.median(inside[line > 0]))) if line.any() else wanted
        _lengthen(line, width / 2, (width - wanted) / 2)
        signed = cv2.distanceTransform(1 - line, cv2.DIST_L2, 5) - wanted / 2
        core = 0.66 * width  # reached only inside blobs: a 6 whose eye is filled would come out as a bare hook
        if (inside > core).any():
            blobs = cv2.distanceTransform(np.asarray(inside <= core, np.uint8), cv2.DIST_L2, 5)
            signed = np.minimum(signed, blobs - (core - (width - wanted) / 2))
        return np.asarray(cv2.GaussianBlur(signed, (0, 0), soft), np.float32)
    outside = cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5)
    signed = np.asarray(cv2.GaussianBlur(outside - inside, (0, 0), soft), np.float32)
    return signed - np.float32(_keep_holes(signed, (wanted - width) / 2))


def _lengthen(line: Image, look_px: float, by_px: float) -> None:
    """Draw the ends of a middle line on by ``by_px``, in place: thinning took off half a stroke width there.

    Without it nearly closed loops gape. The direction of an end is that of its last ``look_px``.
    """
    around = cv2.filter2D(line, cv2.CV_8U, np.ones((3, 3), np.float32), borderType=cv2.BORDER_CONSTANT)
    points = np.argwhere(line)[:, ::-1]
    for end in np.argwhere((line > 0) & (around == 2))[:, ::-1]:
        away = np.hypot(*(points - end).T)
        back = end - points[(away > 0) & (away <= max(3.0, look_px))].mean(axis=0)
        tip = np.rint(end + back / max(0.1, float(np.hypot(*back))) * by_px).astype(int)
        cv2.line(line, (int(end[0]), int(end[1])), (int(tip[0]), int(tip[1])), 1, 1)


@lru_cache(maxsize=1)
def _thinning_tables() -> tuple[Image, Image]:
    """For each code of a pixel's eight neighbours, 1 where Zhang and Suen (1984) take it off, for both half-steps."""
    tables = np.zeros((2, 256), np.uint8)
    for code in range(256):
        p = [code >> bit & 1 for bit in range(8)]  # clockwise from above
        rises = sum(p[i] == 0 and p[(i + 1) % 8] == 1 for i in range(8))
        if 2 <= sum(p) <= 6 and rises == 1:
            tables[0, code] = p[0] * p[2] * p[4] == 0 and p[2] * p[4] * p[6] == 0
            tables[1, code] = p[0] * p[2] * p[6] == 0 and p[0] * p[4] * p[6] == 0
    return tables[0], tables[1]


_NEIGHBOURS = np.array([[128, 1, 2], [64, 0, 4], [32, 16, 8]], np.float32)


def skeleton(mask: Image) -> Image:
    """The middle line of ``mask``, uint8 0/1 with an empty border, one pixel wide."""
    thin = mask.copy()
    while True:
        before = int(thin.sum())
        for table in _thinning_tables():
            code = cv2.filter2D(thin, cv2.CV_8U, _NEIGHBOURS, borderType=cv2.BORDER_CONSTANT)
            thin &= 1 - table[code]
        if int(thin.sum()) == before:
            return thin


def _keep_holes(signed: Field, offset: float) -> float:
    """The part of ``offset`` by which ink may grow without closing an 8's or a 6's eye."""
    holes = cv2.connectedComponents(np.asarray(signed > 0, np.uint8), connectivity=4)[0]
    for _ in range(4):
        if cv2.connectedComponents(np.asarray(signed > offset + 0.7, np.uint8), connectivity=4)[0] >= holes:
            break
        offset *= 0.6
    return offset


def _upright_mask(glyph: Image, pose: Pose, work_px: float) -> Image:
    """The glyph scaled, sheared and turned, uint8 0/1, with a margin of half its height around."""
    peak = max(1, int(glyph.max()))
    x, y, w, h = cv2.boundingRect(np.asarray(glyph > 0.4 * peak, np.uint8))
    # Wide symbols (minus, arrows) keep their size relative to digits: the longer side counts.
    scale = work_px / max(h, 0.85 * w, 4)
    c, s = np.cos(np.radians(pose.rotate_deg)), np.sin(np.radians(pose.rotate_deg))
    shear = np.array([[pose.aspect, -pose.slant], [0.0, 1.0]])
    linear = scale * np.array([[c, -s], [s, c]]) @ shear
    extent = np.abs(linear) @ np.array([w, h])
    margin = 0.3 * work_px + 2
    size = int(extent[0] + 2 * margin), int(extent[1] + 2 * margin)
    offset = np.array(size) / 2 - linear @ np.array([x + (w - 1) / 2, y + (h - 1) / 2])
    warp = np.column_stack([linear, offset])
    grown = cv2.warpAffine(glyph, warp, size, flags=cv2.INTER_CUBIC)
    grown = cv2.GaussianBlur(grown, (0, 0), max(0.5, 0.42 * scale))  # the staircase of a 16-pixel source
    return _whole(np.asarray(grown, np.uint8), peak)


def _whole(grown: Image, peak: int) -> Image:
    """Ink from grey, at the highest threshold that leaves no stroke cut in two: MNIST's fine strokes are faint."""
    masks = [np.asarray(grown > share * peak, np.uint8) for share in (0.42, 0.3, 0.2)]
    fewest = cv2.connectedComponents(masks[-1])[0]
    return next(mask for mask in masks if mask is masks[-1] or cv2.connectedComponents(mask)[0] <= fewest)


def _nudge(distance: Field, reach_px: float, rng: np.random.Generator) -> Field:
    """The same outline drawn again by an unsteady hand."""
    h, w = _shape(distance)
    grid_x, grid_y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    wander_x, wander_y = smooth(rng, (h, w), (2, 2)) * reach_px, smooth(rng, (h, w), (2, 2)) * reach_px
    moved = cv2.remap(distance, grid_x + wander_x, grid_y + wander_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


def _hull(inked: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Convex hull from the outermost pixels of each row; its corners are pixel corners, so boxes come out tight."""
    rows = np.flatnonzero(inked.any(axis=1))
    if len(rows) == 0:
        return np.zeros((1, 2), np.float32)
    first = inked[rows].argmax(axis=1)
    last = inked.shape[1] - inked[rows][:, ::-1].argmax(axis=1)
    points = np.concatenate([np.column_stack([x, rows + dy]) for x in (first, last) for dy in (0, 1)])
    return np.asarray(cv2.convexHull(points.astype(np.float32))[:, 0], np.float32)


def _shade(cover: Field, distance: Field, stroke_px: float, spec: InkSpec, rng: np.random.Generator) -> Field:
    """Cover with the tool's grain, edges and pressure."""
    shape = _shape(cover)
    flow = 1 - np.float32(0.35 * spec.pressure) * (1 + smooth(rng, shape, (4, 4)))
    if spec.tool in ("pencil", "chalk"):
        # Rough strokes: ink catches on the paper's grain, less towards the edge.
        tooth = grain(rng, shape, float(rng.uniform(0.6, 1.4)))
        depth = np.clip(-distance / (0.5 * stroke_px), 0, 1)
        level = (0.55 if spec.tool == "pencil" else 0.35) + 0.5 * depth
        flow = flow * np.clip(level + np.float32(0.28) * tooth, 0.08, 1.1)
    elif spec.tool == "marker":
        flow = np.maximum(flow, 0.8) + 0.1 * np.clip(1 + distance / 2, 0, 1)
    elif spec.tool == "brush":
        flow = flow * (0.55 + 0.3 * smooth(rng, shape, (6, 6))) + 0.35 * np.clip(1 + distance / 3, 0, 1)
    elif spec.tool == "ballpoint":
        flow = flow * np.clip(0.95 + 0.1 * grain(rng, shape, 1.0), 0.3, 1)
    return np.asarray(cover * np.clip(flow, 0.05, 1) * np.float32(spec.contrast), np.float32)


def apply_ink(page: Image, cover: Field, at: tuple[int, int], color: tuple[int, int, int]) -> None:
    """Lay ``cover`` (h, w) in ``color`` on ``page`` with its corner at ``at`` (x, y); what lies outside is cut."""
    x0, y0 = max(at[0], 0), max(at[1], 0)
    x1, y1 = min(at[0] + cover.shape[1], page.shape[1]), min(at[1] + cover.shape[0], page.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    part = cover[y0 - at[1] : y1 - at[1], x0 - at[0] : x1 - at[0], None]
    region = page[y0:y1, x0:x1].astype(np.float32)
    region += (np.array(color, np.float32) - region) * part
    page[y0:y1, x0:x1] = np.rint(region)
