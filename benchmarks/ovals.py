"""``python -m benchmarks.ovals``: neat 0s of fine and broad pens, drawn here and otherwise than for training."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.crops import classify_all
from digitrec.errors import DigitrecError
from digitrec.normalise import normalise
from digitrec.recognizer import Recognizer
from digitrec.results import Image

HEIGHT_PX = 160
PENS = (0.03, 0.05, 0.08, 0.12)
"""Stroke widths, in heights of the digit; MNIST's are about 0.12."""

SURE = 0.9


def draw_ovals(pen: float, count: int, seed: int = 77) -> Image:
    """``count`` ovals, each uneven and slanted in its own way, normalised: uint8 (count, 28, 28)."""
    rng = np.random.default_rng([seed, round(1000 * pen)])
    return np.stack([normalise(_draw(pen, rng)) for _ in range(count)])


def _draw(pen: float, rng: np.random.Generator) -> Image:
    start = rng.uniform(-0.6, 0.6) - np.pi / 2
    turn = start + np.linspace(0, 2 * np.pi * rng.uniform(0.96, 1.06), 60) * rng.choice([-1, 1])
    uneven = 1 + rng.normal(0, 0.04) * np.cos(2 * turn + rng.uniform(0, 6))
    uneven += rng.normal(0, 0.025) * np.cos(3 * turn + rng.uniform(0, 6)) + np.linspace(0, rng.normal(0, 0.06), 60)
    across, down = rng.uniform(0.45, 0.9) * uneven * np.cos(turn) / 2, uneven * np.sin(turn) / 2
    points = np.stack([across - rng.normal(0.1, 0.12) * down, down], 1) * HEIGHT_PX + (150, 130)
    picture = np.zeros((260, 300), np.uint8)
    width = max(1, round(HEIGHT_PX * pen))
    cv2.polylines(picture, [np.round(points * 16).astype(np.int32)], False, 255, width, cv2.LINE_AA, 4)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 2), np.uint8)


def markdown(reader: Recognizer, count: int) -> str:
    """The table."""
    lines = ["| pen, heights of the digit | read as 0 | with 90 % and more |", "|---:|---:|---:|"]
    for pen in PENS:
        p = classify_all(reader, draw_ovals(pen, count))
        lines.append(f"| {pen:.2f} | {(p.argmax(1) == 0).mean():.1%} | {(p[:, 0] >= SURE).mean():.1%} |")
    return "\n".join(lines)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    arguments = argparse.ArgumentParser("python -m benchmarks.ovals", None, __doc__)
    arguments.add_argument("--model", type=Path, default=None, metavar="FILE", help="default: the shipped one")
    arguments.add_argument("--count", type=int, default=1000, metavar="N", help="0s of each pen (default: 1000)")
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit status."""
    options = parser().parse_args(argv)
    try:
        print(markdown(Recognizer(options.model), options.count))
    except DigitrecError as error:
        print(error.message, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
