"""``python -m benchmarks.how_it_works``: measure anew, and write the tables of docs/how-it-works.md."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import finetuning, preprocessing
from digitrec.console import Console
from digitrec.errors import DigitrecError, OutputError
from digitrec.recognizer import DEFAULT_MODEL

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "how-it-works.md"
CROPS = 2
"""Of each digit, for the new hand."""


def replace_table(text: str, name: str, table: str) -> str:
    """``text`` with ``table`` between the comments ``<!-- name -->`` and ``<!-- /name -->``.

    Raises:
        OutputError: the page has no such place.
    """
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise OutputError(f"{PAGE} has no place for the table {name}. Put {begin} and {end} where it belongs.")
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    return pattern.sub(lambda _: f"{begin}\n{table}{end}", text)


def tables(data_dir: Path, runs: Path) -> dict[str, str]:
    """Name -> table, all measured; networks that ``runs`` lacks are trained.

    Raises:
        SourceError: a data set is missing.
        ModelError: a model is damaged.
    """
    from digitrec.training.actions import import_keras
    from digitrec.training.compare import Comparison, markdown, measure_all

    import_keras()
    names = ("shipped", "classic", "lenet5", "svc")
    models, lines = measure_all(Comparison(names, (), runs, data_dir), Console())
    before, after, _ = finetuning.learn(DEFAULT_MODEL, data_dir, CROPS, 1)
    return {
        "compare": markdown(lines),
        "preprocessing": preprocessing.markdown(models, *preprocessing.accuracies(models, data_dir)),
        "finetuning": finetuning.markdown(before, after, 10 * CROPS),
    }


def parser() -> argparse.ArgumentParser:
    """The command line."""
    shows_defaults = argparse.ArgumentDefaultsHelpFormatter
    arguments = argparse.ArgumentParser(
        "python -m benchmarks.how_it_works", None, __doc__, formatter_class=shows_defaults
    )
    shared = ROOT.parent / "shared" / "data"
    arguments.add_argument("--data-dir", type=Path, default=shared, metavar="DIR", help="where the data sets lie")
    arguments.add_argument("--runs", type=Path, default=ROOT / "runs", metavar="DIR", help="where trained networks lie")
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit status."""
    options = parser().parse_args(argv)
    try:
        text = PAGE.read_text(encoding="utf-8")
        for name, table in tables(options.data_dir, options.runs).items():
            text = replace_table(text, name, table)
    except DigitrecError as error:
        print(error.message, file=sys.stderr)
        return error.exit_code
    PAGE.write_text(text, encoding="utf-8")
    print(f"wrote the tables of {PAGE}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
