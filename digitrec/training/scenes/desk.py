"""A messy desk without a single digit on it: sheets, notes, a mug, coins, a cable, a keyboard, clips, pens."""

from __future__ import annotations

import cv2
import numpy as np

from digitrec.results import Image
from digitrec.training.scenes.ink import apply_ink
from digitrec.training.scenes.marks import Points, curve
from digitrec.training.scenes.page import Page
from digitrec.training.scenes.paper import choose_print, desk, draw_print
from digitrec.training.scenes.scatter import Thing
from digitrec.training.scenes.spec import Color


def messy_desk(size: tuple[int, int], color: Color, rng: np.random.Generator) -> Page:
    """A desk of ``size`` (width, height) as a page without marks."""
    image = desk(color, size, rng)
    w, h = size
    for _ in range(4):
        middle = rng.uniform(0.1, 0.9, 2) * size
        white = int(rng.integers(205, 245))
        _sheet(image, middle, rng.uniform(0.2, 0.4, 2) * h, float(rng.uniform(0, 90)), (white - 4, white, white), rng)
    for tone in ((120, 225, 250), (190, 235, 160)):
        _sheet(image, rng.uniform(0.1, 0.9, 2) * size, np.full(2, 0.13 * h), float(rng.uniform(0, 90)), tone, rng)
    _keyboard(image, np.array([0.06 * w, 0.66 * h]), 0.05 * h)
    _mug(image, np.array([0.82 * w, 0.25 * h]), 0.13 * h)
    for _ in range(3):
        _coin(image, rng.uniform(0.15, 0.85, 2) * size, 0.025 * h)
    for _ in range(2):
        _clip(image, rng.uniform(0.15, 0.85, 2) * size, 0.05 * h, float(rng.uniform(0, 180)))
    cable = curve(rng, (0, 0.1 * h, w, 0.5 * h), 6)
    _stroke(image, cable + np.float32(4), 0.018 * h, (15, 15, 15), 0.4)
    _stroke(image, cable, 0.014 * h, (35, 35, 35), 1.0)
    return Page(image, (), {}, _pens(size, rng))


def _pens(size: tuple[int, int], rng: np.random.Generator) -> tuple[Thing, ...]:
    things = []
    colors: tuple[Color, ...] = ((150, 60, 30), (40, 40, 190), (60, 190, 230))
    for color in colors:
        tip, angle = rng.uniform(0.2, 0.8, 2) * size, rng.uniform(0, 2 * np.pi)
        end = tip + np.array([np.cos(angle), np.sin(angle)]) * 0.45 * size[1]
        things.append(Thing(tip.astype(np.float32), end.astype(np.float32), 0.012 * size[1], color, finger=False))
    return tuple(things)


def _layer(image: Image) -> Image:
    return np.zeros(image.shape[:2], np.uint8)


def _lay(image: Image, layer: Image, color: Color, cover: float) -> None:
    x, y, w, h = cv2.boundingRect(layer)
    part = np.asarray(layer[y : y + h, x : x + w], np.float32) * np.float32(cover / 255)
    apply_ink(image, part, (x, y), color)


def _shade(image: Image, layer: Image, shift: int) -> None:
    """The soft shadow that a thing of shape ``layer`` casts."""
    x, y, w, h = cv2.boundingRect(layer)
    part = np.pad(layer[y : y + h, x : x + w], 3 * shift)
    soft = np.asarray(cv2.GaussianBlur(part, (0, 0), max(1.0, shift * 0.8)), np.float32) * np.float32(0.5 / 255)
    apply_ink(image, soft, (x - 2 * shift, y - 2 * shift), (12, 12, 14))


def _stroke(image: Image, points: Points, width: float, color: Color, cover: float) -> None:
    layer = _layer(image)
    cv2.polylines(layer, [np.rint(points * 16).astype(np.int32)], False, 255, max(1, round(width)), cv2.LINE_AA, 4)
    _lay(image, layer, color, cover)


def _sheet(
    image: Image, middle: Points, sides: Points, turn_deg: float, color: Color, rng: np.random.Generator
) -> None:
    """A sheet or a sticky note; some carry a line of print."""
    layer = _layer(image)
    box = cv2.boxPoints((tuple(middle.tolist()), tuple(sides.tolist()), turn_deg))
    cv2.fillConvexPoly(layer, np.rint(box * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    _shade(image, layer, 6)
    _lay(image, layer, color, 1.0)
    if rng.random() < 0.7:
        x, y = middle - sides * 0.25
        draw_print(image, choose_print(float(rng.uniform(9, 16)), rng), (float(x), float(y)), (80, 80, 80))


def _keyboard(image: Image, corner: Points, key: float) -> None:
    """Dark keys in rows, without letters."""
    x0, y0 = corner
    body = _layer(image)
    cv2.rectangle(body, (round(x0), round(y0)), (round(x0 + 11.5 * key), round(y0 + 4.6 * key)), 255, -1)
    _shade(image, body, 8)
    _lay(image, body, (50, 50, 52), 1.0)
    keys = _layer(image)
    for row in range(4):
        for column in range(10):
            x, y = x0 + (0.3 + column + 0.25 * row) * 1.08 * key, y0 + (0.25 + 1.08 * row) * key
            cv2.rectangle(keys, (round(x), round(y)), (round(x + 0.85 * key), round(y + 0.85 * key)), 255, -1)
    _lay(image, keys, (78, 78, 80), 1.0)


def _mug(image: Image, middle: Points, radius: float) -> None:
    x, y = (round(float(v)) for v in middle)
    body = _layer(image)
    cv2.circle(body, (x, y), round(radius), 255, -1, cv2.LINE_AA)
    handle = (x + round(1.15 * radius), y)
    cv2.ellipse(body, handle, (round(0.4 * radius), round(0.3 * radius)), 0, 0, 360, 255, round(0.14 * radius))
    _shade(image, body, 14)
    _lay(image, body, (215, 225, 230), 1.0)
    cv2.circle(image, (x, y), round(0.85 * radius), (30, 45, 70), -1, cv2.LINE_AA)
    cv2.circle(image, (x - round(0.2 * radius), y - round(0.2 * radius)), round(0.4 * radius), (45, 66, 98), -1)


def _coin(image: Image, middle: Points, radius: float) -> None:
    x, y = (round(float(v)) for v in middle)
    body = _layer(image)
    cv2.circle(body, (x, y), round(radius), 255, -1, cv2.LINE_AA)
    _shade(image, body, 3)
    _lay(image, body, (95, 150, 185), 1.0)
    cv2.circle(image, (x, y), round(0.85 * radius), (70, 120, 155), 1, cv2.LINE_AA)


def _clip(image: Image, middle: Points, length: float, turn_deg: float) -> None:
    """A paper clip: three nested bends of wire."""
    c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    bends = []
    for share, start in ((1.0, 0.0), (0.8, 0.15), (0.6, 0.1)):
        t = np.linspace(0, np.pi, 12)
        arc = np.column_stack([start + share - 0.15 + 0.15 * np.sin(t), 0.15 * np.cos(t)])
        bends += [np.array([[start, 0.15]]), arc, np.array([[start, -0.15]])]
    path = np.concatenate(bends) * length @ np.array([[c, s], [-s, c]]) + middle
    _stroke(image, np.asarray(path, np.float32), max(1.5, 0.05 * length), (150, 150, 155), 1.0)
