"""Drawing with matplotlib: one look for all figures, and the few kinds of them that several commands need."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import OutputError
from digitrec.results import NOT_A_DIGIT, Image

INK = "#1f2933"
BLUE, ORANGE, GREEN, GREY = "#0072b2", "#d55e00", "#009e73", "#9aa5b1"
"""Colours that the colour-blind can tell apart (Okabe and Ito 2008)."""

NAMES = [*(str(d) for d in range(NOT_A_DIGIT)), "none"]
"""The classifier's outputs, for people."""

_STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "text.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.fonttype": "path",
    "svg.hashsalt": "digitrec",  # the same figure gives the same file
}

Figure = Any
Axes = Any


def new_figure(rows: int, columns: int, size: tuple[float, float]) -> tuple[Figure, NDArray[Any]]:
    """A figure of ``size`` (width, height) inches and its (rows, columns) axes."""
    import matplotlib as mpl
    from matplotlib import pyplot

    mpl.rcParams.update(_STYLE)
    figure, axes = pyplot.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    return figure, axes


def save_figure(figure: Figure, path: Path, svg: bool = False) -> None:
    """Write ``path`` (PNG), with ``svg`` an SVG beside it too, and close the figure.

    Raises:
        OutputError: it cannot be written.
    """
    from matplotlib import pyplot

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=110, metadata={"Software": None})
        if svg:
            figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}). Choose another --out.") from error
    finally:
        pyplot.close(figure)


def show_picture(axes: Axes, picture: Image, title: str = "", bright_ink: bool = True) -> None:
    """A picture without ticks; grey ones with dark ink on white."""
    shown = 255 - picture if picture.ndim == 2 and bright_ink else picture
    axes.imshow(shown if shown.ndim == 3 else np.repeat(shown[..., None], 3, 2), interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    if title:
        axes.set_title(title)


def draw_confusion(axes: Axes, truth: NDArray[np.int64], answers: NDArray[np.int64]) -> None:
    """Counts of answer against truth; the right ones pale, so that the errors stand out."""
    counts = np.zeros((NOT_A_DIGIT, NOT_A_DIGIT + 1), np.int64)
    np.add.at(counts, (truth, answers), 1)
    wrong = counts.astype(float)
    wrong[np.arange(NOT_A_DIGIT), np.arange(NOT_A_DIGIT)] = 0
    axes.imshow(wrong, cmap="Oranges", vmax=max(1.0, wrong.max() * 1.6))
    for (row, column), count in np.ndenumerate(counts):
        if count:
            axes.text(
                column, row, str(count), ha="center", va="center", fontsize=7, color=GREY if row == column else INK
            )
    axes.set_xticks(range(NOT_A_DIGIT + 1), NAMES)
    axes.set_yticks(range(NOT_A_DIGIT), NAMES[:NOT_A_DIGIT])
    axes.set_xlabel("answered")
    axes.set_ylabel("written")


def draw_calibration(axes: Axes, confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Accuracy against confidence in ten bins; returns the expected calibration error (Guo et al. 2017), 0-1."""
    bins = np.minimum((confidence * 10).astype(int), 9)
    means, shares, counts = [], [], []
    for b in np.unique(bins):
        inside = bins == b
        means.append(float(confidence[inside].mean()))
        shares.append(float(right[inside].mean()))
        counts.append(int(inside.sum()))
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--")
    axes.plot(means, shares, color=BLUE, marker="o", markersize=4)
    for x, y, count in zip(means, shares, counts, strict=True):
        axes.annotate(str(count), (x, y), textcoords="offset points", xytext=(4, -9), fontsize=6, color=GREY)
    axes.set(xlim=(0, 1.04), ylim=(0, 1.04), xlabel="confidence", ylabel="share that is right")
    gaps = np.abs(np.array(means) - np.array(shares))
    return float((gaps * counts).sum() / max(1, sum(counts)))


def contact_sheet(pictures: Sequence[Image], captions: Sequence[str], columns: int = 12) -> Figure:
    """Small pictures with a line under each."""
    rows = max(1, -(-len(pictures) // columns))
    figure, axes = new_figure(rows, columns, (0.95 * columns, 1.15 * rows))
    for cell in axes.flat[len(pictures) :]:
        cell.axis("off")
    for cell, picture, caption in zip(axes.flat, pictures, captions, strict=False):
        show_picture(cell, picture)
        cell.set_xlabel(caption, fontsize=7)
    return figure
