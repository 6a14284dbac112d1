"""A sheet written on: paper, ink, guides and clutter, with the outline of every mark."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from digitrec.results import Image
from digitrec.training.scenes.bank import GlyphBank
from digitrec.training.scenes.ink import apply_ink
from digitrec.training.scenes.layout import Region, Word, arrange
from digitrec.training.scenes.marks import specks
from digitrec.training.scenes.paper import bare_paper
from digitrec.training.scenes.scatter import Mark, Thing, cross_out, lay_things, scatter_clutter
from digitrec.training.scenes.spec import CameraSpec, SceneSpec
from digitrec.training.scenes.words import Placed, draw_guides, is_digit, set_word


@dataclass(frozen=True, slots=True)
class Page:
    """The written sheet, uint8 (H, W, 3), its marks, the text of each number by its id, and what lies on it."""

    image: Image
    marks: tuple[Mark, ...]
    texts: dict[int, str]
    things: tuple[Thing, ...]


def write_page(spec: SceneSpec, bank: GlyphBank, rng: np.random.Generator, reach: CameraSpec | None = None) -> Page:
    """Paint the whole sheet of ``spec``; ``reach``: the camera that sees most of it, where that is not ``spec``'s."""
    size = page_size(spec if reach is None else replace(spec, camera=reach))
    image = bare_paper(spec.paper, size, rng)
    words = arrange(spec.layout, writing_region(spec, size), len(bank.clutter) > 0, rng)
    if spec.layout.on_rules and spec.paper.kind == "ruled":
        words = [replace(word, baseline=_on_rule(word, spec)) for word in words]
    placed = [glyph for index, word in enumerate(words) for glyph in set_word(index, word, spec, bank, rng)]
    taken = [_grow(glyph.box, 0.35 * spec.layout.height_px) for glyph in placed]
    clutter = scatter_clutter(image, spec, bank, taken, rng)
    draw_guides(image, spec, placed)
    for glyph in placed:
        apply_ink(image, glyph.inked.cover, glyph.at, spec.ink.color)
    crossed = cross_out(image, spec, placed, rng)
    specks(image, spec.clutter.specks, spec.ink.color, rng)
    marks, texts = _marks(placed, crossed)
    return Page(image, (*marks, *clutter), texts, lay_things(spec, size, taken, rng))


def _on_rule(word: Word, spec: SceneSpec) -> float:
    """The baseline moved to the nearest rule, or a little above it."""
    pitch, first = spec.paper.pitch_px, spec.paper.phase * spec.paper.pitch_px
    return first + round((word.baseline - first) / pitch) * pitch - 0.02 * word.height_px


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


def _marks(placed: list[Placed], crossed: set[int]) -> tuple[list[Mark], dict[int, str]]:
    """Marks of all glyphs; each run of digits within a word is a number."""
    marks: list[Mark] = []
    texts: dict[int, str] = {}
    before: Placed | None = None
    for glyph in placed:
        points = glyph.inked.hull + np.array(glyph.at, np.float32)
        if not is_digit(glyph.char) or glyph.word in crossed:
            marks.append(Mark(points))
            if glyph.char not in ".,":  # thousands are set off within a number
                before = None
            continue
        if before is None or before.word != glyph.word:
            texts[len(texts)] = ""
        number = len(texts) - 1
        texts[number] += glyph.char
        marks.append(Mark(points, int(glyph.char), number))
        before = glyph
    return marks, texts
