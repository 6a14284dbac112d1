"""Pictures of the data, the training and the network: PNG and SVG."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from digitrec.console import Console, quiet_libraries
from digitrec.errors import SourceError
from digitrec.recognizer import Recognizer
from digitrec.results import NOT_A_DIGIT
from digitrec.training import figures
from digitrec.training.augment import Strength, augment, make_rejects
from digitrec.training.data import Samples, letter_parts, load_mnist
from digitrec.training.evaluate import draw_difficulty, measure_difficulty
from digitrec.training.modelfiles import load_keras
from digitrec.training.network import draw_architecture, draw_filters, features_of
from digitrec.training.progress import Bar
from digitrec.training.runs import check_folder
from digitrec.training.stages import draw_stages

if TYPE_CHECKING:
    import keras

_SHOWN = 900
"""Pictures in the embedding."""

_DIFFICULT = 200
"""Digits for each point of the curves."""


@dataclass(frozen=True, slots=True)
class Plotting:
    """What to draw.

    Attributes:
        model: a ``.keras``, its ``.tflite`` beside it.
        logs: ``log.jsonl`` files; empty: those that are found.
        data_dir: of the data sets; None downloads MNIST.
        samples: folder of the project's samples.
        seed: of everything random.
    """

    model: Path
    logs: tuple[Path, ...]
    data_dir: Path | None
    samples: Path
    seed: int = 1


def plot_all(job: Plotting, out: Path, console: Console) -> None:
    """Write all pictures to ``out``.

    Raises:
        ModelError: the model is missing or damaged.
        SourceError: MNIST, a log or a sample is missing.
        OutputError: ``out`` cannot be written.
    """
    check_folder(out)
    model = load_keras(job.model)
    with quiet_libraries():
        reader = Recognizer(job.model.with_suffix(".tflite"))
    train, test = load_mnist(job.data_dir)
    logs = job.logs or find_logs(job.model.parent)
    tasks: dict[str, Callable[[], figures.Figure]] = {
        "samples": lambda: draw_samples(train, job.seed),
        "architecture": lambda: draw_architecture(model),
        "filters": lambda: draw_filters(model),
        "embedding": lambda: draw_embedding(model, _shown(test, job), job.seed),
        "difficulty": lambda: draw_difficulty(measure_difficulty(reader, test, _DIFFICULT, job.seed)),
    }
    if logs:
        tasks["training"] = lambda: draw_training(logs)
    bar = Bar(console, "plots", len(tasks) + 1)
    for name, draw in tasks.items():
        figures.save_figure(draw(), out / f"{name}.png", svg=True)
        bar.step()
    draw_stages(reader, job.samples, out)
    bar.close()
    console.say(f"wrote pictures to {out}" + ("" if logs else "; no log.jsonl of a training was found: no curves"))


def find_logs(folder: Path) -> tuple[Path, ...]:
    """``log.jsonl`` files beside the model, in its stages, and of the runs."""
    found = [*folder.glob("log.jsonl"), *folder.glob("stage-*/log.jsonl"), *Path("runs").glob("*/log.jsonl")]
    return tuple(sorted(path for path in found if path.stat().st_size))


def draw_samples(train: Samples, seed: int) -> figures.Figure:
    """Digits as they are in MNIST, as training changes them, and what is made to be no digit."""
    rng = np.random.default_rng(seed)
    columns = 20
    picks = np.concatenate([rng.permutation(np.flatnonzero(train.y == d))[: columns // 10] for d in range(NOT_A_DIGIT)])
    digits = train.take(picks)
    rows = [("MNIST", digits.x)]
    rows += [("changed" if i == 0 else "", augment(digits, Strength(), rng).x) for i in range(3)]
    rows += [("no digit" if i == 0 else "", make_rejects(train, columns, rng).x) for i in range(2)]
    figure, axes = figures.new_figure(len(rows), 1, (9, 0.47 * len(rows) + 0.4))
    for cell, (name, pictures) in zip(axes[:, 0], rows, strict=True):
        figures.show_picture(cell, np.asarray(np.hstack(list(pictures)), np.uint8))
        cell.set_ylabel(name, rotation=0, ha="right", va="center")
    return figure


def draw_training(logs: tuple[Path, ...]) -> figures.Figure:
    """Loss, and errors on validation pictures, over the epochs of each run."""
    figure, axes = figures.new_figure(1, 2, (9, 3.4))
    for path in logs:
        rows = read_log(path)
        epochs = [row["epoch"] for row in rows]
        name = path.parent.name
        axes[0, 0].plot(epochs, [row["loss"] for row in rows], label=name)
        (line,) = axes[0, 1].plot(
            epochs, [100 - 100 * row["validation_digits"] for row in rows], label=f"{name}: digits"
        )
        if any("validation_rejects" in row for row in rows):
            errors = [100 - 100 * row["validation_rejects"] for row in rows]
            axes[0, 1].plot(epochs, errors, color=line.get_color(), linestyle="--", label=f"{name}: no digits")
    axes[0, 0].set(title="training loss", xlabel="epoch", yscale="log")
    axes[0, 1].set(title="errors on validation pictures, %", xlabel="epoch", yscale="log")
    for cell in axes[0]:
        cell.legend(frameon=False, fontsize=7)
    return figure


def read_log(path: Path) -> list[dict[str, Any]]:
    """The epochs of one run.

    Raises:
        SourceError: it is missing or no log.
    """
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        complete = all({"epoch", "loss", "validation_digits"} <= row.keys() for row in rows)
    except (OSError, ValueError, AttributeError) as error:
        raise SourceError(f"{path} is no log of a training ({error}). Give another --log.") from error
    if not rows or not complete:
        raise SourceError(f"{path} is no log of a training: it lacks epochs. Give another --log.")
    return rows


def _shown(test: Samples, job: Plotting) -> Samples:
    """Test digits and, where they are there, letters that look like none."""
    digits = test.take(np.random.default_rng(job.seed).permutation(len(test))[:_SHOWN])
    letters = letter_parts(job.data_dir, held_back=True) if job.data_dir is not None else None
    return digits if letters is None else Samples.join([digits, letters])


def draw_embedding(model: keras.Model, samples: Samples, seed: int) -> figures.Figure:
    """What the last layer before the answer makes of the pictures, in two dimensions."""
    points, how = embed(features_of(model, samples.x), seed)
    figure, axes = figures.new_figure(1, 1, (6.4, 5.4))
    from matplotlib import colormaps

    colors = [*(colormaps["tab10"](i) for i in range(NOT_A_DIGIT)), figures.INK]
    for label in np.unique(samples.y):
        chosen = points[samples.y == label]
        name = figures.NAMES[label] if label < NOT_A_DIGIT else "letters"
        axes[0, 0].scatter(chosen[:, 0], chosen[:, 1], s=7, color=colors[label], linewidths=0, label=name)
        if label < NOT_A_DIGIT:
            middle = np.median(chosen, axis=0)
            box = {"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": colors[label]}
            axes[0, 0].text(*middle, name, ha="center", va="center", bbox=box)
    axes[0, 0].legend(frameon=False, fontsize=7, markerscale=2, loc="center left", bbox_to_anchor=(1, 0.5))
    axes[0, 0].set(xticks=[], yticks=[], title=f"{len(samples)} pictures as the network sees them ({how})")
    return figure


def embed(features: NDArray[np.float32], seed: int) -> tuple[NDArray[np.float64], str]:
    """(N, F) -> (N, 2) and the method: t-SNE (van der Maaten and Hinton 2008), or principal components without it."""
    centred = np.asarray(features, np.float64) - features.mean(0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    components = left[:, :2] * sizes[:2]
    try:
        from sklearn.manifold import TSNE
    except ModuleNotFoundError:
        return components, "principal components"
    perplexity = min(30.0, (len(features) - 1) / 3)
    start = components / (components.std() + 1e-9) * 1e-4
    return np.asarray(TSNE(2, perplexity=perplexity, init=start, random_state=seed).fit_transform(centred)), "t-SNE"
