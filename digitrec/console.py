"""The only place that talks to the terminal: data on standard output, all else on standard error."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from digitrec.errors import OutputError

_LONGEST_WAIT_S = 1.0
_standard_error = threading.RLock()
"""Held while file descriptor 2 leads elsewhere, and while a line is written to it."""


class Console:
    """Data, talk and a progress line that do not run into each other."""

    def __init__(self) -> None:
        self._shown = 0
        err = sys.stderr
        self.shows_progress = err is not None and err.isatty()

    def say(self, line: str) -> None:
        """A line for people, on standard error; what names of files put in it cannot steer the terminal."""
        self.clear()
        line = "".join(c if c.isprintable() else "?" for c in line)
        if sys.stderr is not None:  # a closed standard error silences talk, it ends nothing
            with _own_standard_error(), contextlib.suppress(OSError, ValueError):
                sys.stderr.write(line + "\n")
                sys.stderr.flush()

    def data(self, text: str) -> None:
        """Whole lines of data, on standard output, at once.

        Raises:
            BrokenPipeError: the reader has gone (``| head -1``).
            OutputError: standard output is closed or full.
        """
        self.clear()
        if sys.stdout is None:
            raise OutputError("standard output is closed. Give a file: --out FILE")
        try:
            sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(
                f"standard output cannot be written: {(error.strerror or str(error)).lower()}."
            ) from error

    def progress(self, line: str) -> None:
        """Replace the progress line; nothing where standard error is no terminal."""
        if not self.shows_progress:
            return
        line = line[: shutil.get_terminal_size().columns - 1]
        with _own_standard_error():
            sys.stderr.write("\r" + line.ljust(self._shown))
            sys.stderr.flush()
        self._shown = len(line)

    def clear(self) -> None:
        """Take the progress line away."""
        if self._shown:
            with _own_standard_error():
                sys.stderr.write("\r" + " " * self._shown + "\r")
                sys.stderr.flush()
            self._shown = 0


class StandardOutput:
    """Standard output as the place of an output's lines."""

    name: str | None = None

    def __init__(self, console: Console) -> None:
        self._console = console

    def write(self, text: str) -> None:
        """Write whole lines."""
        self._console.data(text)

    def close(self) -> None:
        """Standard output stays open."""


def drop_standard_output() -> None:
    """Point standard output nowhere, so that nothing is said about a closed pipe when the process ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keep what native libraries print straight to standard error from people, while it runs."""
    with _led_to(lambda: Path(os.devnull).open("r+b")):
        yield


@contextlib.contextmanager
def heard_libraries(talk: re.Pattern[bytes]) -> Iterator[list[bytes]]:
    """Take the lines that native libraries print to standard error while it runs, and that ``talk`` matches.

    The list is filled at the end. All other lines reach standard error then: another thread may have written them.
    """
    heard: list[bytes] = []
    with _led_to(_scratch_file) as file:
        yield heard
        if file is not None:
            file.seek(0)
            heard += file.readlines()
    others = [line for line in heard if not talk.match(line)]
    if others:
        heard[:] = [line for line in heard if talk.match(line)]
        with contextlib.suppress(OSError):
            os.write(2, b"".join(others))


@contextlib.contextmanager
def _led_to(opened: Callable[[], IO[bytes]]) -> Iterator[IO[bytes] | None]:
    """Lead file descriptor 2 to a file while it runs; None where it is closed, or another thread keeps it for long."""
    with _own_standard_error() as is_own, contextlib.ExitStack() as undo:
        file = None
        with contextlib.suppress(OSError):
            if is_own:
                kept = os.dup(2)
                undo.callback(os.close, kept)
                file = undo.enter_context(opened())
                undo.callback(os.dup2, kept, 2)
                os.dup2(file.fileno(), 2)
        yield file


@contextlib.contextmanager
def _own_standard_error() -> Iterator[bool]:
    """File descriptor 2 for this thread alone; False where another one keeps it for long."""
    is_own = _standard_error.acquire(timeout=_LONGEST_WAIT_S)
    try:
        yield is_own
    finally:
        if is_own:
            _standard_error.release()


def _scratch_file() -> IO[bytes]:
    try:
        return TemporaryFile()
    except OSError:  # no folder for temporary files may be written: what is said is lost
        return Path(os.devnull).open("r+b")
