"""Pictures of how a page is read, stage by stage, made by the reader's own stages from the project's samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.candidates import SURE
from digitrec.errors import SourceError
from digitrec.glyphs import draw_glyph, find_pieces
from digitrec.ink import InkLevel
from digitrec.lines import without_lines
from digitrec.normalise import LARGEST, SIDE, normalise, tight_box
from digitrec.overlay import annotate
from digitrec.pyramid import ink_levels
from digitrec.recognizer import Recognizer
from digitrec.results import NOT_A_DIGIT, Box, Digit, Image, Reading
from digitrec.training import figures

PAGE, CHEQUE = "squared_shadow.jpg", "cheque.jpg"
"""The samples that are shown: one with everything that is in the way, one whose digits touch."""

OTHERS = ("plain.jpg", "ruled.jpg")
"""Those in which digits are looked for that are misread when they are made 28x28 in another way."""

SHOWN = 3
"""So many of these are shown."""


@dataclass(frozen=True)
class _View:
    """A picture as the reader sees it.

    Attributes:
        image: uint8 (H, W, 3).
        reading: of the whole picture.
        level: its finest ink, ruled lines taken away.
        area: rows and columns around the writing: the part that is shown.
    """

    image: Image
    reading: Reading
    level: InkLevel
    area: tuple[slice, slice]

    def shown(self, picture: Image) -> Image:
        """The part of ``picture``, of the level's or the image's size."""
        scale = picture.shape[0] / self.image.shape[0]
        rows, columns = (slice(round(s.start * scale), round(s.stop * scale)) for s in self.area)
        return np.ascontiguousarray(picture[rows, columns])

    def ink_of(self, box: Box) -> Image:
        """The ink of the glyph at ``box``."""
        pieces = find_pieces(self.level)
        scale = self.level.scale
        place = Box(*(round(v * scale) for v in box))
        inside = [i for i, p in enumerate(pieces) if _overlap(p.box, place) > 0.5 * p.box.width * p.box.height]
        return draw_glyph(self.level, pieces, tuple(inside or range(min(1, len(pieces))))).ink


def _look(reader: Recognizer, path: Path, margin: float = 0.5) -> _View:
    data = np.fromfile(path, np.uint8) if path.is_file() else np.zeros(0, np.uint8)
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if decoded is None:
        raise SourceError(f"{path} cannot be read. Make the samples: python -m digitrec.training sample")
    image = np.asarray(decoded, np.uint8)
    reading = reader.read(image)
    if not reading.digits:
        raise SourceError(f"the model reads no digit in {path}. Choose another --model.")
    box = Box.around([d.box for d in reading.digits])
    pad = round(margin * box.height)
    rows = slice(max(0, box.y - pad), min(image.shape[0], box.y + box.height + pad))
    columns = slice(max(0, box.x - pad), min(image.shape[1], box.x + box.width + pad))
    level = next(ink_levels(image))
    return _View(image, reading, without_lines(level, find_pieces(level)), (rows, columns))


def draw_stages(reader: Recognizer, samples: Path, out: Path) -> list[Path]:
    """Write ``stages-page.png``, ``stages-crop.png``, ``stages-touching.png`` and ``ways.png``; what was written.

    Raises:
        SourceError: a sample is missing, or nothing is read in it.
        OutputError: ``out`` cannot be written.
    """
    page, cheque = _look(reader, samples / PAGE), _look(reader, samples / CHEQUE)
    drawn = {
        "stages-page.png": _page(page),
        "stages-crop.png": _crop(reader, page),
        "stages-touching.png": _touching(cheque),
        "ways.png": _ways(reader, [_look(reader, samples / name) for name in OTHERS]),
    }
    for name, figure in drawn.items():
        figures.save_figure(figure, out / name)
    return [out / name for name in drawn]


def _page(view: _View) -> figures.Figure:
    figure, axes = figures.new_figure(2, 2, (7.6, 5.3))
    figures.show_picture(axes[0, 0], _rgb(view.shown(view.image)), "1  the picture: shadow, pencil, squares")
    figures.show_picture(axes[0, 1], view.shown(view.level.depth), "2  depth of ink: the light divided out")
    figures.show_picture(axes[1, 0], view.shown(view.level.mask), "3  ink or not: a threshold, ruled lines taken away")
    figures.show_picture(axes[1, 1], _rgb(view.shown(annotate(view.image, view.reading))), "4  the reading")
    return figure


def _rgb(image: Image) -> Image:
    return np.ascontiguousarray(image[..., ::-1])


def _crop(reader: Recognizer, view: _View) -> figures.Figure:
    """One digit from the picture to the answer."""
    digit = _chosen(view.reading.digits)
    x, y, width, height = digit.box
    pad = round(0.4 * height)
    around = view.image[max(0, y - pad) : y + height + pad, max(0, x - pad) : x + width + pad]
    ink = view.ink_of(digit.box)
    figure, axes = figures.new_figure(1, 5, (11, 2.6))
    figures.show_picture(axes[0, 0], _rgb(around), "one digit\n")
    figures.show_picture(axes[0, 1], ink, f"its ink alone,\n{ink.shape[1]} x {ink.shape[0]} px")
    figures.show_picture(axes[0, 2], _scaled(ink), f"larger side {LARGEST} px,\naspect kept")
    crop = normalise(ink)
    figures.show_picture(axes[0, 3], crop, f"centre of mass in the\nmiddle of {SIDE} x {SIDE}")
    axes[0, 3].axhline(SIDE / 2, color=figures.ORANGE, linewidth=0.7)
    axes[0, 3].axvline(SIDE / 2, color=figures.ORANGE, linewidth=0.7)
    _bars(axes[0, 4], reader, crop)
    return figure


def _chosen(digits: Sequence[Digit]) -> Digit:
    """A digit that shows the steps well: sure, and neither narrow nor small."""
    return max(digits, key=lambda d: (d.confidence > 0.9, min(d.box.width, 0.8 * d.box.height) * d.box.height))


def _overlap(a: Box, b: Box) -> int:
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    return max(0, width) * max(0, height)


def _scaled(ink: Image) -> Image:
    """20 px on the larger side."""
    scale = LARGEST / max(ink.shape)
    size = max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale))
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)


def _bars(axes: figures.Axes, reader: Recognizer, crop: Image) -> None:
    """The network's answer to one crop."""
    probabilities = reader.classify(crop[None])[0]
    colors = [figures.BLUE if i == probabilities.argmax() else figures.GREY for i in range(NOT_A_DIGIT + 1)]
    axes.bar(range(NOT_A_DIGIT + 1), probabilities, color=colors)
    axes.set_xticks(range(NOT_A_DIGIT + 1), figures.NAMES, fontsize=7)
    axes.set(ylim=(0, 1), title="eleven\nprobabilities")


