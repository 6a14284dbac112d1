"""Strings of digits, touching or side by side, put together from single ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.normalise import tight_box
from digitrec.results import NOT_A_DIGIT, Image
from digitrec.strings import string_picture
from digitrec.training.augment import make_shape
from digitrec.training.data import Samples
from digitrec.training.string_changes import photographed
from digitrec.training.strings import Strings, runs

Rng = np.random.Generator

HEIGHT_PX = 44
"""Digits are put together at about this height."""

LENGTHS = (0.2, 0.42, 0.19, 0.09, 0.05, 0.02, 0.02, 0.01)
"""Shares of the strings of one digit, two, three, ..."""

WIDE, AGAIN = 0.12, 0.1
"""Shares of the hands that write wide and low, as the zeros of an amount, and of the strings of one digit again and
again."""

BARS, BAR = 0.15, 0.45
"""Share of the strings in which so many digits are a 1: against a neighbour's stroke it is the easiest to overlook."""

SPACED = 0.3
"""Share of the strings whose digits need not touch: rows of writing, ..."""

SPACED_LENGTHS = (0.0, 0.14, 0.2, 0.2, 0.16, 0.14, 0.1, 0.06)
"""... of one digit, two, three, ..."""

LETTERS, MIXED, SHAPES = 0.13, 0.06, 0.06
"""Shares of the strings of letters, of letters and digits, and of other things; all others are of digits alone."""


@dataclass(frozen=True, slots=True)
class Source:
    """What strings are made of.

    Attributes:
        digits: normalised pictures of single digits.
        letters: bright ink on black, any size.
    """

    digits: Samples
    letters: Sequence[Image]

    def pick(self, rng: Rng, digit: int | None) -> int:
        """Index of a picture of ``digit``, or of any."""
        for _ in range(200):
            index = int(rng.integers(len(self.digits)))
            if digit is None or self.digits.y[index] == digit:
                break
        return index


@dataclass(frozen=True, slots=True)
class _Hand:
    """How a writer writes a string: shares of the height, but for slant (a shear) and aspect (a factor).

    Where ``widest`` is negative, each digit touches the one before it.
    """

    slant: float
    aspect: float
    gap: float
    gap_jitter: float
    widest: float
    height_jitter: float
    baseline_jitter: float
    linked: float


def make_strings(source: Source, count: int, rng: Rng) -> Strings:
    """``count`` strings, each different."""
    made = [_make(source, rng) for _ in range(count)]
    return Strings([x for x, _ in made], [y for _, y in made])


def _make(source: Source, rng: Rng) -> tuple[Image, tuple[int, ...]]:
    kind = rng.random()
    if kind < SHAPES:
        shape = cv2.resize(make_shape(source.digits, rng), None, fx=2, fy=2)
        return string_picture(photographed(np.asarray(shape, np.uint8), rng)).pixels, (NOT_A_DIGIT,)
    spaced = rng.random() < SPACED
    length = 1 + int(rng.choice(len(LENGTHS), p=SPACED_LENGTHS if spaced else LENGTHS))
    strange = 1.0 if kind < SHAPES + LETTERS else 0.4 if kind < SHAPES + LETTERS + MIXED else 0.0
    hand = _Hand(
        slant=rng.normal(0, 0.16),
        aspect=float(np.exp(rng.normal(0.3, 0.25) if rng.random() < WIDE else rng.normal(-0.04, 0.16))),
        gap=rng.uniform(-0.12, 0.4) if spaced else rng.uniform(-0.2, 0.0),
        gap_jitter=rng.uniform(0.0, 0.1 if spaced else 0.06),
        widest=0.8 if spaced else -0.01,
        height_jitter=rng.uniform(0.03, 0.18),
        baseline_jitter=rng.uniform(0.0, 0.12),
        linked=0.5 if rng.random() < 0.3 else 0.0,
    )
    same = int(rng.integers(10)) if rng.random() < AGAIN else None
    if same is not None and rng.random() < 0.5:
        same = 0
    bars = BAR if same is None and rng.random() < BARS else 0.0
    parts, labels = [], []
    for _ in range(length):
        if rng.random() < strange:
            parts.append(_shaped(source.letters[int(rng.integers(len(source.letters)))], hand, rng))
            labels.append(NOT_A_DIGIT)
        else:
            index = source.pick(rng, 1 if rng.random() < bars else same)
            parts.append(_shaped(source.digits.x[index], hand, rng))
            labels.append(int(source.digits.y[index]))
    ink = _set(parts, hand, rng)
    if rng.random() < 0.2:
        ink = _with_stray(ink, rng)
    return string_picture(photographed(ink, rng)).pixels, runs(labels)


