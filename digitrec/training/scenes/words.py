"""Words of the layout -> inked glyphs, each in its place, and the printed guides around them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np

from digitrec.results import Image
from digitrec.training.scenes.bank import GlyphBank
from digitrec.training.scenes.ink import Inked, Pose, ink_glyph
from digitrec.training.scenes.layout import Region, Word
from digitrec.training.scenes.paper import blend
from digitrec.training.scenes.spec import SceneSpec


@dataclass(frozen=True, slots=True)
class Placed:
    """A glyph that is inked and has its place but is not on the page yet."""

    char: str
    inked: Inked
    at: tuple[int, int]
    word: int

    @property
    def box(self) -> Region:
        """Around its ink on the page."""
        low, high = self.inked.hull.min(0), self.inked.hull.max(0)
        return self.at[0] + float(low[0]), self.at[1] + float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])


def make_pose(spec: SceneSpec, height_px: float, rng: np.random.Generator) -> Pose:
    """One glyph as this writer sets it down, a little different each time."""
    hand = spec.layout
    return Pose(
        height_px=max(6.0, height_px * float(1 + hand.height_jitter * rng.standard_normal())),
        aspect=hand.aspect * float(rng.uniform(0.93, 1.07)),
        slant=hand.slant + float(rng.normal(0, 0.04)),
        rotate_deg=float(rng.normal(0, hand.rotate_deg)),
        stroke=spec.ink.stroke * float(rng.uniform(0.92, 1.08)),
    )


@dataclass(frozen=True, slots=True)
class _Sign:
    """Punctuation: its picture's side, height over digit height, and how far its foot is above the baseline."""

    size: float
    rise: float


_SIGNS = {".": _Sign(0.1, 0.0), ",": _Sign(0.24, -0.12), "-": _Sign(0.34, 0.4), "=": _Sign(0.36, 0.3)}
_CLUTTER = frozenset("?-=.,")
"""Characters of a word that are no digits."""


def is_digit(char: str) -> bool:
    """Whether a character of a word is a digit (the others are clutter)."""
    return char not in _CLUTTER


def _picture(char: str, bank: GlyphBank, rng: np.random.Generator) -> Image:
    if char not in _SIGNS:
        return bank.pick(rng, char)
    picture = np.zeros((28, 28), np.uint8)
    if char == ".":
        cv2.circle(picture, (14, 14), 7, 255, -1)
    elif char == ",":
        cv2.line(picture, (16, 4), (10, 24), 255, 5)
    else:
        for y in (14,) if char == "-" else (7, 20):
            cv2.line(picture, (2, y), (25, y + int(rng.integers(-1, 2))), 255, 4)
    return picture


def _ink(char: str, height: float, spec: SceneSpec, bank: GlyphBank, rng: np.random.Generator) -> Inked:
    sign = _SIGNS.get(char)
    size = height * (sign.size if sign else float(rng.uniform(0.7, 1.2)) if char == "?" else 1.0)
    pose = make_pose(spec, size, rng)
    if sign:  # the pen keeps its width however small the sign
        pose = replace(pose, stroke=min(0.9, pose.stroke / sign.size))
    return ink_glyph(_picture(char, bank, rng), pose, spec.ink, rng)


def set_word(index: int, word: Word, spec: SceneSpec, bank: GlyphBank, rng: np.random.Generator) -> list[Placed]:
    """Ink each glyph of a word and set it after the one before."""
    placed: list[Placed] = []
    x, hand, height = word.x, spec.layout, word.height_px
    for position, char in enumerate(word.text):
        inked = _ink(char, height, spec, bank, rng)
        low, high = inked.hull.min(0), inked.hull.max(0)
        gap = (hand.gap + float(rng.normal(0, hand.gap_jitter))) * height
        if hand.guide == "cells":  # one digit in the middle of each cell
            left = word.x + position * 1.15 * height + (1.15 * height - float(high[0] - low[0])) / 2
        elif placed:
            left = x + gap
        else:
            left = word.x
        rise = _SIGNS[char].rise if char in _SIGNS else 0.0
        bottom = word.baseline + (float(rng.normal(0, hand.baseline_jitter)) - rise) * height
        at = round(left - float(low[0])), round(bottom - float(high[1]))
        if placed and hand.guide != "cells" and gap < 0.12 * height:
            at = at[0] + _kern(placed[-1], inked, at, gap), at[1]
        glyph = Placed(char, inked, at, index)
        placed.append(glyph)
        x = glyph.box[0] + glyph.box[2]
    return placed


def _kern(before: Placed, inked: Inked, at: tuple[int, int], gap: float) -> int:
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


def draw_guides(image: Image, spec: SceneSpec, placed: list[Placed]) -> None:
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
