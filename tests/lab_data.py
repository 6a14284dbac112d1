"""Small stand-ins for the data sets: digits in OpenCV's fonts, so that a training run takes seconds."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np

from digitrec.normalise import normalise
from digitrec.training.data import Samples

FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX)


def printed_digits(count: int, seed: int) -> Samples:
    """``count`` digits, each label as often."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 10
    pictures = []
    for digit in labels:
        canvas = np.zeros((56, 56), np.uint8)
        font, width = FONTS[rng.integers(len(FONTS))], int(rng.integers(2, 5))
        cv2.putText(canvas, str(digit), (14, 42), font, 1.2, 255, width, cv2.LINE_AA)
        shear = np.array([[1, rng.normal(0, 0.1), 0], [0, 1, 0]], np.float32)
        pictures.append(normalise(np.asarray(cv2.warpAffine(canvas, shear, (56, 56)), np.uint8)))
    return Samples(np.stack(pictures), labels.astype(np.int64))


def write_mnist(folder: Path, train: Samples, test: Samples) -> Path:
    """``mnist.npz`` in Keras's form."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "mnist.npz", x_train=train.x, y_train=train.y, x_test=test.x, y_test=test.y)
    return folder


def write_crops(folder: Path, samples: Samples, head: str = "file,label,predicted,confidence,source") -> Path:
    """A folder of crops with labels.csv, as the canvas (or, by ``head``, the camera tool) writes it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "labels.csv").open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(head.split(","))
        for index, (crop, label) in enumerate(zip(samples.x, samples.y, strict=True), 1):
            name = f"digit-{index:05d}.png"
            (folder / name).write_bytes(cv2.imencode(".png", crop)[1].tobytes())
            row = {
                "file": name,
                "label": label,
                "digit": label,
                "predicted": 1,
                "confidence": "0.5",
                "source": "canvas",
            }
            table.writerow(row[column] for column in head.split(","))
    return folder
