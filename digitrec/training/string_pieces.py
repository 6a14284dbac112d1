"""Pieces of ink that the real front end finds in scenes and on cheques, with the string of digits that each holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from digitrec.console import Console
from digitrec.glyphs import Glyph, Piece, draw_glyph, turned
from digitrec.guides import without_guides
from digitrec.ink import InkLevel
from digitrec.levels import MAX_CANDIDATES
from digitrec.pyramid import ink_levels
from digitrec.results import NOT_A_DIGIT, Box, Image
from digitrec.rows import REACH, Rows
from digitrec.strings import string_picture
from digitrec.tilt import told_by_lines
from digitrec.training.cheques import load_cheques
from digitrec.training.crops import PageInk, Truth, area, scaled, shared
from digitrec.training.data import is_validation
from digitrec.training.page_crops import training_bank
from digitrec.training.progress import Bar
from digitrec.training.scenes import random_spec, render
from digitrec.training.scenes.variety import strip_spec
from digitrec.training.strings import Strings, runs
from digitrec.training.workers import worker_pool

Labelled = tuple[Image, tuple[int, ...]]
"""A string's picture with what it says."""

HELD = 0.75
"""A digit is in a piece that has so much of its ink ..."""

STRANGE = 0.12
"""... and is not with less than this; between the two, nothing is learnt from the piece."""

MAX_OTHERS = 4
"""Pieces without digits that are kept of one picture."""

LOOSE_WIDTH, LOOSE_STROKE = 0.6, 0.45
"""Pieces are taken a little beyond those that are cut, as shares of their height."""

MAX_ROWS = 5
"""Rows of shapes that are kept of one picture, at most, ..."""

LEAST_ROW_PX = 12
"""... of digits at least so high on their level."""

_JOBS = 2
_SCENES_A_JOB = 100


@dataclass(frozen=True, slots=True)
class _Page:
    """One level of a picture with what is written there.

    Attributes:
        level: without rules and squares.
        pieces: its ink.
        truth: the digits, in the picture's pixels.
        ignored: places where nothing is known.
        ink: which ink is which digit's.
    """

    level: InkLevel
    pieces: list[Piece]
    truth: Truth
    ignored: Sequence[Box]
    ink: PageInk


def pieces_of(image: Image, truth: Truth, ignored: Sequence[Box], rng: np.random.Generator) -> Strings:
    """The pieces of ``image`` that may be several digits, and rows of pieces, with what they say; none of doubt."""
    found: list[Labelled] = []
    others: list[Labelled] = []
    rows: list[Labelled] = []
    for level in ink_levels(image):
        bare, pieces, _ = without_guides(level)
        page = _Page(bare, pieces[:MAX_CANDIDATES], truth, ignored, PageInk(level, truth))
        for index, piece in enumerate(page.pieces):
            if not _may_be_string(piece):
                continue
            glyph = draw_glyph(bare, pieces, (index,))
            label = _label(glyph, page.ink.shares(glyph).covered, page)
            if label is not None:
                (found if label != (NOT_A_DIGIT,) else others).append((string_picture(glyph.ink).pixels, label))
        rows += _rows(page, rng)
    found += [others[i] for i in rng.permutation(len(others))[:MAX_OTHERS]]
    found += [rows[i] for i in rng.permutation(len(rows))[:MAX_ROWS]]
    return Strings([x for x, _ in found], [y for _, y in found])


def _rows(page: _Page, rng: np.random.Generator) -> list[Labelled]:
    """Rows of pieces that stand side by side, some digits among them."""
    shapes = [i for i, p in enumerate(page.pieces) if _may_be_in_row(p)]
    boxes = [page.pieces[i].box for i in shapes]
    tilt = told_by_lines(boxes)
    near = Rows(boxes, tilt)
    tall = [k for k, box in enumerate(boxes) if box.height >= LEAST_ROW_PX and _on_digit(box, page)]
    found = []
    for start in rng.permutation(tall)[: 2 * MAX_ROWS]:
        row = tuple(shapes[k] for k in near.around(int(start), int(rng.integers(1, REACH + 1))))
        label = _row_label(page, row) if len(row) > 1 else None
        if label is not None:
            ink = draw_glyph(page.level, page.pieces, row).ink
            found.append((string_picture(turned(ink, tilt)).pixels, label))
    return found


