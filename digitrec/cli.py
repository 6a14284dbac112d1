"""The command line of ``cam.py``: options, and what ends the process. Nothing heavy is imported for ``--help``."""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from digitrec.console import Console, drop_standard_output
from digitrec.errors import DigitrecError, UsageError

DEMO = Path(__file__).resolve().parent.parent / "samples" / "demo.mp4"

DESCRIPTION = """\
Reads handwritten digits from a camera, videos, pictures or a stream.

SOURCE  a camera's number or part of its name, a video, a picture, a folder, a glob,
        an http(s):// or rtsp:// stream, - (a picture on standard input).
        None: the first camera."""

EPILOG = """\
Without --out the readings are printed: a line when a reading changes, one a picture.
With a display there is a window: h shows its keys. A video plays there at its own speed
(without a window: as fast as it can), a picture waits for a key unless --out is given.
Without a display files are read all the same; a camera needs --no-window or --out then.

exit codes: 0 done, 1 bug, 2 usage, 3 some inputs failed, 4 source cannot be opened or died,
5 model missing or damaged, 6 output cannot be written (or exists: --force),
7 a window was asked for and there is no display, 130 interrupted (143: terminated).

  python cam.py --demo --out demo.mp4
  python cam.py photo.jpg
  python cam.py clip.mp4 --no-window --out readings.jsonl --out annotated.mp4
  python cam.py 'archive/**/*.jpg' clips/ --jobs 0 --out readings.jsonl --resume"""


@dataclass(frozen=True, slots=True)
class Options:
    """The command line, checked. Names and meaning as in ``--help``."""

    sources: tuple[str, ...] = ()
    demo: bool = False
    out: tuple[str, ...] = ()
    no_window: bool = False
    list_cameras: bool = False
    check: bool = False
    model: str | None = None
    min_confidence: float | None = None
    words: bool = False
    save_crops: str | None = None
    force: bool = False
    debug: bool = False
    mirror: bool = False
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    start: float = 0.0
    end: float | None = None
    jobs: int = 1
    resume: bool = False
    cluster: str | None = None

    @property
    def has_workers(self) -> bool:
        """Files are read by worker processes, and there is no window."""
        return self.jobs != 1 or self.resume or self.cluster is not None


