"""Spec -> picture with truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitrec.results import Box, Image
from digitrec.training.scenes.bank import GlyphBank
from digitrec.training.scenes.camera import Matrix, expose, homography, light_field, project, warp
from digitrec.training.scenes.desk import messy_desk
from digitrec.training.scenes.fields import Field
from digitrec.training.scenes.marks import draw_finger, draw_pen
from digitrec.training.scenes.page import Page, page_size, write_page
from digitrec.training.scenes.paper import desk
from digitrec.training.scenes.spec import CameraSpec, SceneSpec


@dataclass(frozen=True, slots=True)
class TrueDigit:
    """A digit that can be read in the picture: its box tight around the ink, its number, its identity on the page."""

    box: Box
    digit: int
    number: int
    id: int


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture and what is true about it.

    Attributes:
        image: uint8 (H, W, 3) BGR.
        digits: all that are wholly in view.
        texts: number id -> text, of numbers all of whose digits are in ``digits``.
        clutter: boxes of marks that are no digits.
        ignored: boxes of digits cut by the frame or partly covered: neither to be read nor to be missed.
    """

    image: Image
    digits: tuple[TrueDigit, ...]
    texts: dict[int, str]
    clutter: tuple[Box, ...]
    ignored: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stays the same from frame to frame: the light of every 4th pixel, the desk, which way corners are pulled."""

    light: Field
    desk: Image | None
    corners: NDArray[np.float64]


def surround(spec: SceneSpec, rng: np.random.Generator) -> Surroundings:
    """Light, desk and viewpoint of ``spec``."""
    table = desk(spec.desk, spec.size, rng) if spec.sheet is not None else None
    return Surroundings(light_field(spec.camera, spec.size, rng), table, rng.uniform(-1, 1, (4, 2)))


def render(spec: SceneSpec, bank: GlyphBank, rng: np.random.Generator) -> Scene:
    """Write, lay out and photograph one scene; the same ``rng`` state gives the same picture."""
    page = messy_desk(page_size(spec), spec.desk, rng) if spec.messy else write_page(spec, bank, rng)
    around = surround(spec, rng)
    return photograph(page, spec.camera, spec.size, around, rng)


def photograph(
    page: Page, camera: CameraSpec, size: tuple[int, int], around: Surroundings, rng: np.random.Generator
) -> Scene:
    """``page`` through ``camera`` in a frame of ``size`` (width, height)."""
    matrix = homography(camera, (page.image.shape[1], page.image.shape[0]), size, around.corners)
    image = warp(page.image, matrix, size, around.desk)
    _draw_things(image, page, matrix)
    image = expose(image, camera, around.light, rng)
    digits, clutter, cut = [], [], []
    for index, mark in enumerate(page.marks):
        box = _box(project(matrix, mark.points))
        inside = box.x >= 0 and box.y >= 0 and box.x + box.width <= size[0] and box.y + box.height <= size[1]
        if mark.digit is None:
            clutter.append(box)
        elif inside:
            digits.append(TrueDigit(box, mark.digit, mark.number, index))
        else:
            cut.append((box, mark.number))
    partial = {number for _, number in cut}
    seen = {digit.number for digit in digits} - partial
    texts = {number: text for number, text in page.texts.items() if number in seen}
    return Scene(image, tuple(digits), texts, tuple(clutter), tuple(box for box, _ in cut))


def _box(points: NDArray[np.float64]) -> Box:
    """Tight box of points that are corners of pixels."""
    low, high = points.min(0), points.max(0)
    x, y = round(float(low[0])), round(float(low[1]))
    return Box(x, y, max(1, round(float(high[0])) - x), max(1, round(float(high[1])) - y))


def _draw_things(image: Image, page: Page, matrix: Matrix) -> None:
    for thing in page.things:
        tip, end = project(matrix, np.stack([thing.tip, thing.end])).astype(np.float32)
        scale = float(np.hypot(*(end - tip)) / max(1.0, float(np.hypot(*(thing.end - thing.tip)))))
        draw = draw_finger if thing.finger else draw_pen
        draw(image, tip, end, thing.radius * scale, thing.color)
