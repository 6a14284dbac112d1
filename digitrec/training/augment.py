"""Random changes that leave a digit the same digit, and pictures that are no digits made from digits.

Affine and elastic distortion after Simard, Steinkraus and Platt (2003); the stroke is made thinner or thicker by a
blur and a new threshold. Everything ends in ``normalise``, so that the network sees what the camera's crops look like.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.normalise import SIDE, centre_by_mass, normalise
from digitrec.results import NOT_A_DIGIT, Image
from digitrec.training.data import Samples

_CANVAS = 56
"""Distortion works at twice the size, so that thin strokes survive it."""


@dataclass(frozen=True, slots=True)
class Strength:
    """How far the changes go: standard deviations but where a range is said.

    Attributes:
        rotation_deg: rotation.
        shear: horizontal shear, as the tangent.
        aspect: relative change of width against height.
        elastic_px: displacement of the elastic grid's nodes, in 28x28 pixels.
        stroke: half the range of the stroke's new threshold, 0-0.5.
        shift_px: largest whole-pixel shift at the end.
    """

    rotation_deg: float = 7.0
    shear: float = 0.12
    aspect: float = 0.10
    elastic_px: float = 0.55
    stroke: float = 0.3
    shift_px: int = 1


MILD = Strength(rotation_deg=3.0, shear=0.05, aspect=0.05, elastic_px=0.3, stroke=0.12)
"""For crops that the camera has varied already."""


TIDY = 0.5
"""Share of the pictures that are changed only mildly, so that the tidy ones of the public sets stay in sight."""


def augment(samples: Samples, strength: Strength, rng: np.random.Generator) -> Samples:
    """A changed copy of every picture."""
    mild = rng.random(len(samples)) < TIDY
    x = [change(p, MILD if m else strength, rng) for p, m in zip(samples.x, mild, strict=True)]
    return Samples(np.stack(x), samples.y)


AS_IT_IS = 0.25
"""Share of the copies that are not changed: what is read later was never warped or drawn anew either."""

SAME_STROKE = 0.3
"""Share of the warped copies whose stroke is not drawn anew."""


def change(picture: Image, strength: Strength, rng: np.random.Generator) -> Image:
    """One changed copy: uint8 (28, 28) -> uint8 (28, 28)."""
    if rng.random() < AS_IT_IS:
        return picture
    drawn = _warp(picture, strength, rng)
    if rng.random() >= SAME_STROKE:
        drawn = restroke(drawn, (-strength.stroke, strength.stroke), rng.uniform(0.6, 1.8), rng)
    out = normalise(drawn)
    if rng.random() < 0.5:
        out = _soften(out, rng)
    if strength.shift_px and rng.random() < 0.5:
        dx, dy = rng.integers(-strength.shift_px, strength.shift_px + 1, 2)
        out = np.roll(out, (dy, dx), (0, 1))
    return out


def _warp(picture: Image, strength: Strength, rng: np.random.Generator) -> Image:
    angle = np.deg2rad(rng.normal(0, strength.rotation_deg))
    stretch = np.exp(rng.normal(0, strength.aspect))
    shear = rng.normal(0, strength.shear)
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.array([[cos, -sin], [sin, cos]]) @ np.array([[1, shear], [0, 1]]) @ np.diag([stretch, 1 / stretch])
    # Output pixel -> input pixel, about both middles; the canvas holds the digit at 40 px with room to turn.
    grid = _GRID @ (np.linalg.inv(matrix).T * (SIDE / _CANVAS * 1.15))
    nodes = rng.normal(0, strength.elastic_px * rng.random() * 2, (4, 4, 2)).astype(np.float32)
    bend = cv2.resize(nodes, (_CANVAS, _CANVAS), interpolation=cv2.INTER_CUBIC)
    x, y = cv2.split((grid.reshape(_CANVAS, _CANVAS, 2) + (SIDE - 1) / 2 + bend).astype(np.float32))
    return np.asarray(cv2.remap(picture, x, y, cv2.INTER_LINEAR), np.uint8)


def restroke(picture: Image, amount: tuple[float, float], sigma: float, rng: np.random.Generator) -> Image:
    """Thinner or thicker ink: blur, then a soft threshold at another level than half.

    Args:
        picture: bright ink on black.
        amount: range of the new threshold about the old one, 0-1.
        sigma: of the blur, pixels.
        rng: seeded generator.
    """
    blurred = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)
    ink = blurred[picture > 96]
    if ink.size == 0:
        return picture
    # The blur lowers thin strokes most: a level above what most of the ink keeps would break the digit apart.
    rank = ink.size * 15 // 100
    kept = float(np.partition(ink, rank)[rank]) / 255
    level, softness = 0.42 + rng.uniform(*amount), rng.uniform(0.08, 0.35)
    level = max(min(level, 0.9 * kept), 0.5 * softness)  # bare paper stays bare
    ramp = np.clip((blurred / np.float32(255) - level) / softness + 0.5, 0, 1)
    return (ramp * 255).astype(np.uint8)


def _soften(picture: Image, rng: np.random.Generator) -> Image:
    """Defocus and uneven ink."""
    out = picture
    if rng.random() < 0.5:
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), rng.uniform(0.3, 0.9)), np.uint8)
    if rng.random() < 0.4:
        grain = cv2.resize(rng.uniform(0.55, 1.0, (9, 9)).astype(np.float32), (SIDE, SIDE))
        out = (out * grain).astype(np.uint8)
    return np.asarray(np.clip(out * np.float32(rng.uniform(0.85, 1.15)), 0, 255), np.uint8)


def _make_grid() -> NDArray[np.float32]:
    axis = np.arange(_CANVAS, dtype=np.float32) - (_CANVAS - 1) / 2
    x, y = np.meshgrid(axis, axis)
    return np.stack([x.ravel(), y.ravel()], axis=1)


_GRID = _make_grid()


def make_rejects(digits: Samples, count: int, rng: np.random.Generator) -> Samples:
    """Pictures that are no digits: joined pairs, lines, dots, boxes, scribbles and noise.

    Args:
        digits: pictures of digits to make pairs from.
        count: how many.
        rng: seeded generator.
    """
    makers = (_pair, _pair, _pair, _turned, _turned, _turned, _line, _blob, _scribble, _corner, _texture)
    x = [makers[rng.integers(len(makers))](digits, rng) for _ in range(count)]
    return Samples(np.stack(x), np.full(count, NOT_A_DIGIT, np.int64))


def make_shape(digits: Samples, rng: np.random.Generator) -> Image:
    """One picture of something that is no writing: a line, a blot, a scribble, a box, texture."""
    makers = (_line, _blob, _scribble, _corner, _texture)
    return makers[rng.integers(len(makers))](digits, rng)


_HALF, _LEFT, _RIGHT = cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE, cv2.ROTATE_90_CLOCKWISE
_MIRRORED = -1
TURNS = {
    2: (_LEFT, _RIGHT),
    3: (_MIRRORED, _LEFT, _RIGHT),
    4: (_MIRRORED, _LEFT, _RIGHT, _HALF),
    5: (_LEFT, _RIGHT),
    6: (_MIRRORED, _LEFT, _RIGHT),
    7: (_MIRRORED, _LEFT, _RIGHT, _HALF),
    9: (_MIRRORED, _LEFT, _RIGHT),
}
"""How a digit may be turned so that it is none any more, but writing still, by many hands: an epsilon, a P, a sigma."""


def _turned(digits: Samples, rng: np.random.Generator) -> Image:
    """A digit on its side, on its head or mirrored; a pair where the one picked is a digit in every way."""
    index = int(rng.integers(len(digits)))
    turns = TURNS.get(int(digits.y[index]))
    if turns is None:
        return _pair(digits, rng)
    turn = turns[rng.integers(len(turns))]
    picture = digits.x[index]
    turned = cv2.flip(picture, 1) if turn == _MIRRORED else cv2.rotate(picture, turn)
    return change(np.asarray(turned, np.uint8), Strength(), rng)


def _pair(digits: Samples, rng: np.random.Generator) -> Image:
    """Two or three neighbours that touch, as one glyph."""
    strip = np.zeros((SIDE + 12, SIDE * 4), np.uint8)
    right = 2
    for _ in range(2 if rng.random() < 0.8 else 3):
        digit = digits.x[rng.integers(len(digits))]
        columns = np.flatnonzero((digit > 96).any(axis=0))
        ink = digit[:, columns[0] : columns[-1] + 1]
        top = int(rng.integers(0, 8))
        left = max(0, right - int(rng.integers(0, 3)))
        area = strip[top : top + SIDE, left : left + ink.shape[1]]
        np.maximum(area, ink[:, : area.shape[1]], out=area)
        right = left + ink.shape[1]
    return normalise(strip)


def _line(_: Samples, rng: np.random.Generator) -> Image:
    """A dash: what is left of a ruled line, a minus, a table's edge. Upright ones could be a 1, so none is made."""
    canvas = np.zeros((SIDE * 3, SIDE * 3), np.uint8)
    length, tilt = rng.uniform(15, 40), rng.uniform(-0.5, 0.5)
    dx, dy = length * np.cos(tilt), length * np.sin(tilt)
    ends = [(round(42 - dx), round(42 - dy)), (round(42 + dx), round(42 + dy))]
    cv2.line(canvas, ends[0], ends[1], 255, int(rng.integers(1, 14)), cv2.LINE_AA)
    return normalise(canvas)


