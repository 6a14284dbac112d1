"""Pictures of how a page is read, stage by stage, made by the reader's own stages from the project's samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from digitrec.errors import SourceError
from digitrec.glyphs import draw_glyph, find_pieces
from digitrec.lines import without_lines
from digitrec.normalise import LARGEST, SIDE, normalise, tight_box
from digitrec.overlay import annotate
from digitrec.recognizer import Recognizer, ink_levels
from digitrec.results import NOT_A_DIGIT, Box, Digit, Image
from digitrec.training import figures

PAGE, CHEQUE = "squared_shadow.jpg", "cheque.jpg"
"""The samples that are shown: one with everything that is in the way, one whose digits touch."""


def draw_stages(reader: Recognizer, samples: Path, out: Path) -> list[Path]:
    """Write ``stages-page.png``, ``stages-crop.png``, ``stages-touching.png`` and ``ways.png``; what was written.

    Raises:
        SourceError: a sample is missing.
        OutputError: ``out`` cannot be written.
    """
    page, cheque = _read(samples / PAGE), _read(samples / CHEQUE)
    drawn = {
        "stages-page.png": _page(reader, page),
        "stages-crop.png": _crop(reader, page),
        "stages-touching.png": _touching(reader, cheque),
        "ways.png": _ways(reader, page),
    }
    for name, figure in drawn.items():
        figures.save_figure(figure, out / name)
    return [out / name for name in drawn]


def _read(path: Path) -> Image:
    data = np.fromfile(path, np.uint8) if path.is_file() else np.zeros(0, np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if image is None:
        raise SourceError(f"{path} cannot be read. Make the samples: python -m digitrec.training sample")
    return np.asarray(image, np.uint8)


def _writing(reader: Recognizer, image: Image, margin: float = 0.35) -> tuple[Image, Sequence[Digit]]:
    """The part of the picture that holds digits, with some paper around, and its digits."""
    digits = reader.read(image).digits
    if not digits:
        raise SourceError("the model reads no digit on the samples. Choose another --model.")
    box = Box.around([d.box for d in digits])
    pad = round(margin * box.height)
    part = image[max(0, box.y - pad) : box.y + box.height + pad, max(0, box.x - pad) : box.x + box.width + pad]
    return np.ascontiguousarray(part), reader.read(part).digits


def _page(reader: Recognizer, image: Image) -> figures.Figure:
    part, _ = _writing(reader, image)
    level = ink_levels(part)[0]
    figure, axes = figures.new_figure(2, 2, (9.2, 6.4))
    figures.show_picture(axes[0, 0], _rgb(part), "1  the picture: shadow, pencil, squares")
    figures.show_picture(axes[0, 1], level.depth, "2  depth of ink: the light divided out")
    bare = without_lines(level, find_pieces(level))
    figures.show_picture(axes[1, 0], bare.mask, "3  ink or not: a threshold, ruled lines taken away")
    figures.show_picture(axes[1, 1], _rgb(annotate(part, reader.read(part))), "4  the reading")
    return figure


def _rgb(image: Image) -> Image:
    return np.ascontiguousarray(image[..., ::-1])


def _crop(reader: Recognizer, image: Image) -> figures.Figure:
    """One digit from the picture to the answer."""
    part, digits = _writing(reader, image)
    digit = _chosen(digits)
    x, y, width, height = digit.box
    pad = round(0.4 * height)
    around = part[max(0, y - pad) : y + height + pad, max(0, x - pad) : x + width + pad]
    ink = _ink_of(part, digit.box)
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


def _ink_of(image: Image, box: Box) -> Image:
    """The ink of the glyph at ``box``."""
    level = ink_levels(image)[0]
    level = without_lines(level, find_pieces(level))
    pieces = find_pieces(level)
    inside = [i for i, p in enumerate(pieces) if _overlap(p.box, box) > 0.5 * p.box.width * p.box.height]
    return draw_glyph(level, pieces, tuple(inside or range(min(1, len(pieces))))).ink


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


def _touching(reader: Recognizer, image: Image) -> figures.Figure:
    part, digits = _writing(reader, image)
    level = ink_levels(part)[0]
    mask = np.repeat(255 - level.mask[..., None], 3, axis=2)
    for digit in digits:
        x, y, width, height = (round(v * level.scale) for v in digit.box)
        cv2.rectangle(mask, (x, y), (x + width, y + height), (0, 94, 213), max(1, mask.shape[1] // 250))
    crops = np.hstack([np.pad(d.crop, 2) for d in digits if d.crop is not None])
    figure, axes = figures.new_figure(3, 1, (5.6, 6.0))
    figures.show_picture(axes[0, 0], _rgb(part), "digits that touch are one piece of ink")
    figures.show_picture(axes[1, 0], _rgb(mask), "of all cuts and joins, those that the network can read best")
    figures.show_picture(
        axes[2, 0], np.asarray(crops, np.uint8), "what it saw: " + " ".join(str(d.digit) for d in digits)
    )
    return figure


def _ways(reader: Recognizer, image: Image) -> figures.Figure:
    """Three digits, normalised in five ways, with the answers."""
    from benchmarks.preprocessing import STEPS

    part, digits = _writing(reader, image)
    chosen = sorted(digits, key=lambda d: d.box.width / d.box.height)
    chosen = [chosen[0], chosen[len(chosen) // 2], chosen[-1]]
    figure, axes = figures.new_figure(len(chosen), len(STEPS), (9.5, 6.0))
    for cell, name in zip(axes[0], STEPS, strict=True):
        cell.set_title(name.replace(", ", ",\n"), fontsize=8)
    for row, digit in zip(axes, chosen, strict=True):
        ink = _ink_of(part, digit.box)
        x, y, width, height = tight_box(ink) or (0, 0, *ink.shape[::-1])
        for cell, step in zip(row, STEPS.values(), strict=True):
            crop = step(ink[y : y + height, x : x + width])
            answer = reader.classify(crop[None])[0]
            figures.show_picture(cell, np.pad(crop, 1, constant_values=90))
            cell.set_xlabel(f"read {figures.NAMES[answer.argmax()]}, {answer.max():.2f}")
    return figure
