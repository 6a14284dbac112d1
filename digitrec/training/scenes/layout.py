"""Where each glyph goes on the page."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from digitrec.training.scenes.spec import LayoutSpec

Region = tuple[float, float, float, float]
"""x, y, width, height on the page, pixels."""


@dataclass(frozen=True, slots=True)
class Word:
    """Glyphs written together: characters (``?`` is clutter), the left end of its baseline, digit height in pixels."""

    text: str
    x: float
    baseline: float
    height_px: float


def arrange(spec: LayoutSpec, region: Region, has_clutter: bool, rng: np.random.Generator) -> list[Word]:
    """The words of a page within ``region``; digits and given lines too large for it are made to fit."""
    spec = replace(spec, height_px=min(spec.height_px, 0.97 * region[3], 1.1 * region[2]))
    if spec.lines and not spec.scatter:
        widest = max(_line_width(line, spec) for line in spec.lines)
        spec = replace(spec, height_px=spec.height_px * min(1.0, region[2] / max(widest, 1.0)))
    if spec.scatter:
        return _strew(spec, region, rng)
    lines = spec.lines or _random_lines(spec, region, has_clutter, rng)
    height = spec.height_px
    pitch = spec.line_gap * height
    block = height + pitch * (len(lines) - 1)
    x0, y0, width, tall = region
    top = y0 + max(0.0, (tall - block) * float(rng.uniform(0.1, 0.9)))
    words = []
    for row, line in enumerate(lines):
        baseline = top + height + row * pitch
        if baseline > y0 + tall + 1:
            break
        free = max(0.0, width - _line_width(line, spec))
        x = x0 + free * float(rng.uniform(0, 1))
        for text in line:
            if x + word_width(text, spec) > x0 + width + 0.3 * height:
                break
            words.append(Word(text, x, baseline, height))
            x += word_width(text, spec) + spec.word_gap * height
    return words


def word_width(text: str, spec: LayoutSpec) -> float:
    """About the width of ``text``, pixels: digits are about 0.68 as wide as high."""
    return spec.height_px * (0.68 * spec.aspect * len(text) + spec.gap * (len(text) - 1))


def _line_width(line: tuple[str, ...], spec: LayoutSpec) -> float:
    return sum(word_width(t, spec) for t in line) + spec.word_gap * spec.height_px * (len(line) - 1)


def random_text(rng: np.random.Generator, longest: int) -> str:
    """A number as people write them: short ones most, years, phone numbers."""
    length = int(min(longest, rng.choice([1, 1, 2, 3, 4, 4, 5, 6, 8, 10])))
    text = "".join(str(d) for d in rng.integers(0, 10, length))
    if length > 3 and rng.random() < 0.12:
        text = text[:-3] + str(rng.choice([".", ","])) + text[-3:]
    if rng.random() < 0.05:
        text += str(rng.choice(["-", "=", ".-", ","]))
    return text


def _random_lines(
    spec: LayoutSpec, region: Region, has_clutter: bool, rng: np.random.Generator
) -> tuple[tuple[str, ...], ...]:
    rows = max(1, int(1 + (region[3] - spec.height_px) / (spec.line_gap * spec.height_px)))
    left = spec.max_digits
    lines = []
    for _ in range(rows):
        line: list[str] = []
        while left > 0:
            fits = int(region[2] / (spec.height_px * (0.68 * spec.aspect + max(spec.gap, 0.0))))
            text = random_text(rng, max(1, min(left, fits)))
            if has_clutter and rng.random() < 0.12:
                text = "?" * int(rng.integers(1, 4))
            if line and _line_width((*line, text), spec) > region[2]:
                break
            line.append(text)
            left -= len(text)
            if rng.random() < 0.2:
                break
        lines.append(tuple(line))
    return tuple(line for line in lines if line)


def _strew(spec: LayoutSpec, region: Region, rng: np.random.Generator) -> list[Word]:
    """Numbers at random places that keep clear of each other."""
    words: list[Word] = []
    taken: list[Region] = []
    texts = [t for line in spec.lines for t in line]
    left = spec.max_digits
    for attempt in range(60):
        if left <= 0 or (spec.lines and not texts):
            break
        text = texts[0] if texts else random_text(rng, min(left, 4))
        width, height = word_width(text, spec), spec.height_px
        if width > region[2] or height > region[3]:
            if spec.lines:
                break
            continue
        x = region[0] + float(rng.uniform(0, region[2] - width))
        y = region[1] + float(rng.uniform(0, region[3] - height))
        clear = 0.9 * height if attempt < 40 else 0.7 * height
        box = (x - clear, y - 0.5 * height, width + 2 * clear, 2 * height)
        if not any(overlap(box, other) for other in taken):
            words.append(Word(text, x, y + height, height))
            taken.append(box)
            left -= len(text)
            texts = texts[1:]
    return words


def overlap(a: Region, b: Region) -> bool:
    """Whether two rectangles share a point."""
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
