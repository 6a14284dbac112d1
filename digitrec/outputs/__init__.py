"""Where readings go: files by extension, standard output, crops. Each is a context manager with ``write()``."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

from digitrec.console import Console, StandardOutput
from digitrec.errors import OutputError, UsageError
from digitrec.outputs.base import LineFile, Output, RunInfo
from digitrec.outputs.creating import cannot_write, mode_of, refuse_what_is_no_file

__all__ = ["KINDS", "STDOUT", "Output", "RunInfo", "check_targets", "needs_pictures", "open_output"]

STDOUT = "-"
TEXT_KINDS = (".jsonl", ".csv", ".srt", ".txt")
VIDEO_KINDS = (".mp4", ".mkv", ".webm", ".avi")


def needs_pictures(target: str) -> bool:
    """Whether an ``--out`` draws on the frames; to others they may come black."""
    return Path(target).suffix.lower() in VIDEO_KINDS


def check_targets(targets: Sequence[str], sources: Sequence[str], force: bool) -> None:
    """Refuse outputs that cannot work before anything slow is started.

    Raises:
        UsageError: an unknown extension, a name given twice, or an output that is also an input.
        OutputError: the folder is missing, the file exists and ``force`` is off, or it cannot hold a video.
    """
    seen: set[str] = set()
    for target in targets:
        key = target if target == STDOUT else _real_path(target)
        if key in seen:
            raise UsageError(f"--out {target} is given twice. Give each output its own name.")
        seen.add(key)
        if target == STDOUT:
            continue
        path = Path(target)
        if path.suffix.lower() not in KINDS:
            kinds = " ".join(KINDS)
            raise UsageError(f"--out {target}: its kind is not known by its extension. Choose one of {kinds} or -.")
        mode = mode_of(path)
        if mode is None:
            continue
        if stat.S_ISDIR(mode):
            raise OutputError(f"{path} cannot be written: it is a folder. Choose another name.")
        if _is_input(path, sources):
            raise UsageError(f"--out {target} is also an input and would be destroyed. Choose another name.")
        if not force:
            raise cannot_write(path, FileExistsError())
        if path.suffix.lower() in VIDEO_KINDS:
            refuse_what_is_no_file(path)


def open_output(target: str, run: RunInfo, console: Console) -> Output:
    """Open one ``--out``; its kind is told by the extension (``-``: JSONL on standard output).

    Raises:
        OutputError: it cannot be created.
    """
    if target == STDOUT:
        from digitrec.outputs.text import JsonLines

        return JsonLines(StandardOutput(console), run)
    path = Path(target)
    return KINDS[path.suffix.lower()](path, run)


def _open_text(path: Path, run: RunInfo) -> Output:
    from digitrec.outputs.spans import CsvTable, Subtitles
    from digitrec.outputs.text import JsonLines, TextLines

    kinds: dict[str, Callable[[LineFile, RunInfo], Output]] = {
        ".jsonl": JsonLines, ".csv": CsvTable, ".srt": Subtitles, ".txt": TextLines,
    }  # fmt: skip
    return kinds[path.suffix.lower()](LineFile(path, run.force), run)


def _open_video(path: Path, run: RunInfo) -> Output:
    from digitrec.outputs.video import VideoFile

    return VideoFile(path, run)


KINDS: dict[str, Callable[[Path, RunInfo], Output]] = {
    **dict.fromkeys(TEXT_KINDS, _open_text),
    **dict.fromkeys(VIDEO_KINDS, _open_video),
}
"""Opens an output, by extension."""


def _real_path(target: str) -> str:
    """By which two names of one file are known."""
    try:
        return os.path.realpath(target)
    except FileNotFoundError as error:
        raise OutputError(
            f"{target} cannot be written: the current folder was deleted. Change to another, and run again."
        ) from error


def _is_input(path: Path, sources: Sequence[str]) -> bool:
    """The existing file ``path`` is one of the sources: named, matched by a glob, or a video in a folder of them."""
    is_video = path.suffix.lower() in VIDEO_KINDS
    for source in sources:
        for name in [source, *glob.iglob(source, recursive=True)]:  # noqa: PTH207 - a glob as the user typed it
            given = Path(name)
            try:
                if given.samefile(path) or (is_video and given.samefile(path.parent)):
                    return True
            except (OSError, ValueError):  # a camera's number, an address
                continue
    return False
