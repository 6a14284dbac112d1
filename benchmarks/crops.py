"""Single glyphs, given as crops: public digit sets, and held-back letters and symbols."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.datasets import load_pairs
from benchmarks.report import Outcome, Row
from benchmarks.sheets import Mistake
from digitrec.normalise import normalise
from digitrec.results import NOT_A_DIGIT, Image, Reading
from digitrec.training.data import Samples, letter_parts, load_mnist, symbol_parts


class Reader(Protocol):
    """What is measured: a ``Recognizer`` or anything like it."""

    min_confidence: float

    def read(self, image: Image) -> Reading:
        """A picture -> its digits."""

    def classify(self, crops: Image) -> NDArray[np.float32]:
        """Crops (N, 28, 28) -> probabilities (N, 11)."""


def measure_mnist(reader: Reader, data_dir: Path) -> Outcome:
    """MNIST's test part as it is (it has the geometry already), and after going through ``normalise`` again."""
    test = load_mnist(data_dir)[1]
    p = classify_all(reader, test.x)
    outcome = _digits_outcome("MNIST test", Samples(test.x, test.y), p, 0.9975)
    accepted = (p.argmax(1) < NOT_A_DIGIT) & (p[:, :NOT_A_DIGIT].max(1) >= reader.min_confidence)
    outcome.rows.append(Row("MNIST test, accepted", float(accepted.mean()), len(p), 0.993))
    again = classify_all(reader, np.stack([normalise(x) for x in test.x]))[:, :NOT_A_DIGIT].argmax(1)
    outcome.rows.append(Row("MNIST test, normalised once more", float((again == test.y).mean()), len(p)))
    return outcome


def measure_opencv(reader: Reader, data_dir: Path) -> Outcome:
    """OpenCV's digits.png."""
    samples = _normalised(data_dir / "opencv_digits.npz")
    return _digits_outcome("OpenCV digits", samples, classify_all(reader, samples.x), 0.997)


def measure_semeion(reader: Reader, data_dir: Path) -> Outcome:
    """Semeion, whose digits were stretched to a square when the set was made."""
    samples = _normalised(data_dir / "semeion.npz")
    return _digits_outcome("Semeion (stretched)", samples, classify_all(reader, samples.x), None)


def measure_strangers(reader: Reader, data_dir: Path) -> Outcome:
    """Letters of writers and symbols of classes that training never saw: the share answered with a digit."""
    outcome = Outcome()
    counted = answered_all = 0
    for name, samples in (
        ("letters", letter_parts(data_dir, held_back=True)),
        ("symbols", symbol_parts(data_dir, held_back=True)),
    ):
        if samples is None:
            continue
        p = classify_all(reader, samples.x)
        answer, confidence = p.argmax(1), p.max(1)
        answered = (answer < NOT_A_DIGIT) & (confidence >= reader.min_confidence)
        outcome.rows.append(Row(f"held-back {name}, answered", float(answered.mean()), len(p), 0.03, at_least=False))
        counted, answered_all = counted + len(p), answered_all + int(answered.sum())
        outcome.mistakes[f"held_back_{name}"] = [
            Mistake(samples.x[i], "none", str(answer[i]), float(confidence[i]), f"{name} {i}")
            for i in np.flatnonzero(answered)
        ]
        outcome.confidence.extend(confidence.tolist())
        outcome.right.extend((answer == NOT_A_DIGIT).tolist())
    if counted:
        row = Row("held-back letters and symbols, answered", answered_all / counted, counted, 0.03, at_least=False)
        outcome.rows.append(row)
    return outcome


def classify_all(reader: Reader, crops: Image, batch: int = 256) -> NDArray[np.float32]:
    """``classify`` in batches: (N, 28, 28) -> (N, 11)."""
    parts = [reader.classify(crops[i : i + batch]) for i in range(0, len(crops), batch)]
    return np.concatenate(parts) if parts else np.zeros((0, NOT_A_DIGIT + 1), np.float32)


def _digits_outcome(name: str, samples: Samples, p: NDArray[np.float32], goal: float | None) -> Outcome:
    """Accuracy over the ten digit outputs; calibration over all eleven."""
    answer = p[:, :NOT_A_DIGIT].argmax(1)
    right = answer == samples.y
    wrong = [
        Mistake(samples.x[i], str(samples.y[i]), str(answer[i]), float(p[i, answer[i]]), f"{name} {i}")
        for i in np.flatnonzero(~right)
    ]
    return Outcome(
        [Row(name, float(right.mean()), len(p), goal)],
        {name.split(" (")[0].lower().replace(" ", "_"): wrong},
        p.max(1).tolist(),
        (p.argmax(1) == samples.y).tolist(),
    )


def _normalised(path: Path) -> Samples:
    """Small pictures whose ink touches the edge: enlarged smoothly, then normalised."""
    x, y = load_pairs(path)
    padded = np.pad(x, ((0, 0), (2, 2), (2, 2)))
    side = 3 * padded.shape[1]
    enlarged = [cv2.resize(p, (side, side), interpolation=cv2.INTER_CUBIC) for p in padded]
    return Samples(np.stack([normalise(np.asarray(p, np.uint8)) for p in enlarged]), y)
