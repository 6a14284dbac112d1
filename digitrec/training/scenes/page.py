"""A sheet written on: paper, ink, guides and clutter, with the outline of every mark."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.results import Image
from digitrec.training.scenes.bank import GlyphBank
from digitrec.training.scenes.ink import Inked, Pose, apply_ink, ink_glyph
from digitrec.training.scenes.layout import Region, Word, arrange, overlap
from digitrec.training.scenes.marks import crossing, doodle, draw_strokes, specks, stain
from digitrec.training.scenes.paper import bare_paper, blend, print_line
from digitrec.training.scenes.spec import Color, SceneSpec

Points = NDArray[np.float32]


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


@dataclass(frozen=True, slots=True)
class Page:
    """The written sheet, uint8 (H, W, 3), its marks, the text of each number by its id, and what lies on it."""

    image: Image
    marks: tuple[Mark, ...]
    texts: dict[int, str]
    things: tuple[Thing, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A glyph that is inked and has its place but is not on the page yet."""

    char: str
    inked: Inked
    at: tuple[int, int]
    word: int

    @property
    def box(self) -> Region:
        low, high = self.inked.hull.min(0), self.inked.hull.max(0)
        return self.at[0] + float(low[0]), self.at[1] + float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])


def write_page(spec: SceneSpec, bank: GlyphBank, rng: np.random.Generator) -> Page:
    """Paint the whole sheet of ``spec``."""
    size = page_size(spec)
    image = bare_paper(spec.paper, size, rng)
    words = arrange(spec.layout, writing_region(spec, size), len(bank.clutter) > 0, rng)
    placed = [glyph for index, word in enumerate(words) for glyph in _set_word(index, word, spec, bank, rng)]
    taken = [_grow(glyph.box, 0.35 * spec.layout.height_px) for glyph in placed]
    clutter = _scatter_clutter(image, spec, bank, taken, rng)
    _draw_guides(image, spec, placed)
    for glyph in placed:
        apply_ink(image, glyph.inked.cover, glyph.at, spec.ink.color)
    crossed = _cross_out(image, spec, placed, rng)
    specks(image, spec.clutter.specks, spec.ink.color, rng)
    marks, texts = _marks(placed, crossed)
    return Page(image, (*marks, *clutter), texts, _lay_things(spec, size, taken, rng))


def page_size(spec: SceneSpec) -> tuple[int, int]:
    """(width, height) of the sheet in page pixels: as large as ``spec`` says, or filling the frame at any tilt."""
    (w, h), camera = spec.size, spec.camera
    if spec.sheet is not None:
        return max(8, round(w * spec.sheet[0] / camera.zoom)), max(8, round(h * spec.sheet[1] / camera.zoom))
    angle = np.radians(abs(camera.tilt_deg))
    spare = 2.2 * camera.perspective * h + 8
    wide = w * np.cos(angle) + h * np.sin(angle) + spare + 2 * abs(camera.shift[0]) * w
    tall = w * np.sin(angle) + h * np.cos(angle) + spare + 2 * abs(camera.shift[1]) * h
    return int(wide / camera.zoom) + 1, int(tall / camera.zoom) + 1


def writing_region(spec: SceneSpec, page: tuple[int, int]) -> Region:
    """The part of the page that surely is in the frame, with a small margin."""
    (w, h), camera = spec.size, spec.camera
    angle = np.radians(abs(camera.tilt_deg))
    c, s = float(np.cos(angle)), float(np.sin(angle))
    # A wide, low block keeps the most room for text lines when the sheet is turned.
    usable_w = w * (1 - 2 * abs(camera.shift[0])) - 2.4 * camera.perspective * h
    usable_h = h * (1 - 2 * abs(camera.shift[1])) - 2.4 * camera.perspective * h
    fit = min(usable_w / (w * c + h * s), usable_h / (w * s + h * c)) * 0.96 / camera.zoom
    wide, tall = w * fit, h * fit
    if spec.sheet is not None:
        wide, tall = min(wide, 0.9 * page[0]), min(tall, 0.9 * page[1])
    return (page[0] - wide) / 2, (page[1] - tall) / 2, wide, tall


def _grow(box: Region, by: float) -> Region:
    return box[0] - by, box[1] - by, box[2] + 2 * by, box[3] + 2 * by


def _pose(spec: SceneSpec, height_px: float, rng: np.random.Generator) -> Pose:
    hand = spec.layout
    return Pose(
        height_px=max(6.0, height_px * float(1 + hand.height_jitter * rng.standard_normal())),
        aspect=hand.aspect * float(rng.uniform(0.93, 1.07)),
        slant=hand.slant + float(rng.normal(0, 0.04)),
        rotate_deg=float(rng.normal(0, hand.rotate_deg)),
        stroke=spec.ink.stroke * float(rng.uniform(0.92, 1.08)),
    )


