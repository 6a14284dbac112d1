"""Signs that are no digits, from the outlines of the fonts that matplotlib brings, written anew with a pen's stroke.

Public sets of handwritten signs hold few kinds of them; fonts hold hundreds. The middle line of each outline is what a
pen would follow.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import cv2
import numpy as np

from digitrec.normalise import SIDE, normalise
from digitrec.results import NOT_A_DIGIT, Image
from digitrec.training.augment import Strength, change
from digitrec.training.data import Samples
from digitrec.training.scenes.ink import skeleton

GREEK = "αγεηθκλμνξπρστυφχψωΓΔΘΞΠΣΦΨΩ"
MATHEMATICS = "∈∃∀∇∑∏√∞≈≠≤≥±×÷→←↔⇒∴∪∩⊂⊃⊆∨¬⊥∠⊕⊗≡∝"  # noqa: RUF001 - meant as they stand
MARKS = "€£¥§¶©®@#&?%*+=<>~"
CYRILLIC = "жцяюфщшдлйыпим"
LATIN = "acdefhkmnprtuvwxyACEFGHKLMNPQRTUVWXY"

Style = Literal["normal", "italic", "oblique"]

FONTS: tuple[tuple[str, Style, str], ...] = (
    ("DejaVu Sans", "normal", GREEK + MATHEMATICS + MARKS + CYRILLIC + LATIN),
    ("DejaVu Sans", "oblique", GREEK + CYRILLIC + LATIN),
    ("DejaVu Serif", "italic", GREEK + CYRILLIC + LATIN),
    ("STIXGeneral", "normal", GREEK + MATHEMATICS + LATIN),
    ("STIXGeneral", "italic", GREEK + LATIN),
)
"""Family, style, and the characters taken of it: none whose shape alone is a digit's."""

_SWAY = Strength(rotation_deg=8.0, shear=0.18, aspect=0.16, elastic_px=1.1, stroke=0.25)
_SIZE, _MARGIN = 84, 14
_PLAIN = 0.25
"""Share that keeps the font's own stroke."""


def draw_signs(count: int, rng: np.random.Generator) -> Samples:
    """``count`` signs, each bent and written differently, normalised, as non-digits."""
    kinds = [(family, style, sign) for family, style, signs in FONTS for sign in signs]
    x = [change(normalise(_draw(*kinds[int(rng.integers(len(kinds)))], rng)), _SWAY, rng) for _ in range(count)]
    pictures = np.stack(x) if x else np.zeros((0, SIDE, SIDE), np.uint8)
    return Samples(pictures, np.full(count, NOT_A_DIGIT, np.int64))


def _draw(family: str, style: Style, sign: str, rng: np.random.Generator) -> Image:
    mask = _outline(family, style, sign)
    if rng.random() < _PLAIN:
        return mask * np.uint8(255)
    pen = int(rng.integers(3, 14))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (pen, pen))
    drawn = cv2.dilate(_middle(family, style, sign), kernel) * np.uint8(255)
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), 1.2), np.uint8)


@lru_cache(maxsize=1024)
def _outline(family: str, style: Style, sign: str) -> Image:
    """The sign as the font has it, uint8 0/1, its larger side ``_SIZE`` px, with a margin."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    path = TextPath((0, 0), sign, size=100, prop=FontProperties(family=family, style=style))
    outlines = [np.asarray(p) for p in path.to_polygons(closed_only=True)]
    points = np.concatenate(outlines)
    low, span = points.min(0), float(np.ptp(points, axis=0).max())
    placed = [(p - low) * (_SIZE / span) + _MARGIN for p in outlines]
    side = _SIZE + 2 * _MARGIN
    mask = np.zeros((side, side), np.uint8)
    cv2.fillPoly(mask, [np.rint(p * 16).astype(np.int32) for p in placed], 1, shift=4)
    return np.ascontiguousarray(mask[::-1])  # fonts count upwards


@lru_cache(maxsize=1024)
def _middle(family: str, style: Style, sign: str) -> Image:
    return skeleton(_outline(family, style, sign))
