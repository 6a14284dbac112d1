"""Where a model errs: confusion, calibration and errors of each data set, and accuracy against what makes it hard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from digitrec.console import Console, quiet_libraries
from digitrec.recognizer import Recognizer
from digitrec.results import NOT_A_DIGIT
from digitrec.training import figures
from digitrec.training.arrays import load_digits
from digitrec.training.data import OPTDIGITS_TRAINED, Samples, load_mnist, renormalise
from digitrec.training.distortions import CURVES, Curve, Point, measure_curve
from digitrec.training.modelfiles import replace_file
from digitrec.training.progress import Bar
from digitrec.training.runs import check_results

MOST_ERRORS = 96
"""So many errors at most on one sheet, the surest first."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What to evaluate.

    Attributes:
        model: a ``.tflite``.
        data_dir: of the data sets; None downloads MNIST.
        pictures: digits for each point of the curves.
        seed: chooses them.
    """

    model: Path
    data_dir: Path | None
    pictures: int = 300
    seed: int = 1


RESULTS = ("metrics.json", "difficulty.png", "confusion-*.png", "calibration-*.png", "errors-*.png")
"""What is written, of each set a picture of each kind."""


def evaluate(job: Evaluation, out: Path, force: bool, console: Console) -> None:
    """Write confusion, calibration and errors of each set, ``difficulty.png`` and ``metrics.json`` to ``out``.

    Raises:
        ModelError: the model is missing or damaged.
        SourceError: MNIST is missing, or a set is damaged.
        OutputError: ``out`` cannot be written, or holds earlier results and ``force`` is false.
    """
    check_results(out, RESULTS, force)
    with quiet_libraries():
        reader = Recognizer(job.model)
    metrics: dict[str, Any] = {"model": job.model.name}
    mnist = load_mnist(job.data_dir)[1]
    sets = list(_sets(mnist, job.data_dir))  # what is damaged is told before the work
    for name, samples in sets:
        metrics[name] = _evaluate_set(reader, name, samples, out)
        console.data(f"{name}: {metrics[name]['right']:.2%} of {len(samples)} right, ")
        console.data(f"calibration error {metrics[name]['calibration_error']:.4f}\n")
    bar = Bar(console, "curves", sum(len(curve.values) for curve in CURVES))
    points = measure_difficulty(reader, mnist, job.pictures, job.seed, bar)
    bar.close()
    figures.save_figure(draw_difficulty(points), out / "difficulty.png")
    metrics["difficulty"] = {title: [asdict(p) for p in row] for title, row in points.items()}
    replace_file(out / "metrics.json", (json.dumps(metrics, indent=2) + "\n").encode())
    console.say(f"wrote pictures and metrics.json to {out}")


def _sets(mnist: Samples, data_dir: Path | None) -> Iterator[tuple[str, Samples]]:
    """The sets that training does not use, those that are there."""
    yield "mnist", mnist
    for name, begin in (("opencv_digits", 0.0), ("semeion", 0.0), ("optdigits_train", OPTDIGITS_TRAINED)):
        path = data_dir / f"{name}.npz" if data_dir is not None else None
        if path is not None and path.is_file():
            x, y = load_digits(path)
            first = int(len(y) * begin)
            yield name.removesuffix("_train"), Samples(renormalise(_larger(x[first:])), y[first:])


def _larger(pictures: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Three times the size, smoothly, with a margin: small pictures would come out as staircases."""
    import cv2

    padded = np.pad(pictures, ((0, 0), (2, 2), (2, 2)))
    return np.stack([cv2.resize(p, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC) for p in padded])


def _evaluate_set(reader: Recognizer, name: str, samples: Samples, out: Path) -> dict[str, float]:
    parts = [reader.classify(samples.x[i : i + 512]) for i in range(0, len(samples), 512)]
    probabilities = np.concatenate(parts)
    answers, confidence = probabilities.argmax(1), probabilities.max(1).astype(np.float64)
    right = answers == samples.y
    figure, axes = figures.new_figure(1, 1, (5.2, 4.6))
    figures.draw_confusion(axes[0, 0], samples.y, answers)
    axes[0, 0].set_title(f"{name}: {right.mean():.2%} of {len(samples)}")
    figures.save_figure(figure, out / f"confusion-{name}.png")
    figure, axes = figures.new_figure(1, 1, (4.2, 4.0))
    error = figures.draw_calibration(axes[0, 0], confidence, right)
    axes[0, 0].set_title(f"{name}: calibration error {error:.2%}")
    figures.save_figure(figure, out / f"calibration-{name}.png")
    worst = sorted(np.flatnonzero(~right), key=lambda i: -confidence[i])[:MOST_ERRORS]
    captions = [f"{samples.y[i]} > {figures.NAMES[answers[i]]}  {confidence[i]:.2f}" for i in worst]
    figures.save_figure(figures.contact_sheet(list(samples.x[worst]), captions), out / f"errors-{name}.png")
    accepted = probabilities[:, :NOT_A_DIGIT].max(1) >= reader.min_confidence
    return {
        "right": float(right.mean()),
        "accepted": float(accepted.mean()),
        "right_of_accepted": float(right[accepted].mean()) if accepted.any() else 1.0,
        "calibration_error": error,
    }


def measure_difficulty(
    reader: Recognizer, digits: Samples, count: int, seed: int, bar: Bar | None = None
) -> dict[str, list[Point]]:
    """The points of each curve, with ``count`` digits for each."""
    chosen = digits.take(np.random.default_rng(seed).permutation(len(digits))[:count])
    points: dict[str, list[Point]] = {}
    for curve in CURVES:
        points[curve.title] = []
        for point in measure_curve(reader, chosen, curve, seed):
            points[curve.title].append(point)
            if bar is not None:
                bar.step()
    return points


def draw_difficulty(points: dict[str, list[Point]]) -> figures.Figure:
    """All curves."""
    figure, axes = figures.new_figure(2, 3, (10, 5.6))
    for cell, curve in zip(axes.flat, CURVES, strict=False):
        _draw_curve(cell, curve, points[curve.title])
    axes.flat[0].legend(frameon=False, loc="center right")
    for cell in axes.flat[len(CURVES) :]:
        cell.axis("off")
    return figure


def _draw_curve(axes: figures.Axes, curve: Curve, points: list[Point]) -> None:
    """Shares read rightly and wrongly; what is missing to 100 % was not answered."""
    values = [p.value for p in points]
    axes.plot(values, [100 * p.right for p in points], color=figures.BLUE, marker="o", markersize=4, label="read right")
    axes.plot(
        values, [100 * p.wrong for p in points], color=figures.ORANGE, marker="s", markersize=4, label="read wrong"
    )
    if curve.field in {"height_px", "pen"}:
        axes.set_xscale("log")
        axes.set_xticks(values, [f"{v:g}" for v in values])
        axes.minorticks_off()
    axes.set(title=curve.title, xlabel=curve.unit, ylabel="% of digits", ylim=(-3, 103))