def _shaped(picture: Image, hand: _Hand, rng: Rng) -> Image:
    """One digit as this hand writes it, its ink tight in the picture."""
    x, y, width, height = tight_box(picture) or (0, 0, picture.shape[1], picture.shape[0])
    scale = HEIGHT_PX * float(np.exp(rng.normal(0, hand.height_jitter))) / max(height, 0.6 * width)
    across = scale * hand.aspect * float(np.exp(rng.normal(0, 0.07)))
    slant = hand.slant + rng.normal(0, 0.05)
    turn = rng.normal(0, 0.05)
    wide, high = width * across, height * scale
    pad = 0.5 * abs(slant) * high + 0.06 * high + 2
    out = round(wide + 2 * pad), round(high + 2 * pad)
    matrix = np.array([[across, -slant * scale - turn * across, 0], [turn * scale, scale, 0]])
    middle = np.array([x + (width - 1) / 2, y + (height - 1) / 2])
    matrix[:, 2] = np.array([(out[0] - 1) / 2, (out[1] - 1) / 2]) - matrix[:, :2] @ middle
    drawn = np.asarray(cv2.warpAffine(picture, matrix, out, flags=cv2.INTER_LINEAR), np.uint8)
    left, top, wide_px, high_px = tight_box(drawn) or (0, 0, out[0], out[1])
    return drawn[top : top + high_px, left : left + wide_px]


def _set(parts: Sequence[Image], hand: _Hand, rng: Rng) -> Image:
    """The parts side by side, each so near to those before it that they touch, if this hand writes so."""
    tall = max(p.shape[0] for p in parts)
    slack = round(0.3 * HEIGHT_PX)
    canvas = np.zeros((tall + 2 * slack, sum(p.shape[1] for p in parts) + 2 * slack), np.uint8)
    edge = np.full(canvas.shape[0], -10_000)  # the last column of ink of each row
    left = slack
    for index, part in enumerate(parts):
        high, wide = part.shape
        drop = float(np.clip(rng.normal(0, hand.baseline_jitter), -0.25, 0.25)) * HEIGHT_PX
        top = int(np.clip(slack + tall - high + drop, 0, canvas.shape[0] - high))
        solid = part > 96
        first = np.where(solid.any(axis=1), solid.argmax(axis=1), 10_000)
        if index:
            gap = min(rng.normal(hand.gap, hand.gap_jitter), hand.widest) * HEIGHT_PX
            # Over the rows around each: neighbours may interlock, but not jump over each other.
            reach = np.array([edge[max(0, r - 2) : r + 3].max() for r in range(top, top + high)])
            fit = int((reach - first).max())
            left = max(fit + round(gap) + 1, left + round(0.25 * wide) - wide // 4) if fit > 0 else left
        left = min(max(left, 0), canvas.shape[1] - wide)
        if index and rng.random() < hand.linked:
            _link(canvas, edge, (left, top), first, rng)
        area = canvas[top : top + high, left : left + wide]
        np.maximum(area, part, out=area)
        last = np.where(solid.any(axis=1), left + wide - 1 - solid[:, ::-1].argmax(axis=1), -10_000)
        edge[top : top + high] = np.maximum(edge[top : top + high], last)
        left += wide
    return canvas


def _link(canvas: Image, edge: NDArray[np.int64], corner: tuple[int, int], first: NDArray[np.int64], rng: Rng) -> None:
    """A stroke from the digit before to this one: the pen was not lifted."""
    rows = np.flatnonzero(edge > 0)
    own = np.flatnonzero(first < 10_000)
    if not len(rows) or not len(own):
        return
    a, b = int(rows[int(rng.integers(len(rows)))]), int(own[int(rng.integers(len(own)))])
    start, end = (int(edge[a]), a), (corner[0] + int(first[b]), corner[1] + b)
    cv2.line(canvas, start, end, 255, int(rng.integers(2, 5)), cv2.LINE_AA)


def _with_stray(ink: Image, rng: Rng) -> Image:
    """A rule under or through the string, or a bit of a stroke at its end."""
    height, width = ink.shape
    out = ink.copy()
    if rng.random() < 0.7:
        below = rng.random() < 0.5
        y, tilt = (0.9 if below else rng.uniform(0.2, 0.95)) * height, rng.normal(0, 0.02) * width
        x0, x1 = (-0.1 * width, 1.1 * width) if below else sorted(rng.uniform(-0.1, 1.1, 2) * width)
        ends = (round(x0), round(y)), (round(x1), round(y + tilt))
    else:
        x, y = (0.02 if rng.random() < 0.5 else 0.98) * width, rng.uniform(0.2, 0.8) * height
        dx, dy = rng.normal(0, 0.15 * height, 2)
        ends = (round(x), round(y)), (round(x + dx), round(y + dy))
    cv2.line(out, *ends, int(rng.uniform(120, 255)), int(rng.integers(1, 4)), cv2.LINE_AA)
    return out
