"""Letters and signs drawn from OpenCV's stroke fonts: non-digits in more shapes than the public sets hold."""

from __future__ import annotations

import string

import cv2
import numpy as np

from digitrec.normalise import SIDE, normalise
from digitrec.results import NOT_A_DIGIT, Image
from digitrec.training.augment import Strength, change
from digitrec.training.data import LOOK_ALIKES, Samples

SIGNS = "?&%#@+=*<>$~^"
"""Signs whose shape alone tells them from a digit."""

_CHARACTERS = [c for c in string.ascii_letters if c not in LOOK_ALIKES | {"D"}] + list(SIGNS)
_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_PLAIN, cv2.FONT_HERSHEY_COMPLEX_SMALL, cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)  # fmt: skip
_SWAY = Strength(rotation_deg=9.0, shear=0.2, aspect=0.18, elastic_px=1.0, stroke=0.25)
"""A font knows one way to write a letter: it is bent further than a writer's own."""


def draw_letters(count: int, rng: np.random.Generator) -> Samples:
    """``count`` letters and signs, each bent differently, normalised, as non-digits."""
    x = [change(normalise(_draw(rng)), _SWAY, rng) for _ in range(count)]
    pictures = np.stack(x) if x else np.zeros((0, SIDE, SIDE), np.uint8)
    return Samples(pictures, np.full(count, NOT_A_DIGIT, np.int64))


def _draw(rng: np.random.Generator) -> Image:
    text = _CHARACTERS[int(rng.integers(len(_CHARACTERS)))]
    if rng.random() < 0.15:  # joined-up writing comes as pairs
        text += _CHARACTERS[int(rng.integers(len(_CHARACTERS)))]
    font = _FONTS[int(rng.integers(len(_FONTS)))]
    if rng.random() < 0.3:
        font |= cv2.FONT_ITALIC
    scale = 1.2 if font & 15 in (cv2.FONT_HERSHEY_PLAIN, cv2.FONT_HERSHEY_COMPLEX_SMALL) else 2.0
    canvas = np.zeros((120, 220), np.uint8)
    cv2.putText(canvas, text, (30, 80), font, scale, 255, int(rng.integers(1, 8)), cv2.LINE_AA)
    return canvas
