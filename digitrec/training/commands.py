"""The command line of the model lab. Nothing heavy is imported for ``--help``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from digitrec.console import Console, drop_standard_output
from digitrec.errors import DigitrecError, UsageError
from digitrec.training.parsing import ROOT, Help, Parser, count, natural
from digitrec.training.runs import Run

MODELS = ROOT / "models"
ARCHITECTURE_NAMES = ("shipped", "classic", "lenet5", "svc")
QUICK, STRINGS = "quick", "strings"

DESCRIPTION = """\
The model lab: train the network that reads the digits, measure it, look inside it, teach it your hand.

Each command tells its options and their defaults:  python -m digitrec.training train --help"""

EPILOG = """\
Training pictures: MNIST is downloaded, or taken from --data-dir FOLDER (mnist.npz, Keras's file).
More sets in that folder are used where they are there: usps_train.npz, optdigits_train.npz,
letters.npz, symbols.npz (arrays x and y), orand_car_a.
Ctrl+C keeps what the last whole epoch learnt; train --resume goes on from there. Nothing that is there is
replaced without --force, but for what quantise, plots and sample make anew from what they are given.
exit codes: 0 done, 1 bug, 2 usage, 4 data missing, 5 model missing or damaged, 6 output cannot be written,
130 interrupted.

  python -m digitrec.training train --architecture classic
  python -m digitrec.training compare --data-dir data
  python -m digitrec.training finetune --extra my-hand"""

Handler = Callable[[argparse.Namespace, Console], None]


def make_parser() -> argparse.ArgumentParser:
    """The parser with all commands."""
    parser = Parser(
        prog="python -m digitrec.training",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    for name, what, fill in _COMMANDS:
        command = commands.add_parser(name, help=what, description=what, formatter_class=Help, allow_abbrev=False)
        command.set_defaults(command=name)
        fill(command)
        seed = 0 if fill is _fill_sample else 1  # 0 gives the samples that are shipped
        command.add_argument("--seed", type=natural, default=seed, metavar="N", help="of everything random")
        command.add_argument("--debug", action="store_true", help="show tracebacks")
    return parser


def _data_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data-dir", type=Path, default=None, metavar="DIR", help=
        "folder with mnist.npz and, where you have them, the other sets (default: MNIST is downloaded)")  # fmt: skip


def _fill_train(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--architecture", choices=(*ARCHITECTURE_NAMES, QUICK, STRINGS), default="shipped", help=
        "the network; quick: only the one that is asked first, which shipped also trains; strings: the one that reads "
        "touching digits")  # fmt: skip
    add("--out", type=Path, default=None, metavar="DIR", help=
        "for model, checkpoint, log and metrics "
        "(default: runs/ARCHITECTURE)")  # fmt: skip
    add("--epochs", type=count, default=None, metavar="N", help=
        "passes over the training pictures "
        "(default: shipped 40, strings 13, with --start 12, 6, with --teacher 4; quick 14; else 10)")  # fmt: skip
    add("--pictures", type=count, default=None, metavar="N", help=
        "train on so many pictures only, not for shipped; for strings: so many put together for each pass "
        "(default: all; svc 20000, strings 30000)")  # fmt: skip
    add("--start", type=Path, default=None, metavar="FILE", help=
        "go on from the weights of a .keras of the shipped or the strings' network, in fewer epochs at a lower rate; "
        "for quick: its teacher (default: from nothing; quick: models/digits.keras)")  # fmt: skip
    add("--teacher", type=Path, action="append", default=[], metavar="FILE", help=
        "for shipped with --start: learn to answer as this .tflite does, or several in the mean; repeatable "
        "(default: the labels)")  # fmt: skip
    add("--scenes", type=natural, default=None, metavar="N", help=
        "rendered scenes that shipped and strings also learn from, 0 for none "
        "(default: 5200, strings 2600)")  # fmt: skip
    add("--resume", action="store_true", help=
        "go on from the checkpoint in --out, with the options of that run (--epochs may be more)")  # fmt: skip
    add("--force", action="store_true", help="begin anew where --out holds an earlier run, and replace that")
    _data_dir(parser)


def _fill_compare(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--only", type=_names, default=",".join(ARCHITECTURE_NAMES), metavar="A,B", help="compare these networks")
    add("--model", type=Path, action="append", default=[], metavar="FILE", help="a further .tflite; repeatable")
    add("--runs", type=Path, default=Path("runs"), metavar="DIR", help=
        "networks lie in DIR/NAME/NAME.tflite; those that do not are trained there first, or go on where that was "
        "interrupted")  # fmt: skip
    add("--epochs", type=count, default=10, metavar="N", help="passes, for those that are trained")
    add("--quick", action="store_true", help="leave out the rendered clips, which take minutes")
    add("--out", type=Path, default=Path("runs/compare"), metavar="DIR", help="for compare.md and compare.json")
    add("--force", action="store_true", help="replace earlier results in --out")
    _data_dir(parser)


def _fill_evaluate(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--model", type=Path, default=MODELS / "digits.tflite", metavar="FILE", help="a .tflite model")
    add("--pictures", type=count, default=300, metavar="N", help="digits for each point of the curves")
    add("--out", type=Path, default=Path("runs/evaluate"), metavar="DIR", help="for the pictures and metrics.json")
    add("--force", action="store_true", help="replace earlier results in --out")
    _data_dir(parser)


def _fill_plots(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--model", type=Path, default=MODELS / "digits.keras", metavar="FILE", help=
        "a .keras model; its .tflite beside it reads the pictures")  # fmt: skip
    add("--log", type=Path, action="append", default=[], metavar="FILE", help=
        "log.jsonl of a training run, repeatable (default: those beside the model and under runs/)")  # fmt: skip
    add("--out", type=Path, default=ROOT / "docs" / "pictures", metavar="DIR", help=
        "for PNG and SVG; earlier ones are replaced")  # fmt: skip
    _data_dir(parser)


def _fill_finetune(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--extra", type=Path, required=True, metavar="DIR", help=
        "28x28 PNG crops and labels.csv, as draw.py --collect and cam.py --save-crops write them; correct the labels "
        "first (0-9; 10 for no digit)")  # fmt: skip
    add("--model", type=Path, default=MODELS / "digits.keras", metavar="FILE", help="the .keras model to begin with")
    add("--out", type=Path, default=MODELS / "mine.tflite", metavar="FILE", help="the new model; a .keras lies beside")
    add("--steps", type=count, default=180, metavar="N", help="batches to train")
    add("--force", action="store_true", help="replace --out where it exists")
    _data_dir(parser)


def _fill_export(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("model", type=Path, nargs="?", default=MODELS / "digits.keras", metavar="FILE", help="a .keras model")
    add("--out", type=Path, default=None, metavar="FILE", help="the .tflite (default: beside the model)")
    add("--force", action="store_true", help="replace --out where it exists")
    _data_dir(parser)


def _fill_verify(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("model", type=Path, nargs="?", default=MODELS / "digits.keras", metavar="FILE", help="a .keras model")
    add("--tflite", type=Path, default=None, metavar="FILE", help="its export (default: beside the model)")
    _data_dir(parser)


def _fill_quantise(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    shipped = [MODELS / f"{name}.keras" for name in ("digits", "quick", "strings")]
    add("model", type=Path, nargs="*", default=shipped, metavar="FILE", help=
        "a .keras model with its .tflite beside it, where an earlier 8-bit form is replaced "
        "(default: the three shipped ones)")  # fmt: skip
    _data_dir(parser)


def _fill_sample(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=ROOT / "samples", metavar="DIR", help=
        "where the samples go; earlier ones are replaced")  # fmt: skip
    _data_dir(parser)


_COMMANDS: tuple[tuple[str, str, Callable[[argparse.ArgumentParser], None]], ...] = (
    ("train", "train a network, from nothing or from an earlier one", _fill_train),
    ("compare", "one table of all networks: size, speed, tidy digits, real photographs", _fill_compare),
    (
        "evaluate",
        "confusion, calibration, errors, and accuracy against blur, noise, size, turn and pen",
        _fill_evaluate,
    ),
    ("plots", "pictures of the data, the training, the network, and of how a page is read", _fill_plots),
    ("finetune", "teach the network your hand from crops that you corrected", _fill_finetune),
    ("export", ".keras to .tflite, checked, with its SHA-256 sum", _fill_export),
    ("verify", "do .keras and .tflite agree on 1,000 crops, and are the SHA-256 sums right?", _fill_verify),
    ("quantise", "the 8-bit form of a .tflite, which the programs take where it lies beside it", _fill_quantise),
    ("sample", "render the sample pictures and clips that come with the project", _fill_sample),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Errors that a user can meet end in one line on standard error."""
    from digitrec.interrupts import Interrupted, Interrupts

    console, debug = Console(), "--debug" in (arguments if arguments is not None else sys.argv)
    options = argparse.Namespace(command="")
    try:
        with Interrupts():
            options = make_parser().parse_args(arguments)
            _run(options, console)
    except Interrupted as error:
        console.say("interrupted" + (f": {run_of(options).left()}" if options.command == "train" else ""))
        return error.exit_code
    except BrokenPipeError:  # the reader of standard output has seen enough
        drop_standard_output()
    except DigitrecError as error:
        _traceback(debug)
        console.say(error.message)
        return error.exit_code
    except ModuleNotFoundError as error:
        _traceback(debug)
        console.say(f"the package {error.name} is missing. Install what training needs: pip install -e '.[lab]'")
        return 1
    except Exception as error:  # noqa: BLE001 - the last resort: a bug is told in one line, its traceback with --debug
        _traceback(debug)
        console.say(f"bug: {type(error).__name__}: {error}. Run again with --debug and report what it prints.")
        return 1
    return 0


def run_of(options: argparse.Namespace) -> Run:
    """The run that ``train`` was asked for."""
    return Run(options.architecture, options.out or Path("runs") / options.architecture)


def _run(options: argparse.Namespace, console: Console) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("MPLBACKEND", "agg")
    if options.data_dir is not None and not options.data_dir.is_dir():
        raise UsageError(f"--data-dir {options.data_dir} is no folder")
    from digitrec.training import actions

    handlers: dict[str, Handler] = {
        "train": actions.run_train,
        "compare": actions.run_compare,
        "evaluate": actions.run_evaluate,
        "plots": actions.run_plots,
        "finetune": actions.run_finetune,
        "export": actions.run_export,
        "verify": actions.run_verify,
        "quantise": actions.run_quantise,
        "sample": actions.run_sample,
    }
    handlers[options.command](options, console)


def _traceback(wanted: bool) -> None:
    if wanted:
        import traceback

        traceback.print_exc()


def _names(text: str) -> str:
    unknown = [name for name in text.split(",") if name not in ARCHITECTURE_NAMES]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(ARCHITECTURE_NAMES)}")
    return text
