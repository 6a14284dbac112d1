"""What lies on a page and is no digit: doodles, crossings-out, specks, stains, pens, fingers."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.results import Image
from digitrec.training.scenes.fields import Field, smooth
from digitrec.training.scenes.ink import apply_ink
from digitrec.training.scenes.layout import Region
from digitrec.training.scenes.spec import Color, InkSpec

Points = NDArray[np.floating[Any]]


def curve(rng: np.random.Generator, box: Region, knots: int) -> Points:
    """A smooth random line within ``box``: float32 (N, 2)."""
    x, y, w, h = box
    rough = (rng.uniform(0, 1, (1, knots, 2)) * (w, h)).astype(np.float32)
    fine = cv2.resize(rough, (knots * 14, 1), interpolation=cv2.INTER_CUBIC)[0]
    return np.asarray(fine + np.array([x, y], np.float32), np.float32)


def doodle(rng: np.random.Generator, box: Region) -> list[Points]:
    """Strokes of one doodle in ``box``: loop, zigzag, arrow, ellipse, shape, hatching, wave, tick, star."""
    x, y, w, h = box
    unit = np.array([w, h], np.float32)
    kind = int(rng.integers(9))
    parts: list[NDArray[np.float64] | Points]
    if kind == 0:
        parts = [curve(rng, box, int(rng.integers(3, 9)))]
    elif kind == 1:
        n = int(rng.integers(5, 14))
        parts = [np.column_stack([np.linspace(0, 1, n), np.arange(n) % 2 * rng.uniform(0.3, 1)]) * unit + (x, y)]
    elif kind == 2:
        head = np.array([[0.75, 0.2], [1, 0.5], [0.75, 0.8]])
        parts = [np.array([[0, 0.5], [1, 0.5]]) * unit + (x, y), head * unit + (x, y)]
    elif kind == 3:
        turn = np.linspace(0, 2 * np.pi * rng.uniform(0.9, 2.4), 60)
        wobble = 1 + 0.06 * np.sin(3 * turn + rng.uniform(0, 6))
        parts = [(np.column_stack([np.cos(turn), np.sin(turn)]) * wobble[:, None] + 1) / 2 * unit + (x, y)]
    elif kind == 4:
        n = int(rng.integers(3, 6))
        turn = np.arange(n + 1) * 2 * np.pi / n + rng.uniform(0, 6)
        parts = [(np.column_stack([np.cos(turn), np.sin(turn)]) + 1) / 2 * unit + (x, y)]
    elif kind == 5:
        n = int(rng.integers(4, 9))
        t = np.linspace(0, 0.8, n)
        ends = np.stack([np.column_stack([t, t * 0 + 1]), np.column_stack([t + 0.2, t * 0])], 1)
        parts = [e * unit + (x, y) for e in ends]
    elif kind == 6:
        t = np.linspace(0, 1, 50)
        parts = [np.column_stack([t, 0.5 + 0.4 * np.sin(t * rng.uniform(8, 40))]) * unit + (x, y)]
    elif kind == 7:
        parts = [np.array([[0, 0.6], [0.35, 1], [1, 0]]) * unit + (x, y)]
    else:
        turn = np.arange(6) * 4 * np.pi / 5 - np.pi / 2
        parts = [(np.column_stack([np.cos(turn), np.sin(turn)]) + 1) / 2 * unit + (x, y)]
    shake = max(0.5, 0.012 * max(w, h))
    return [np.asarray(p + rng.normal(0, shake, p.shape) * (len(p) < 20), np.float32) for p in parts]


def crossing(rng: np.random.Generator, box: Region) -> list[Points]:
    """Strokes that cross out what stands in ``box``."""
    x, y, w, h = box
    if rng.random() < 0.4:  # one or two firm lines
        ends = [(0.3, 0.7), (0.7, 0.3)][: int(rng.integers(1, 3))]
        return [np.array([[x - 0.1 * w, y + a * h], [x + 1.1 * w, y + b * h]], np.float32) for a, b in ends]
    n = int(rng.integers(8, 18))
    t = np.linspace(-0.05, 1.05, n)
    zigzag = np.column_stack([x + t * w, y + h * (np.arange(n) % 2 * 0.9 + 0.05)])
    return [np.asarray(zigzag + rng.normal(0, 0.06 * h, zigzag.shape), np.float32)]


def draw_strokes(page: Image, strokes: list[Points], width_px: float, ink: InkSpec, rng: np.random.Generator) -> Points:
    """Ink ``strokes`` in place; all their points, float32 (N, 2)."""
    points = np.concatenate(strokes)
    low = np.floor(points.min(0) - width_px - 2).astype(int)
    high = np.ceil(points.max(0) + width_px + 2).astype(int)
    layer = np.zeros((int(high[1] - low[1]), int(high[0] - low[0])), np.uint8)
    for stroke in strokes:
        shifted = [np.rint((stroke - low) * 16).astype(np.int32)]
        cv2.polylines(layer, shifted, False, 255, max(1, round(width_px)), cv2.LINE_AA, 4)
    shape = layer.shape[0], layer.shape[1]
    flow = np.clip(0.85 + 0.2 * smooth(rng, shape, (5, 5)), 0.3, 1) * ink.contrast / 255
    apply_ink(page, np.asarray(layer * flow, np.float32), (int(low[0]), int(low[1])), ink.color)
    return np.asarray(points, np.float32)


def specks(page: Image, count: int, color: Color, rng: np.random.Generator) -> None:
    """Dust and dots of ink, in place."""
    h, w = page.shape[:2]
    for _ in range(count):
        at = int(rng.integers(w)), int(rng.integers(h))
        axes = int(rng.integers(1, 4)), int(rng.integers(1, 4))
        shade = tuple(int(v) for v in page[at[1], at[0]] * 0.5 + np.array(color) * 0.5)
        cv2.ellipse(page, at, axes, float(rng.uniform(0, 180)), 0, 360, shade, -1, cv2.LINE_AA)


def stain(page: Image, rng: np.random.Generator) -> Points:
    """A coffee ring, in place; points on it."""
    h, w = page.shape[:2]
    radius = float(rng.uniform(0.08, 0.2) * h)
    centre = np.array([rng.uniform(0, w), rng.uniform(0, h)])
    low = np.maximum(np.floor(centre - 1.2 * radius), 0).astype(int)
    high = np.minimum(np.ceil(centre + 1.2 * radius), (w, h)).astype(int)
    y, x = np.mgrid[low[1] : high[1], low[0] : high[0]].astype(np.float32)
    away = np.hypot(x - np.float32(centre[0]), y - np.float32(centre[1])) / np.float32(radius)
    away = away + 0.03 * smooth(rng, (away.shape[0], away.shape[1]), (6, 6))
    patchy = 0.6 + 0.4 * smooth(rng, (away.shape[0], away.shape[1]), (4, 4))
    cover = np.clip(1 - np.abs(away - 0.97) / 0.05, 0, 1) * 0.45 * patchy + 0.08 * (away < 0.97)
    apply_ink(page, np.asarray(np.clip(cover, 0, 1), np.float32), (int(low[0]), int(low[1])), (60, 105, 150))
    return np.array([low, high], np.float32)


def capsule(shape: tuple[int, int], a: Points, b: Points, radii: tuple[float, float]) -> tuple[Field, Field]:
    """Signed distance (negative inside) to a round-ended bar from ``a`` to ``b``, and the place across it, -1 to 1."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    along = (b - a).astype(np.float32)
    length = float(np.hypot(*along)) or 1.0
    t = ((x - a[0]) * along[0] + (y - a[1]) * along[1]) / length**2
    near = np.clip(t, 0, 1)
    away = np.hypot(x - a[0] - near * along[0], y - a[1] - near * along[1])
    radius = radii[0] + (radii[1] - radii[0]) * near
    across = ((x - a[0]) * along[1] - (y - a[1]) * along[0]) / (length * radius)
    return np.asarray(away - radius, np.float32), np.asarray(np.clip(across, -1, 1), np.float32)


