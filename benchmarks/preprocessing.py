"""``python -m benchmarks.preprocessing``: the same digits, the same network; only how a crop becomes 28x28 differs.

The crops are the true boxes of the photographs of ``--data-dir/photos``, so that no step before counts. Whoever wonders
why a network with 99 % on MNIST reads paper badly finds the answer in the first row: its crops look unlike MNIST's.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.datasets import load_photos
from digitrec.classifier import Classifier
from digitrec.console import quiet_libraries
from digitrec.errors import DigitrecError, SourceError
from digitrec.ink import InkLevel
from digitrec.normalise import LARGEST, SIDE, normalise, tight_box
from digitrec.pyramid import ink_levels
from digitrec.recognizer import DEFAULT_MODEL
from digitrec.results import Box, Image
from digitrec.training.data import Samples

Step = Callable[[Image], Image]


def stretched(ink: Image) -> Image:
    """The box pulled to the whole square, its aspect lost."""
    return np.asarray(cv2.resize(ink, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def box_centred(ink: Image, largest: int) -> Image:
    """The larger side scaled to ``largest`` px, the middle of the box in the middle."""
    scale = largest / max(ink.shape)
    width, height = (max(1, round(side * scale)) for side in (ink.shape[1], ink.shape[0]))
    small = cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    out = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    out[top : top + height, left : left + width] = small
    return out


STEPS: dict[str, Step] = {
    "box stretched to 28x28": stretched,
    "aspect kept, fills the frame (28 px)": lambda ink: box_centred(ink, SIDE),
    "aspect kept, 22 px, box in the middle": lambda ink: box_centred(ink, 22),
    "aspect kept, 20 px, box in the middle": lambda ink: box_centred(ink, LARGEST),
    "aspect kept, 20 px, centre of mass in the middle": normalise,
}
"""The ways in which programs make 28x28 of a box; MNIST's own is the last."""


def true_ink(data_dir: Path) -> tuple[list[Image], list[int]]:
    """The ink in each true box of the photographs, cut tight, and its digit.

    Raises:
        SourceError: the photographs are missing.
    """
    inks, digits = [], []
    for photo in load_photos(data_dir):
        if not photo.truth:
            continue
        level = next(ink_levels(photo.image))
        for digit in photo.truth:
            ink = _ink_in(level, digit.box)
            box = tight_box(ink) if ink.size else None
            if box is not None:
                x, y, width, height = box
                inks.append(ink[y : y + height, x : x + width])
                digits.append(digit.digit)
    return inks, digits


def _ink_in(level: InkLevel, box: Box) -> Image:
    """The ink of one box, 0-255 from paper to the pen's full depth."""
    x0, y0 = max(0, int(box.x * level.scale)), max(0, int(box.y * level.scale))
    x1, y1 = round((box.x + box.width) * level.scale) + 1, round((box.y + box.height) * level.scale) + 1
    depth, mask = level.depth[y0:y1, x0:x1], level.mask[y0:y1, x0:x1] > 0
    if not mask.any():
        return np.zeros((0, 0), np.uint8)
    contrast = float(np.quantile(depth[mask], 0.75))
    ramp = np.clip((depth - 0.2 * contrast) / max(0.6 * contrast, 1), 0, 1) * 255
    return np.asarray(ramp * cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)), np.uint8)


def as_crops(step: Step, inks: Sequence[Image], digits: Sequence[int]) -> Samples:
    """All crops made by one step."""
    return Samples(np.stack([step(ink) for ink in inks]), np.array(digits, np.int64))


def accuracies(models: Sequence[Path], data_dir: Path) -> tuple[int, dict[str, list[float]]]:
    """How many crops there are, and step -> the share that each model reads right, 0-1.

    Raises:
        SourceError: the photographs are missing, or hold no boxes.
        ModelError: a model cannot be loaded.
    """
    with quiet_libraries():
        readers = [Classifier(model) for model in models]
    inks, digits = true_ink(data_dir)
    if not inks:
        raise SourceError(f"{data_dir / 'photos'} holds no boxes of digits. Check --data-dir.")
    found = {}
    for name, step in STEPS.items():
        crops = as_crops(step, inks, digits)
        found[name] = [float((r.classify(crops.x)[:, :10].argmax(1) == crops.y).mean()) for r in readers]
    return len(inks), found


def markdown(models: Sequence[Path], count: int, found: dict[str, list[float]]) -> str:
    """The table for people and for the documentation."""
    names = [model.stem for model in models]
    lines = [f"| how {count} crops become 28x28 | {' | '.join(names)} |", "|---|" + "---:|" * len(names)]
    lines += [f"| {step} | {' | '.join(f'{v:.1%}' for v in values)} |" for step, values in found.items()]
    return "\n".join(lines) + "\n"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    shared = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
    arguments = argparse.ArgumentParser(
        "python -m benchmarks.preprocessing", description=(__doc__ or "").split("\n")[0]
    )
    arguments.add_argument(
        "models", type=Path, nargs="*", metavar="MODEL", help=".tflite files (default: the shipped one)"
    )
    arguments.add_argument(
        "--data-dir", type=Path, default=shared, metavar="DIR", help="where photos/ lies (default: %(default)s)"
    )
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit status."""
    options = parser().parse_args(argv)
    models = options.models or [DEFAULT_MODEL]
    try:
        print(markdown(models, *accuracies(models, options.data_dir)), end="")
    except DigitrecError as error:
        print(error.message, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