def _set_word(index: int, word: Word, spec: SceneSpec, bank: GlyphBank, rng: np.random.Generator) -> list[_Placed]:
    """Ink each glyph of a word and set it after the one before."""
    placed: list[_Placed] = []
    x, hand, height = word.x, spec.layout, word.height_px
    for position, char in enumerate(word.text):
        size = height * (float(rng.uniform(0.7, 1.2)) if char == "?" else 1.0)
        inked = ink_glyph(bank.pick(rng, char), _pose(spec, size, rng), spec.ink, rng)
        low, high = inked.hull.min(0), inked.hull.max(0)
        gap = (hand.gap + float(rng.normal(0, hand.gap_jitter))) * height
        if hand.guide == "cells":  # one digit in the middle of each cell
            left = word.x + position * 1.15 * height + (1.15 * height - float(high[0] - low[0])) / 2
        elif placed:
            left = x + gap
        else:
            left = word.x
        bottom = word.baseline + float(rng.normal(0, hand.baseline_jitter)) * height
        at = round(left - float(low[0])), round(bottom - float(high[1]))
        if placed and hand.guide != "cells" and gap < 0.12 * height:
            at = at[0] + _kern(placed[-1], inked, at, gap), at[1]
        glyph = _Placed(char, inked, at, index)
        placed.append(glyph)
        x = glyph.box[0] + glyph.box[2]
    return placed


def _kern(before: _Placed, inked: Inked, at: tuple[int, int], gap: float) -> int:
    """How far to move a glyph so that its ink, row by row, keeps ``gap`` from the one before (negative: overlaps)."""
    top, bottom = max(before.at[1], at[1]), min(before.at[1] + len(before.inked.cover), at[1] + len(inked.cover))
    if bottom <= top:
        return 0
    a = before.inked.cover[top - before.at[1] : bottom - before.at[1]] > 0.25
    b = inked.cover[top - at[1] : bottom - at[1]] > 0.25
    both = a.any(axis=1) & b.any(axis=1)
    if not both.any():
        return 0
    right = before.at[0] + a.shape[1] - a[both][:, ::-1].argmax(axis=1)
    left = at[0] + b[both].argmax(axis=1)
    return round(gap - float((left - right).min()))


def _draw_guides(image: Image, spec: SceneSpec, placed: list[_Placed]) -> None:
    """Printed cells, frames or underlines around the words, in place."""
    guide, height = spec.layout.guide, spec.layout.height_px
    if guide == "none":
        return
    color, thick = blend(spec.paper.line_color, spec.paper.color, 1.0), spec.paper.line_px
    for word in sorted({glyph.word for glyph in placed}):
        boxes = np.array([glyph.box for glyph in placed if glyph.word == word])
        left, top = boxes[:, :2].min(0)
        right, bottom = (boxes[:, :2] + boxes[:, 2:]).max(0)
        if guide == "underline":
            y = round(bottom + 0.08 * height)
            cv2.line(
                image, (round(left - 0.2 * height), y), (round(right + 0.3 * height), y), color, thick, cv2.LINE_AA
            )
            continue
        pad = 0.28 * height
        low, high = (round(left - pad), round(top - pad)), (round(right + pad), round(bottom + pad))
        cv2.rectangle(image, low, high, color, thick, cv2.LINE_AA)
        if guide == "cells":
            for a, b in pairwise(boxes):
                x = round((a[0] + a[2] + b[0]) / 2)
                cv2.line(image, (x, low[1]), (x, high[1]), color, thick, cv2.LINE_AA)


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


def _scatter_clutter(
    image: Image, spec: SceneSpec, bank: GlyphBank, taken: list[Region], rng: np.random.Generator
) -> list[Mark]:
    """Letters, symbols, doodles, print and stains where there is room; ``taken`` grows by them."""
    size, height, marks = (image.shape[1], image.shape[0]), spec.layout.height_px, []
    for _ in range(spec.clutter.glyphs if bank.clutter else 0):
        tall = height * float(rng.uniform(0.5, 1.4))
        inked = ink_glyph(bank.pick(rng, "?"), _pose(spec, tall, rng), spec.ink, rng)
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
        box = _free_box(size, (12 * tall, 1.5 * tall), taken, rng)
        if box is not None:
            color = blend((30, 30, 30), spec.paper.color, float(rng.uniform(0.4, 1)))
            marks.append(Mark(print_line(image, (int(box[0]), int(box[1] + tall)), tall, color, rng)))
            taken.append(box)
    for _ in range(spec.clutter.stains):
        stain(image, rng)
    return marks


def _cross_out(image: Image, spec: SceneSpec, placed: list[_Placed], rng: np.random.Generator) -> set[int]:
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


def _marks(placed: list[_Placed], crossed: set[int]) -> tuple[list[Mark], dict[int, str]]:
    """Marks of all glyphs; each run of digits within a word is a number."""
    marks: list[Mark] = []
    texts: dict[int, str] = {}
    before: _Placed | None = None
    for glyph in placed:
        points = glyph.inked.hull + np.array(glyph.at, np.float32)
        if glyph.char == "?" or glyph.word in crossed:
            marks.append(Mark(points))
            before = None
            continue
        if before is None or before.word != glyph.word:
            texts[len(texts)] = ""
        number = len(texts) - 1
        texts[number] += glyph.char
        marks.append(Mark(points, int(glyph.char), number))
        before = glyph
    return marks, texts


_PEN_COLORS: tuple[Color, ...] = ((40, 40, 40), (150, 70, 30), (40, 40, 190), (60, 190, 230), (220, 220, 225))
_SKIN: tuple[Color, ...] = ((140, 170, 220), (110, 145, 200), (70, 100, 150), (45, 65, 105), (160, 190, 235))


def _lay_things(
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