def draw_pen(image: Image, a: Points, b: Points, radius: float, color: Color) -> None:
    """A pen from tip ``a`` to end ``b``, with its shadow, in place."""
    low, high, inside = _window(image, a, b, 3 * radius)
    if not inside:
        return
    view = image[low[1] : high[1], low[0] : high[0]]
    shape = view.shape[0], view.shape[1]
    start, end = (a - low).astype(np.float32), (b - low).astype(np.float32)
    neck = start + (end - start) * np.float32(0.1)
    shadow, _ = capsule(shape, start + np.float32(radius * 0.8), end + np.float32(radius * 0.8), (radius, radius))
    apply_ink(view, np.asarray(0.45 * np.clip(0.5 - shadow / radius, 0, 1), np.float32), (0, 0), (20, 20, 20))
    for first, last, radii, tone in (
        (start, neck, (0.15 * radius, radius), (70, 80, 90)),
        (neck, end, (radius, radius), color),
    ):
        body, across = capsule(shape, first, last, radii)
        cover = np.asarray(np.clip(0.5 - body, 0, 1), np.float32)
        apply_ink(view, cover, (0, 0), tone)
        shine = np.clip(1 - np.abs(across + 0.4) / 0.35, 0, 1) * 0.5
        apply_ink(view, np.asarray(cover * shine, np.float32), (0, 0), (245, 245, 245))


