"""What is strewn over a page around the words, and what lies on it; all of it keeps clear of digits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitrec.results import Image
from digitrec.training.scenes.bank import GlyphBank
from digitrec.training.scenes.ink import apply_ink, ink_glyph
from digitrec.training.scenes.layout import Region, overlap
from digitrec.training.scenes.marks import crossing, doodle, draw_strokes, stain
from digitrec.training.scenes.paper import blend, choose_print, draw_print
from digitrec.training.scenes.spec import Color, SceneSpec
from digitrec.training.scenes.words import Placed, make_pose

Points = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Mark:
    """One glyph or scrawl on the page.

    Attributes:
        points: outline, float32 (N, 2) x, y in page pixels.
        digit: 0-9, None for clutter.
        number: which number it is part of (clutter: -1).
    """

    points: Points
    digit: int | None = None
    number: int = -1


@dataclass(frozen=True, slots=True)
class Thing:
    """A pen or a finger lying over the page from ``tip`` to ``end`` (page pixels, may reach beyond the sheet)."""

    tip: Points
    end: Points
    radius: float
    color: Color
    finger: bool


def _free_box(
    size: tuple[int, int], wanted: tuple[float, float], taken: list[Region], rng: np.random.Generator
) -> Region | None:
    """A place for a box of ``wanted`` size that touches nothing taken."""
    for _ in range(8):
        spare = size[0] - wanted[0], size[1] - wanted[1]
        if min(spare) <= 0:
            return None
        box = (float(rng.uniform(0, spare[0])), float(rng.uniform(0, spare[1])), *wanted)
        if not any(overlap(box, other) for other in taken):
            return box
    return None


def scatter_clutter(
    image: Image, spec: SceneSpec, bank: GlyphBank, taken: list[Region], rng: np.random.Generator
) -> list[Mark]:
    """Letters, symbols, doodles, print and stains where there is room; ``taken`` grows by them."""
    size, height, marks = (image.shape[1], image.shape[0]), spec.layout.height_px, []
    for _ in range(spec.clutter.glyphs if bank.clutter else 0):
        tall = height * float(rng.uniform(0.5, 1.4))
        inked = ink_glyph(bank.pick(rng, "?"), make_pose(spec, tall, rng), spec.ink, rng)
        box = _free_box(size, (inked.cover.shape[1], inked.cover.shape[0]), taken, rng)
        if box is not None:
            at = int(box[0]), int(box[1])
            apply_ink(image, inked.cover, at, spec.ink.color)
            marks.append(Mark(inked.hull + np.array(at, np.float32)))
            taken.append(box)
    for _ in range(spec.clutter.doodles):
        wanted = float(height * rng.uniform(0.5, 4)), float(height * rng.uniform(0.4, 2.5))
        box = _free_box(size, wanted, taken, rng)
        if box is not None:
            width = spec.ink.stroke * height * float(rng.uniform(0.5, 1.2))
            marks.append(Mark(draw_strokes(image, doodle(rng, box), width, spec.ink, rng)))
            taken.append(box)
    for _ in range(spec.clutter.print_lines):
        tall = float(np.clip(height * rng.uniform(0.25, 0.8), 8, 40))
        line = choose_print(tall, rng)
        box = _free_box(size, line.size, taken, rng)
        if box is not None:
            color = blend((30, 30, 30), spec.paper.color, float(rng.uniform(0.4, 1)))
            marks.append(Mark(draw_print(image, line, box[:2], color)))
            taken.append(box)
    for _ in range(spec.clutter.stains):
        stain(image, rng)
    return marks


def cross_out(image: Image, spec: SceneSpec, placed: list[Placed], rng: np.random.Generator) -> set[int]:
    """Cross out some words, in place; which."""
    words = sorted({glyph.word for glyph in placed})
    chosen = [int(w) for w in rng.permutation(words)[: min(spec.clutter.crossings, len(words) - 1)]] if words else []
    for word in chosen:
        boxes = np.array([glyph.box for glyph in placed if glyph.word == word])
        low, high = boxes[:, :2].min(0), (boxes[:, :2] + boxes[:, 2:]).max(0)
        region = float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])
        ink = replace(spec.ink, contrast=min(1.0, spec.ink.contrast * 1.15))
        draw_strokes(image, crossing(rng, region), spec.ink.stroke * spec.layout.height_px, ink, rng)
    return set(chosen)


_PEN_COLORS: tuple[Color, ...] = ((40, 40, 40), (150, 70, 30), (40, 40, 190), (60, 190, 230), (220, 220, 225))
_SKIN: tuple[Color, ...] = ((140, 170, 220), (110, 145, 200), (70, 100, 150), (45, 65, 105), (160, 190, 235))


def lay_things(
    spec: SceneSpec, size: tuple[int, int], taken: list[Region], rng: np.random.Generator
) -> tuple[Thing, ...]:
    """Pens anywhere and fingers from the edges that hide no digit."""
    (w, h), things = size, []
    for index in range(spec.clutter.pens + spec.clutter.fingers):
        finger = index >= spec.clutter.pens
        for _ in range(12):
            angle = rng.uniform(0, 2 * np.pi)
            reach = np.array([np.cos(angle), np.sin(angle)]) * h
            if finger:
                middle, edge = np.array([w / 2, h / 2]), rng.uniform(0.36, 0.46)
                tip = middle + np.array([np.cos(angle) * w, np.sin(angle) * h]) * edge * 1.1
                end, radius = tip + reach * 0.6, h * float(rng.uniform(0.035, 0.07))
            else:
                tip = rng.uniform(0.05, 0.95, 2) * (w, h)
                end, radius = tip + reach * rng.uniform(0.5, 0.9), h * float(rng.uniform(0.009, 0.016))
            path = tip + (end - tip) * np.linspace(-0.05, 1, 30)[:, None]
            if not any(
                overlap((x - 1.5 * radius, y - 1.5 * radius, 3 * radius, 3 * radius), t)
                for x, y in path.tolist()
                for t in taken
            ):
                colors = _SKIN if finger else _PEN_COLORS
                color = colors[int(rng.integers(len(colors)))]
                things.append(Thing(tip.astype(np.float32), end.astype(np.float32), radius, color, finger))
                break
    return tuple(things)
