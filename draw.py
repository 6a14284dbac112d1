"""The canvas: draw digits on the left, see what is read on the right."""

from __future__ import annotations

import _signal

if __name__ == "__main__" and _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    # As in cam.py: Ctrl+C while Python still imports ends the process without a traceback.
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

import argparse
import contextlib
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from digitrec.canvas.app import Options

EXAMPLES = """\
examples:
  python draw.py                      draw, and it reads as you draw
  python draw.py --manual             it reads on Enter or Done only
  python draw.py --open photo.jpg     read a picture on the canvas
  python draw.py --collect my-hand    keep the digits you correct, to teach it your hand

H in the window shows all keys.
"""


def window_size(text: str) -> tuple[int, int]:
    """``1200x800`` -> (1200, 800)."""
    found = re.fullmatch(r"(\d{3,5})[xX](\d{3,5})", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no size: give width x height in pixels, as 1200x800")
    return int(found[1]), int(found[2])


def interface_scale(text: str) -> float:
    """A factor from 0.5 to 4."""
    return _number(text, 0.5, 4)


def probability(text: str) -> float:
    """A probability, 0-1."""
    return _number(text, 0, 1)


def _number(text: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from {low:g} to {high:g}")
    return value


def build_parser() -> argparse.ArgumentParser:
    """All options, with their defaults."""
    parser = argparse.ArgumentParser(
        prog="draw.py", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("model_path", metavar="MODEL", nargs="?", type=Path, help="a .tflite model (default: the one that is shipped)")
    add("--model", metavar="FILE", type=Path, help="the same, as an option")
    add("--manual", action="store_true", help="read on Enter or Done only (default: after every stroke)")
    add("--open", metavar="FILE", type=Path, help="begin with a picture, or with a drawing saved as JSON")
    add("--collect", metavar="DIR", help="keep corrected digits: 28x28 PNGs and labels.csv")
    add("--save-dir", metavar="DIR", default=".", help="where Ctrl+S saves (default: here)")
    add(
        "--min-confidence",
        metavar="P",
        type=probability,
        help="reject digits below it, 0-1 (default: the reader's own)",
    )
    add(
        "--size",
        metavar="WxH",
        type=window_size,
        default=(1180, 740),
        help="window size, from 720x480 (default: 1180x740)",
    )
    add(
        "--scale",
        metavar="S",
        type=interface_scale,
        help="size of the interface, 0.5-4, as far as the screen has room (default: the system's)",
    )
    add("--debug", action="store_true", help="show frame rate and reading time, and tracebacks")
    return parser


def options_from(arguments: argparse.Namespace) -> Options:
    """The canvas' options.

    Raises:
        UsageError: two models were given, or a folder without a name.
    """
    from digitrec.canvas.app import Options
    from digitrec.errors import UsageError

    if arguments.model_path is not None and arguments.model is not None:
        raise UsageError(f"two models were given: {arguments.model_path} and {arguments.model}. Give one")
    for option, folder in (("--collect", arguments.collect), ("--save-dir", arguments.save_dir)):
        if folder is not None and not folder.strip():  # an unset variable of a script, which would be this folder
            raise UsageError(f"{option} has no name of a folder. Give one, or . for this one")
    return Options(
        model=arguments.model_path or arguments.model,
        manual=arguments.manual,
        collect=Path(arguments.collect) if arguments.collect is not None else None,
        save_dir=Path(arguments.save_dir),
        open=arguments.open,
        size=arguments.size,
        scale=arguments.scale,
        min_confidence=arguments.min_confidence,
        debug=arguments.debug,
    )


def main(argv: list[str] | None = None) -> int:
    """Run the canvas; returns the exit code."""
    arguments = build_parser().parse_args(argv)
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # pygame greets on standard output, which carries data
    os.environ.setdefault("SDL_VIDEO_X11_WMCLASS", "digitrec")  # before pygame is imported: it sets "draw.py"
    from digitrec.console import Console
    from digitrec.errors import DigitrecError

    console = Console()
    try:
        from digitrec.canvas.app import run

        if _signal.getsignal(_signal.SIGINT) == _signal.SIG_DFL:  # from here on the window is closed in good order
            _signal.signal(_signal.SIGINT, _signal.default_int_handler)
        return run(options_from(arguments))
    except DigitrecError as error:
        if arguments.debug:
            raise
        console.say(f"draw.py: {error.message}")
        return error.exit_code
    except ModuleNotFoundError as error:
        if arguments.debug or (error.name or "").startswith("digitrec"):
            raise
        console.say(f"draw.py: the package {error.name} is not installed. Run: pip install -r requirements.txt")
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if arguments.debug:
            raise
        console.say(
            f"draw.py: internal error ({type(error).__name__}: {error}). Run it again with --debug and report it"
        )
        return 1


def run_script() -> NoReturn:
    """``main``, then leave at once: a reading that is under way uses libraries that would be taken down."""
    code = main()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, AttributeError):  # closed by its reader, or never there
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    run_script()