def draw_finger(image: Image, a: Points, b: Points, radius: float, skin: Color) -> None:
    """A finger from tip ``a`` to ``b``, round-shaded, with its shadow, in place."""
    low, high, inside = _window(image, a, b, 2.5 * radius)
    if not inside:
        return
    view = image[low[1] : high[1], low[0] : high[0]]
    shape = view.shape[0], view.shape[1]
    start, end = (a - low).astype(np.float32), (b - low).astype(np.float32)
    body, across = capsule(shape, start, end, (0.85 * radius, radius))
    shadow, _ = capsule(shape, start + np.float32(0.3 * radius), end + np.float32(0.3 * radius), (radius, radius))
    apply_ink(view, np.asarray(0.5 * np.clip(0.5 - shadow / (0.5 * radius), 0, 1), np.float32), (0, 0), (20, 20, 25))
    cover = np.asarray(np.clip(0.5 - body / 1.5, 0, 1), np.float32)
    apply_ink(view, cover, (0, 0), skin)
    apply_ink(view, np.asarray(cover * across**2 * 0.45, np.float32), (0, 0), (30, 40, 80))
    # A nail near the tip, and the folds over the joints.
    nail, _ = capsule(
        shape, start, start + (end - start) * np.float32(0.5 * radius / _length(start, end)), (0.5 * radius,) * 2
    )
    apply_ink(view, np.asarray(cover * np.clip(0.5 - nail / 2, 0, 1) * 0.45, np.float32), (0, 0), (205, 210, 240))
    along = _along(shape, start, end)
    for joint in (2.3, 2.6, 5.2, 5.5):
        fold = np.exp(-(((along - joint * radius) / (0.06 * radius)) ** 2)) * (1 - across**2)
        apply_ink(view, np.asarray(cover * fold * 0.16, np.float32), (0, 0), (40, 60, 110))


def _length(a: Points, b: Points) -> float:
    return max(1.0, float(np.hypot(*(b - a))))


def _along(shape: tuple[int, int], a: Points, b: Points) -> Field:
    """How far each pixel lies from ``a`` towards ``b``, pixels."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    direction = (b - a) / _length(a, b)
    return np.asarray((x - a[0]) * direction[0] + (y - a[1]) * direction[1], np.float32)


def _window(image: Image, a: Points, b: Points, margin: float) -> tuple[Points, Points, bool]:
    """The part of the picture that a bar from ``a`` to ``b`` touches; whether there is one."""
    h, w = image.shape[:2]
    low = np.maximum(np.floor(np.minimum(a, b) - margin), 0).astype(int)
    high = np.minimum(np.ceil(np.maximum(a, b) + margin), (w, h)).astype(int)
    return low, high, bool((high - low > 2).all())