def _blob(_: Samples, rng: np.random.Generator) -> Image:
    """A dot, a blot, a filled shape."""
    canvas = np.zeros((SIDE * 2, SIDE * 2), np.uint8)
    for _i in range(int(rng.integers(1, 4))):
        centre = rng.integers(18, 38, 2).tolist()
        axes = rng.integers(6, 16, 2).tolist()
        cv2.ellipse(canvas, centre, axes, float(rng.uniform(0, 180)), 0, 360, 255, -1, cv2.LINE_AA)
    return normalise(canvas)


def _scribble(_: Samples, rng: np.random.Generator) -> Image:
    """A tangle, a crossing-out."""
    canvas = np.zeros((SIDE * 2, SIDE * 2), np.uint8)
    points = np.cumsum(rng.normal(0, 13, (int(rng.integers(11, 24)), 2)), axis=0)
    points = (points - points.mean(0)) / (np.abs(points).max() + 1) * 20 + SIDE
    smooth = cv2.resize(
        points.astype(np.float32).reshape(1, -1, 2), (len(points) * 6, 1), interpolation=cv2.INTER_CUBIC
    )
    cv2.polylines(canvas, [smooth.reshape(-1, 1, 2).astype(np.int32)], False, 255, int(rng.integers(1, 6)), cv2.LINE_AA)
    return normalise(canvas)