def _may_be_in_row(piece: Piece) -> bool:
    return max(piece.box.width, piece.box.height) >= LEAST_ROW_PX / 2 and piece.box.width < 8 * piece.box.height


def _on_digit(box: Box, page: _Page) -> bool:
    return any(shared(box, scaled(own, page.level.scale)) > 0.5 * area(box) for own, _ in page.truth)


def _row_label(page: _Page, row: Sequence[int]) -> tuple[int, ...] | None:
    """What the pieces of a row say together; None where that is in doubt."""
    at: list[tuple[float, int]] = []
    covered = np.zeros(len(page.truth))
    for index in row:
        glyph = draw_glyph(page.level, page.pieces, (index,))
        if _is_ignored(glyph.box, page):
            return None
        own = np.array(page.ink.shares(glyph).covered)
        covered += own
        if own.max(initial=0.0) <= STRANGE:
            at.append((glyph.box.center[0], NOT_A_DIGIT))
    if ((covered > STRANGE) & (covered < HELD)).any():
        return None
    inside = [digit for digit, share in zip(page.truth, covered, strict=True) if share >= HELD]
    at += [(box.center[0] * page.level.scale, digit) for box, digit in inside]
    return runs([label for _, label in sorted(at)]) if inside else None


def _may_be_string(piece: Piece) -> bool:
    height, width = piece.box.height, piece.box.width
    return height >= 12 and LOOSE_WIDTH * height <= width <= 8 * height and piece.stroke <= LOOSE_STROKE * height


def _label(glyph: Glyph, covered: Sequence[float], page: _Page) -> tuple[int, ...] | None:
    if _is_ignored(glyph.box, page) or any(STRANGE < share < HELD for share in covered):
        return None
    inside = [page.truth[i] for i, share in enumerate(covered) if share >= HELD]
    return tuple(digit for _, digit in sorted(inside, key=lambda t: t[0].center[0])) or (NOT_A_DIGIT,)


def _is_ignored(box: Box, page: _Page) -> bool:
    return any(shared(box, scaled(other, page.level.scale)) > 0.1 * area(box) for other in page.ignored)


def collect(data_dir: Path, scenes: int, seed: int) -> Strings:
    """Strings of rendered scenes."""
    starts = range(0, scenes, _SCENES_A_JOB)
    bar = Bar(Console(), "scenes", len(starts))
    parts = []
    with worker_pool(_JOBS) as pool:
        for part in pool.map(partial(_of_scenes, data_dir, seed, scenes), starts):
            parts.append(part)
            bar.step()
    bar.close()
    return Strings.join(parts)


def _of_scenes(data_dir: Path, seed: int, scenes: int, start: int) -> Strings:
    cv2.setNumThreads(1)
    bank = training_bank(data_dir)
    parts = []
    for index in range(start, min(scenes, start + _SCENES_A_JOB)):
        rng = np.random.default_rng([seed, 4, index])
        spec = strip_spec(rng) if rng.random() < 0.4 else random_spec(rng, (960, 720))
        if not spec.messy and rng.random() < 0.65:
            spec = replace(spec, layout=replace(spec.layout, gap=float(rng.uniform(-0.1, 0.02))))
        scene = render(spec, bank, rng)
        parts.append(pieces_of(scene.image, [(d.box, d.digit) for d in scene.digits], scene.ignored, rng))
    return Strings.join(parts)


def of_cheques(data_dir: Path) -> tuple[Strings, Strings]:
    """Strings of the trained part of the cheques: for training, and of every tenth picture for validation."""
    rng = np.random.default_rng(0)
    found = [pieces_of(image, truth, (), rng) for _, image, truth in load_cheques(data_dir)]
    held = is_validation(len(found))
    trained, validation = ([p for p, h in zip(found, held, strict=True) if h == side] for side in (False, True))
    return Strings.join(trained), Strings.join(validation)


def fewer_singles(strings: Strings, share: float, rng: np.random.Generator) -> Strings:
    """All strings of several digits and all of none, and a ``share`` of those of one."""
    keep = [i for i, y in enumerate(strings.labels) if len(y) != 1 or y[0] == NOT_A_DIGIT or rng.random() < share]
    return strings.take(np.array(keep, np.intp))
