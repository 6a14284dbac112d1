"""``python -m benchmarks.finetuning``: crops of a new hand, learnt; what it gains there and costs elsewhere.

Twenty crops of a made-up hand, and (``--writers``) of each real writer of Semeion whose digits are misread the ten of
the first time, measured on the ten of the second.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.crops import classify_all, measure_mnist, measure_opencv, measure_strangers
from benchmarks.hands import Hand
from benchmarks.writers import Writer, load_writers
from digitrec.console import Console, quiet_libraries
from digitrec.errors import DigitrecError
from digitrec.recognizer import DEFAULT_MODEL, Recognizer
from digitrec.training.data import Samples
from digitrec.training.finetune import FineTuning, finetune

_TEST_SEED, _TEST_EACH = 99, 50

MISREAD = 2
"""A writer is misread when so many of the first ten digits are."""


def write_crops(folder: Path, samples: Samples) -> None:
    """A folder as ``draw.py --collect`` fills it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "labels.csv").open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("file", "label", "predicted", "confidence", "source"))
        for index, (crop, label) in enumerate(zip(samples.x, samples.y, strict=True), 1):
            name = f"digit-{index:05d}.png"
            (folder / name).write_bytes(cv2.imencode(".png", crop)[1].tobytes())
            table.writerow((name, int(label), int(label), "1.0000", "canvas"))


def measure(model: Path, data_dir: Path) -> dict[str, float]:
    """What one model reads of the new hand, of other sets, and of what is no digit: shares, 0-1."""
    reader = _reader(model)
    hand = Hand().samples(_TEST_EACH, _TEST_SEED)
    found = {"the new hand, other pictures": float((classify_all(reader, hand.x).argmax(1) == hand.y).mean())}
    for part in (
        measure_mnist(reader, data_dir),
        measure_opencv(reader, data_dir),
        measure_strangers(reader, data_dir),
    ):
        found |= {row.what: row.value for row in part.rows}
    return found


def parser() -> argparse.ArgumentParser:
    """The command line."""
    shared = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
    shows_defaults = argparse.ArgumentDefaultsHelpFormatter
    arguments = argparse.ArgumentParser(
        "python -m benchmarks.finetuning", None, __doc__, formatter_class=shows_defaults
    )
    arguments.add_argument("--data-dir", type=Path, default=shared, metavar="DIR", help="where the data sets lie")
    arguments.add_argument(
        "--model", type=Path, default=DEFAULT_MODEL, metavar="FILE", help=".tflite, its .keras beside"
    )
    arguments.add_argument("--crops", type=int, default=2, metavar="N", help="crops of each digit that are learnt")
    arguments.add_argument("--writers", action="store_true", help="the misread writers of Semeion, one by one")
    arguments.add_argument("--seed", type=int, default=1, metavar="N", help="of everything random")
    return arguments


def learn(model: Path, data_dir: Path, each: int, seed: int) -> tuple[dict[str, float], dict[str, float], float]:
    """Fine-tune on ``each`` crops of every digit; what is read before and after, and the seconds that it took."""
    with tempfile.TemporaryDirectory() as folder:
        extra, out = Path(folder) / "hand", Path(folder) / "mine.tflite"
        write_crops(extra, Hand().samples(each, seed))
        start_s = time.monotonic()
        finetune(FineTuning(extra, model.with_suffix(".keras"), out, data_dir, seed=seed), True, Console())
        took_s = time.monotonic() - start_s
        return measure(model, data_dir), measure(out, data_dir), took_s


def learn_writers(model: Path, data_dir: Path, seed: int) -> None:
    """Fine-tune once for each misread writer of Semeion; print what is read before and after, and what MNIST loses."""
    reader = _reader(model)
    misread = [w for w in load_writers(data_dir) if len(w.first) - _right(reader, w.first) >= MISREAD]
    mnist = measure_mnist(reader, data_dir).rows[0].value
    before = after = count = 0
    lost: list[float] = []
    times_s: list[float] = []
    print(
        "| writer | learnt | of | right before | right after | MNIST | seconds |\n|---|---:|---:|---:|---:|---:|---:|"
    )
    for writer in misread:
        own, took_s = _learn_writer(model, data_dir, writer, seed)
        old, new = _right(reader, writer.second), _right(own, writer.second)
        loss = measure_mnist(own, data_dir).rows[0].value - mnist
        counts = f"{writer.number} | {len(writer.first)} | {len(writer.second)} | {old} | {new}"
        print(f"| {counts} | {loss:+.2%} | {took_s:.0f} |", flush=True)
        before, after, count = before + old, after + new, count + len(writer.second)
        lost.append(loss)
        times_s.append(took_s)
    mean = f"{np.mean(lost):+.3%} | {np.mean(times_s):.0f}"
    print(f"| all | | {count} | {before / count:.1%} | {after / count:.1%} | {mean} |")


def _learn_writer(model: Path, data_dir: Path, writer: Writer, seed: int) -> tuple[Recognizer, float]:
    """A reader that learnt the writer's first digits, and the seconds that it took."""
    with tempfile.TemporaryDirectory() as folder:
        extra, out = Path(folder) / "hand", Path(folder) / "mine.tflite"
        write_crops(extra, writer.first)
        start_s = time.monotonic()
        finetune(FineTuning(extra, model.with_suffix(".keras"), out, data_dir, seed=seed), True, Console())
        return _reader(out), time.monotonic() - start_s


def _reader(model: Path) -> Recognizer:
    with quiet_libraries():
        return Recognizer(model)


def _right(reader: Recognizer, samples: Samples) -> int:
    """Crops that are read right; what is taken for no digit is not."""
    return int((classify_all(reader, samples.x).argmax(1) == samples.y).sum())


def markdown(before: dict[str, float], after: dict[str, float], crops: int) -> str:
    """The table for people and for the documentation."""
    lines = [f"| | before | after {crops} crops |", "|---|---:|---:|"]
    lines += [f"| {name} | {value:.2%} | {after[name]:.2%} |" for name, value in before.items()]
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit status."""
    options = parser().parse_args(argv)
    try:
        if options.writers:
            learn_writers(options.model, options.data_dir, options.seed)
            return 0
        before, after, took_s = learn(options.model, options.data_dir, options.crops, options.seed)
    except DigitrecError as error:
        print(error.message, file=sys.stderr)
        return error.exit_code
    print(markdown(before, after, 10 * options.crops), end="")
    print(f"learnt in {took_s:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