def _corner(_: Samples, rng: np.random.Generator) -> Image:
    """Rectangles, crosses and grid pieces."""
    canvas = np.zeros((SIDE * 3, SIDE * 3), np.uint8)
    thickness = int(rng.integers(1, 6))
    x0, y0 = rng.integers(8, 30, 2).tolist()
    x1, y1 = rng.integers(48, 76, 2).tolist()
    if rng.random() < 0.5:
        cv2.rectangle(canvas, (x0, y0), (x1, y1), 255, thickness)
        if rng.random() < 0.5:
            cv2.line(canvas, ((x0 + x1) // 2, y0), ((x0 + x1) // 2, y1), 255, thickness)
    else:
        cx, cy = rng.integers(30, 54, 2).tolist()
        cv2.line(canvas, (x0, cy), (x1, cy), 255, thickness)
        cv2.line(canvas, (cx, y0), (cx, y1), 255, thickness)
    turn = cv2.getRotationMatrix2D((42, 42), float(rng.normal(0, 8)), 1)
    return normalise(np.asarray(cv2.warpAffine(canvas, turn, canvas.shape), np.uint8))


def _texture(_: Samples, rng: np.random.Generator) -> Image:
    """Noise, paper grain, print."""
    small = rng.random((SIDE, SIDE)).astype(np.float32)
    blurred = cv2.GaussianBlur(small, (0, 0), rng.uniform(0.5, 3))
    level = np.quantile(blurred, rng.uniform(0.4, 0.9))
    return centre_by_mass(((blurred > level) * np.uint8(255))[4:24, 4:24])
