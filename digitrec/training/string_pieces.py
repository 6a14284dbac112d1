"""Pieces of ink that the real front end finds in scenes and on cheques, with the string of digits that each holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from digitrec.console import Console
from digitrec.glyphs import Glyph, Piece, draw_glyph
from digitrec.levels import MAX_CANDIDATES, without_guides
from digitrec.recognizer import ink_levels
from digitrec.results import NOT_A_DIGIT, Box, Image
from digitrec.strings import string_picture
from digitrec.training.cheques import load_cheques
from digitrec.training.crops import PageInk, Truth, area, scaled, shared
from digitrec.training.data import is_validation
from digitrec.training.progress import Bar
from digitrec.training.release import training_bank
from digitrec.training.scenes import random_spec, render
from digitrec.training.scenes.variety import strip_spec
from digitrec.training.strings import Strings
from digitrec.training.workers import worker_pool

HELD = 0.75
"""A digit is in a piece that has so much of its ink ..."""

STRANGE = 0.12
"""... and is not with less than this; between the two, nothing is learnt from the piece."""

MAX_OTHERS = 4
"""Pieces without digits that are kept of one picture."""

LOOSE_WIDTH, LOOSE_STROKE = 0.6, 0.45
"""Pieces are taken a little beyond those that are cut, as shares of their height."""

_JOBS = 2
_SCENES_A_JOB = 100


def pieces_of(image: Image, truth: Truth, ignored: Sequence[Box], rng: np.random.Generator) -> Strings:
    """The pieces of ``image`` that may be several digits, with their strings; those of doubt are left out."""
    found: list[tuple[Image, tuple[int, ...]]] = []
    others: list[tuple[Image, tuple[int, ...]]] = []
    for level in ink_levels(image):
        bare, pieces = without_guides(level)
        page = PageInk(level, truth)
        for index, piece in enumerate(pieces[:MAX_CANDIDATES]):
            if not _may_be_string(piece):
                continue
            glyph = draw_glyph(bare, pieces, (index,))
            label = _label(glyph, page.shares(glyph).covered, truth, level.scale, ignored)
            if label is not None:
                (found if label != (NOT_A_DIGIT,) else others).append((string_picture(glyph.ink).pixels, label))
    kept = rng.permutation(len(others))[:MAX_OTHERS]
    found += [others[i] for i in kept]
    return Strings([x for x, _ in found], [y for _, y in found])


def _may_be_string(piece: Piece) -> bool:
    height, width = piece.box.height, piece.box.width
    return height >= 12 and LOOSE_WIDTH * height <= width <= 8 * height and piece.stroke <= LOOSE_STROKE * height


def _label(
    glyph: Glyph, covered: Sequence[float], truth: Truth, scale: float, ignored: Sequence[Box]
) -> tuple[int, ...] | None:
    if any(shared(glyph.box, scaled(other, scale)) > 0.1 * area(glyph.box) for other in ignored):
        return None
    if any(STRANGE < share < HELD for share in covered):
        return None
    inside = sorted((truth[i] for i, share in enumerate(covered) if share >= HELD), key=lambda t: t[0].center[0])
    return tuple(digit for _, digit in inside) or (NOT_A_DIGIT,)


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
        if not spec.messy and rng.random() < 0.85:
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