class _Parser(argparse.ArgumentParser):
    """One line for a mistake, instead of the usage and the line."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. See {self.prog} --help")


def make_parser() -> argparse.ArgumentParser:
    """The parser of ``cam.py``."""
    parser = _Parser(
        prog="cam.py",
        usage="python cam.py [SOURCE ...] [options]",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("sources", nargs="*", metavar="SOURCE", help=argparse.SUPPRESS)
    add("--demo", action="store_true", help="read the sample clip that comes with the project")
    add("--out", action="append", default=[], metavar="FILE", help=
        "write FILE, by its extension: .jsonl .csv .srt .txt readings, .mp4 .mkv .webm .avi annotated video, "
        "- JSONL on standard output; repeatable")  # fmt: skip
    add("--no-window", action="store_true", help="open no window (default: a window where there is a display)")
    add("--list-cameras", action="store_true", help="list the cameras and end")
    add("--check", action="store_true", help="look at dependencies, model, display and cameras, and end")
    add("--model", metavar="FILE", help="a .tflite model (default: the one that comes with the project)")
    add("--min-confidence", type=_probability, metavar="P", help=
        "leave out digits that are less sure, 0 to 1 (default: the model's own limit)")  # fmt: skip
    add("--words", action="store_true", help=
        "numbers in words too; with a leading zero or more than 6 digits they are said digit by digit")  # fmt: skip
    add("--save-crops", metavar="DIR", help="save the 28x28 crops and labels.csv, to correct and to train with")
    add("--force", action="store_true", help="replace outputs that exist (default: refuse)")
    add("--debug", action="store_true", help="show ink and candidates in the window, and tracebacks")
    add("--mirror", action="store_true", help="mirror the view, as a mirror does (display only)")
    add("--width", type=_pixels, metavar="PX", help="ask the camera for this width (default: its own choice)")
    add("--height", type=_pixels, metavar="PX", help="ask the camera for this height (default: its own choice)")
    add("--fps", type=_rate, metavar="N", help="ask the camera for this rate (default: its own choice)")
    add("--start", type=_seconds, default=0.0, metavar="S", help="begin here, seconds (default: 0)")
    add("--end", type=_seconds, metavar="S", help="end here, seconds (default: at the end)")
    add("--jobs", type=_jobs, default=1, metavar="N", help=
        "many files: N processes read them at once, without a window; 0: one a core (default: 1)")  # fmt: skip
    add("--resume", action="store_true", help="many files: go on with an --out FILE.jsonl, leaving out what it holds")
    add("--cluster", type=_address, metavar="ADDRESS", help=
        "many files: read by the workers of a Dask scheduler, tcp://HOST:PORT, that see the same files")  # fmt: skip
    return parser


def parse(arguments: Sequence[str] | None = None) -> Options:
    """The command line's options.

    Raises:
        UsageError: it is wrong.
        SystemExit: ``--help`` was asked for.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    end = given.index("--") if "--" in given else len(given)
    values = vars(make_parser().parse_intermixed_args(given[:end]))
    sources = (*values["sources"], *given[end + 1 :])  # argparse itself takes "-- -name.png" for an option here
    options = Options(**{**values, "sources": sources, "out": tuple(values["out"])})
    if options.demo and options.sources:
        raise UsageError("--demo brings its own SOURCE: give one or the other.")
    if options.end is not None and options.end <= options.start:
        raise UsageError(f"--end {options.end:g} is not after --start {options.start:g}.")
    if options.cluster is not None and options.jobs != 1:
        raise UsageError("--jobs is for this machine, --cluster for others: give one or the other.")
    if options.save_crops is not None and not options.save_crops.strip():
        raise UsageError("--save-crops names no folder. Give one: --save-crops crops")
    if options.resume and options.force:
        raise UsageError("--resume keeps what --force would replace: give one or the other.")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``cam.py``; the exit code. Errors that a user can meet end in one line on standard error."""
    from digitrec.interrupts import Interrupted, Interrupts

    console, debug = Console(), "--debug" in (arguments if arguments is not None else sys.argv)
    try:
        with Interrupts() as interrupts:
            options = parse(arguments)
            if options.list_cameras:
                from digitrec.check import show_cameras

                return show_cameras(console)
            if options.check:
                from digitrec.check import check

                return check(options, console)
            with interrupts.held():  # NumPy and OpenCV, broken off while they are imported, call that a fault of theirs
                import digitrec.recognizer  # noqa: F401 - only brought in here
                from digitrec.session import Session

            return Session(options, console, interrupts).run()
    except DigitrecError as error:
        if debug:
            _print_traceback()
        console.say(error.message)
        return error.exit_code
    except Interrupted as error:
        console.say("interrupted")
        return error.exit_code
    except BrokenPipeError:  # the reader of standard output has seen enough
        drop_standard_output()
        return 0
    except ModuleNotFoundError as error:
        if debug:
            _print_traceback()
        console.say(f"the package {error.name} is missing. Install what is needed: pip install -r requirements.txt")
        return 1


def run_script() -> NoReturn:
    """``main``, then leave the process at once.

    Not by ``sys.exit``: a camera driver may hold a thread for ever, and once the hook for a lost display is set
    (``digitrec.display.LostDisplay``) C's ``exit`` would call into a Python that is gone.
    """
    code: int | str | None = 1
    debug = "--debug" in sys.argv
    if not debug:
        threading.excepthook = lambda args: _tell_bug(args.exc_value)
    try:
        code = main()
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:  # before the handlers were set
        code = 130
    except Exception as error:  # noqa: BLE001 - the last resort: a bug is told in one line, its traceback with --debug
        if debug:
            _print_traceback()
        _tell_bug(error)
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:  # closed by its reader
            continue
    os._exit(code if isinstance(code, int) else 0 if code is None else 2)


def _tell_bug(error: BaseException | None) -> None:
    Console().say(f"bug: {type(error).__name__}: {error}. Run again with --debug and report what it prints.")


def _print_traceback() -> None:
    import traceback

    traceback.print_exc()


def _number(text: str, what: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:  # also for nan
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return value


def _probability(text: str) -> float:
    return _number(text, "a probability from 0 to 1", 0, 1)


def _seconds(text: str) -> float:
    return _number(text, "a time in seconds", 0, 1e9)


def _rate(text: str) -> float:
    return _number(text, "a frame rate from 1 to 1000", 1, 1000)


def _jobs(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes")
    return int(_number(text, "a number of processes from 0 to 512", 0, 512))


def _address(text: str) -> str:
    if not re.fullmatch(r"(tcp|tls|ucx|ws|wss)://[^\s/]+:\d+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an address such as tcp://192.168.1.20:8786")
    return text


def _pixels(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of pixels")
    return int(_number(text, "a number of pixels from 1 to 16384", 1, 16384))
