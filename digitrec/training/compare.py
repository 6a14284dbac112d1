"""One table of all networks: what they cost, and what they read of tidy digits, photographs and moving paper."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from digitrec.classifier import Classifier
from digitrec.console import Console, quiet_libraries
from digitrec.errors import SourceError, UsageError
from digitrec.normalise import SIDE
from digitrec.recognizer import DEFAULT_MODEL, Recognizer
from digitrec.training.modelfiles import load_keras, replace_file
from digitrec.training.plain import PlainRun, train_plain
from digitrec.training.progress import Bar
from digitrec.training.runs import CHECKPOINT, OtherRunError, check_results

if TYPE_CHECKING:
    from benchmarks.report import Outcome

_BATCH = 16
_REPEATS = 60

TABLE, ROWS = "compare.md", "compare.json"
"""What is written."""

SHARES = ("MNIST test", "OpenCV digits", "Semeion", "photos F1", "clips F1", "letters answered")
"""Measured shares, 0-1, in the order of the table; all but the last are better when higher."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What to compare.

    Attributes:
        names: architectures.
        models: further ``.tflite`` files.
        runs: networks lie in ``runs/NAME/NAME.tflite``; the shipped one where it ships.
        data_dir: of the data sets; None downloads MNIST and measures nothing else.
        epochs: of those that are trained because they are missing.
        seed: of everything random.
        quick: without the rendered clips.
    """

    names: tuple[str, ...]
    models: tuple[Path, ...]
    runs: Path
    data_dir: Path | None
    epochs: int = 10
    seed: int = 1
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One network's row.

    Attributes:
        name: of the network.
        parameters: trained numbers; None where no ``.keras`` lies beside the ``.tflite``.
        bytes: size of the ``.tflite``.
        ms: for 16 crops, the median.
        shares: measured shares by the names of ``SHARES``; what could not be measured is missing.
    """

    name: str
    parameters: int | None
    bytes: int
    ms: float
    shares: dict[str, float]


def compare(job: Comparison, out: Path, force: bool, console: Console) -> None:
    """Train what is missing, measure all, print the table, and write ``compare.md`` and ``compare.json`` to ``out``.

    Raises:
        UsageError: the project's ``benchmarks`` are not there, or an unfinished run has other options.
        ModelError: a model is damaged.
        OutputError: ``out`` cannot be written, or holds earlier results and ``force`` is false.
    """
    check_results(out, (TABLE, ROWS), force)
    paths, lines = measure_all(job, console)
    text = markdown(lines)
    if job.data_dir is not None and (job.data_dir / "photos").is_dir():
        from benchmarks import preprocessing

        text += "\n" + preprocessing.markdown(paths, *preprocessing.accuracies(paths, job.data_dir))
    console.data(text)
    replace_file(out / TABLE, text.encode())
    replace_file(out / ROWS, (json.dumps([asdict(line) for line in lines], indent=2) + "\n").encode())
    console.say(f"wrote {out / TABLE}")


def measure_all(job: Comparison, console: Console) -> tuple[list[Path], list[Line]]:
    """Train what is missing and measure all: the models and their rows."""
    # Without a folder: MNIST, downloaded. The clips are last.
    measures = _measures()[: 1 if job.data_dir is None else -1 if job.quick else None]
    models = [(name, _model_of(name, job, console)) for name in job.names] + [(m.stem, m) for m in job.models]
    bar = Bar(console, "compare", len(models) * len(measures))
    lines = [_line(name, path, job.data_dir, measures, bar) for name, path in models]
    bar.close()
    return [path for _, path in models], lines


def markdown(lines: Sequence[Line]) -> str:
    """The table for people and for the documentation."""
    head = ("network", "parameters", "file", "16 crops", *SHARES)
    rows = [head, ("---", *["---:"] * (len(head) - 1))]
    for line in lines:
        shares = (f"{line.shares[name]:.2%}" if name in line.shares else "-" for name in SHARES)
        parameters = "-" if line.parameters is None else f"{line.parameters:,}"
        rows.append((line.name, parameters, f"{line.bytes / 1e6:.2f} MB", f"{line.ms:.2f} ms", *shares))
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    cells = [[row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))] for row in rows]
    return "".join("| " + " | ".join(row) + " |\n" for row in cells)


Measure = Callable[[Recognizer, Any], "Outcome"]


def _measures() -> list[tuple[Measure, dict[str, str]]]:
    """Measurement, and which of its rows becomes which share."""
    try:
        from benchmarks import crops, moving, pictures
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the project's {error.name} is not there, with which compare measures. Run it in the project's folder."
        ) from error
    return [
        (crops.measure_mnist, {"MNIST test": "MNIST test"}),
        (crops.measure_opencv, {"OpenCV digits": "OpenCV digits"}),
        (crops.measure_semeion, {"Semeion (stretched)": "Semeion"}),
        (crops.measure_strangers, {"held-back letters and symbols, answered": "letters answered"}),
        (pictures.measure_photos, {"photos, all: F1": "photos F1"}),
        (moving.measure_clips, {"clips, all: F1": "clips F1"}),
    ]


def _model_of(name: str, job: Comparison, console: Console) -> Path:
    """The network's ``.tflite``, trained now where it is missing; an unfinished run is gone on with."""
    if name == "shipped":
        return DEFAULT_MODEL
    path = job.runs / name / f"{name}.tflite"
    if not path.is_file():
        console.say(f"{path} is not there: training it")
        epochs = None if name == "svc" else job.epochs
        begun = (path.parent / CHECKPOINT).is_file()
        try:
            train_plain(PlainRun(name, path.parent, job.data_dir, epochs, seed=job.seed, resume=begun), console)
        except OtherRunError as error:
            raise _unfinished(name, path.parent) from error
    return path


def _unfinished(name: str, folder: Path) -> UsageError:
    """An unfinished run that is not compare's own is somebody's: neither finished otherwise nor replaced here."""
    finish = f"python -m digitrec.training train --architecture {name} --out {folder} --resume, with its own options"
    return UsageError(
        f"{folder} holds an unfinished run with other options than compare's. Finish it ({finish}), or give another "
        "--runs."
    )


def _line(
    name: str, path: Path, data_dir: Path | None, measures: list[tuple[Measure, dict[str, str]]], bar: Bar
) -> Line:
    with quiet_libraries():
        reader = Recognizer(path)
    shares: dict[str, float] = {}
    for measure, wanted in measures:
        try:
            found = {row.what: row.value for row in measure(reader, data_dir).rows}
        except SourceError:  # this set is not in the folder: its column stays empty
            found = {}
        shares |= {share: found[row] for row, share in wanted.items() if row in found}
        bar.step()
    keras_path = path.with_suffix(".keras")
    parameters = load_keras(keras_path).count_params() if keras_path.is_file() else None
    return Line(name, parameters, path.stat().st_size, time_batch(path), shares)


def time_batch(path: Path) -> float:
    """Median milliseconds for 16 crops."""
    with quiet_libraries():
        classifier = Classifier(path)
    crops = np.random.default_rng(0).integers(0, 256, (_BATCH, SIDE, SIDE)).astype(np.uint8)
    times = []
    for _ in range(_REPEATS):
        classifier.forget()
        start_s = time.perf_counter()
        classifier.classify(crops)
        times.append(time.perf_counter() - start_s)
    return 1000 * float(np.median(times))