def _touching(view: _View) -> figures.Figure:
    mask = np.ascontiguousarray(np.repeat(255 - view.level.mask[..., None], 3, axis=2))
    for digit in view.reading.digits:
        x, y, width, height = (round(v * view.level.scale) for v in digit.box)
        cv2.rectangle(mask, (x, y), (x + width, y + height), (213, 94, 0), max(1, mask.shape[1] // 250))
    crops = np.hstack([np.pad(d.crop, 2) for d in view.reading.digits if d.crop is not None])
    answers = " ".join(str(d.digit) for d in view.reading.digits)
    figure, axes = figures.new_figure(3, 1, (5.6, 6.0))
    figures.show_picture(axes[0, 0], _rgb(view.shown(view.image)), "digits that touch are one piece of ink")
    figures.show_picture(axes[1, 0], view.shown(mask), "a second network reads it from left to right")
    figures.show_picture(axes[2, 0], np.asarray(crops, np.uint8), f"what it saw: {answers}")
    return figure


@dataclass(frozen=True)
class Ways:
    """One digit made 28x28 in each of the ways of ``benchmarks.preprocessing``.

    Attributes:
        digit: what it is.
        crops: uint8 (28, 28) each; the last is MNIST's own way.
        answers: float32 (ways, 11), the network's.
    """

    digit: int
    crops: tuple[Image, ...]
    answers: NDArray[np.float32]

    @property
    def misread(self) -> float:
        """How much goes wrong in the other ways: the sum of the wrong answers' probabilities."""
        wrong = self.answers.argmax(axis=1) != self.digit
        return float(self.answers.max(axis=1)[wrong].sum())


def hardest_ways(reader: Recognizer, views: Sequence[_View]) -> list[Ways]:
    """Of the digits that are read surely in MNIST's way those that suffer most in the others, each digit once."""
    from benchmarks.preprocessing import STEPS

    found: list[Ways] = []
    for view, digit in ((v, d) for v in views for d in v.reading.digits):
        ink = view.ink_of(digit.box)
        x, y, width, height = tight_box(ink) or (0, 0, *ink.shape[::-1])
        crops = tuple(step(ink[y : y + height, x : x + width]) for step in STEPS.values())
        ways = Ways(digit.digit, crops, reader.classify(np.stack(crops)))
        if ways.answers[-1, digit.digit] >= SURE:
            found.append(ways)
    best: dict[int, Ways] = {}
    for ways in sorted(found, key=lambda ways: -ways.misread):
        best.setdefault(ways.digit, ways)
    return list(best.values())[:SHOWN]


def _ways(reader: Recognizer, views: Sequence[_View]) -> figures.Figure:
    """Three digits, normalised in five ways, with the answers."""
    from benchmarks.preprocessing import STEPS

    figure, axes = figures.new_figure(SHOWN, len(STEPS), (9.5, 6.0))
    for cell, name in zip(axes[0], STEPS, strict=True):
        cell.set_title(name.replace(", ", ",\n"), fontsize=8)
    chosen = hardest_ways(reader, views)
    for cell in axes[len(chosen) :].flat:
        cell.axis("off")
    for row, ways in zip(axes, chosen, strict=False):
        for cell, crop, answer in zip(row, ways.crops, ways.answers, strict=True):
            figures.show_picture(cell, np.pad(crop, 1, constant_values=90))
            color = figures.INK if answer.argmax() == ways.digit else figures.ORANGE
            cell.set_xlabel(f"read {figures.NAMES[answer.argmax()]}, {answer.max():.2f}", color=color)
    return figure
