"""The only place that talks to the terminal: data on standard output, all else on standard error."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator

from digitrec.errors import OutputError


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
            with contextlib.suppress(OSError, ValueError):
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
        sys.stderr.write("\r" + line.ljust(self._shown))
        sys.stderr.flush()
        self._shown = len(line)

    def clear(self) -> None:
        """Take the progress line away."""
        if self._shown:
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
    try:
        kept = os.dup(2)
    except OSError:  # standard error is closed: nothing to keep quiet
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
