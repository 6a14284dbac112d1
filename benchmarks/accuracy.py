"""``python -m benchmarks.accuracy``: the whole accuracy table, and contact sheets of the errors."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from benchmarks.crops import Reader, measure_mnist, measure_opencv, measure_semeion, measure_strangers
from benchmarks.matching import calibration_error
from benchmarks.moving import measure_clips, measure_robot
from benchmarks.pictures import measure_amounts, measure_letter_sheets, measure_photos
from benchmarks.report import Outcome, Row, table
from benchmarks.sheets import write_sheet
from digitrec.errors import DigitrecError, UsageError

Measure = Callable[[Reader, Path], Outcome]

MEASURES: dict[str, Measure] = {
    "mnist": measure_mnist,
    "opencv": measure_opencv,
    "semeion": measure_semeion,
    "strangers": measure_strangers,
    "sheets": measure_letter_sheets,
    "photos": measure_photos,
    "amounts": measure_amounts,
    "clips": measure_clips,
    "robot": measure_robot,
}


CALIBRATED_ON = frozenset({"mnist", "opencv", "strangers"})
"""Confidence is calibrated for such crops; Semeion's are distorted, and whole pictures add the errors of finding."""


def measure(reader: Reader, data_dir: Path, names: Sequence[str]) -> Outcome:
    """Run the named measurements; rows, errors and calibration of all."""
    whole, crops, answers = Outcome(), Outcome(), Outcome()
    for name in names:
        start = time.perf_counter()
        part = MEASURES[name](reader, data_dir)
        whole.rows.extend(part.rows)
        whole.mistakes.update(part.mistakes)
        if part.confidence:
            error = calibration_error(*part.calibration())
            whole.rows.append(Row(f"{name}: calibration error", error, len(part.confidence)))
        pool = crops if name in CALIBRATED_ON else answers
        pool.confidence.extend(part.confidence)
        pool.right.extend(part.right)
        print(f"{name}: {time.perf_counter() - start:.1f} s", file=sys.stderr)
    for pool, what, goal in ((crops, "crops of the kinds trained on", 0.01), (answers, "everything else", None)):
        if pool.confidence:
            error, count = calibration_error(*pool.calibration()), len(pool.right)
            whole.rows.append(Row(f"expected calibration error, {what}", error, count, goal, at_least=False))
    return whole


def make_parser(command: str, doc: str | None, names: Collection[str], out: str) -> argparse.ArgumentParser:
    """The command line of a table: what of ``names`` is measured, with which model, and where error sheets go."""
    shared = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
    shows_defaults = argparse.ArgumentDefaultsHelpFormatter
    arguments = argparse.ArgumentParser(f"python -m benchmarks.{command}", None, doc, formatter_class=shows_defaults)
    arguments.add_argument("--data-dir", type=Path, default=shared, metavar="DIR", help="where the data sets lie")
    arguments.add_argument("--only", metavar="A,B", default=",".join(names), help="measure only these")
    arguments.add_argument("--out", type=Path, default=Path(out), metavar="DIR", help="for error sheets")
    arguments.add_argument("--model", type=Path, default=None, metavar="FILE", help="a .tflite; None: the shipped one")
    return arguments


def report(
    options: argparse.Namespace, known: Collection[str], measure_all: Callable[[Reader, Path, list[str]], Outcome]
) -> int:
    """Measure what the command line asks for, print the table and write the error sheets; the exit status."""
    try:
        names = [name for name in options.only.split(",") if name]
        unknown = [name for name in names if name not in known]
        if unknown:
            raise UsageError(f"--only knows no {unknown[0]!r}. Choose from: {', '.join(known)}.")
        from digitrec.recognizer import Recognizer

        outcome = measure_all(Recognizer(options.model), options.data_dir, names)
        print(table(outcome.rows))
        for name, mistakes in outcome.mistakes.items():
            if mistakes:
                write_sheet(options.out / f"{name}.png", mistakes)
    except DigitrecError as error:
        print(error.message, file=sys.stderr)
        return error.exit_code
    print(f"error sheets: {options.out}", file=sys.stderr)
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    return make_parser("accuracy", __doc__, MEASURES, "runs/accuracy")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit status."""
    return report(parser().parse_args(argv), MEASURES, measure)


if __name__ == "__main__":
    sys.exit(main())
