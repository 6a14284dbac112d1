"""Creating output files: never over somebody else's, never waiting for a pipe, locked against a second run."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path

from digitrec.errors import OutputError

_ATTEMPTS = 20
_ONLY_IF_NEW = os.O_EXCL
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_OWN = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
CREATE = os.O_WRONLY | os.O_CREAT | _NO_WAIT | _OWN
"""Flags for a file to write; opening a pipe without a reader then fails instead of waiting for one."""


def create_file(path: Path, force: bool, keep: bool = False) -> int:
    """Create (with ``force``: empty) a file that no other run is writing; returns its descriptor.

    A pipe is opened only while somebody reads it: else opening it would wait for ever.

    Args:
        path: the file.
        force: it may exist.
        keep: with ``force``, what it holds stays.

    Raises:
        OutputError: it cannot be created, exists already, or another run is writing it.
    """
    try:
        file = os.open(path, CREATE | (0 if force else _ONLY_IF_NEW), 0o666)
    except OSError as error:
        raise cannot_write(path, error) from error
    if _NO_WAIT:
        os.set_blocking(file, True)
    if not _lock(file):
        os.close(file)
        raise _is_taken(path)
    if stat.S_ISREG(os.fstat(file).st_mode) and not keep:
        os.ftruncate(file, 0)
    return file


def create_working_file(path: Path, shown: Path) -> int:
    """Create a file under a name that is ours alone, in place of what a killed run left there.

    What lies there is removed and never written to: it may be a link that somebody planted.

    Args:
        path: the file.
        shown: the name to tell people.

    Raises:
        OutputError: it cannot be created, or another run is writing it.
    """
    with contextlib.ExitStack() as removed:
        for _ in range(_ATTEMPTS):
            try:
                file = os.open(path, CREATE | _ONLY_IF_NEW, 0o666)
            except FileExistsError:
                _remove(path, shown, removed)
                continue
            except OSError as error:
                raise cannot_write(shown, error) from error
            if _lock(file):
                return file
            os.close(file)
            break
    raise _is_taken(shown)


def _remove(path: Path, shown: Path, removed: contextlib.ExitStack) -> None:
    """Remove ``path`` unless another run is writing it; ``removed`` holds its lock until the new file has one."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            path.unlink()
            return
        old = os.open(path, os.O_RDONLY | _NO_LINK | _NO_WAIT | _OWN)
        removed.callback(os.close, old)
        if not _lock(old):
            raise _is_taken(shown)
        if os.path.samestat(os.fstat(old), path.lstat()):  # else another run was quicker: this is its file
            path.unlink()
    except FileNotFoundError:  # another run was quicker
        return
    except OSError as error:
        raise cannot_write(shown, error) from error


def _lock(file: int) -> bool:
    """Hold a file for this run until it is closed; True where the system has no such locks."""
    try:
        import fcntl
    except ImportError:  # Windows: the second run to create the file is refused, with --force the last one wins
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # some network file systems have no locks
        return True
    return True


def mode_of(path: Path) -> int | None:
    """What lies at ``path``, as ``st_mode``; None where nothing does and it could be created.

    Raises:
        OutputError: its folder is missing or closed to us, or its name is too long.
    """
    try:
        return path.stat().st_mode
    except FileNotFoundError as error:
        if not path.parent.is_dir():
            raise cannot_write(path, error) from error
        return None
    except NotADirectoryError as error:
        file = next((p for p in path.parents if p.exists() and not p.is_dir()), path.parent)
        raise is_no_folder(path, file) from error
    except OSError as error:
        raise cannot_write(path, error) from error


def refuse_what_is_no_file(path: Path) -> None:
    """A video is written by its name, sought in and read back, which needs a file.

    Raises:
        OutputError: ``path`` is a pipe, a socket, a device or a folder.
    """
    mode = mode_of(path)
    if mode is not None and not stat.S_ISREG(mode):
        raise OutputError(f"{path} cannot be written: a video needs a file, and this is none. Choose another name.")


def cannot_write(path: Path, error: OSError) -> OutputError:
    """The one line for an output that the system refuses."""
    if isinstance(error, FileExistsError):
        return OutputError(f"{path} exists already. Add --force to replace it, or choose another name.")
    if isinstance(error, FileNotFoundError):
        return OutputError(f"{path} cannot be written: the folder {path.parent} does not exist. Create it first.")
    if error.errno == errno.ENXIO:
        return OutputError(f"{path} cannot be written: it is a pipe that nobody reads. Start its reader first.")
    if error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}:
        return OutputError(f"{path}: the disk is full; what was written is kept. Free some space and run again.")
    return OutputError(f"{path} cannot be written: {(error.strerror or str(error)).lower()}. Choose another place.")


def is_no_folder(path: Path, file: Path) -> OutputError:
    """The one line for ``path``, which was to lie in ``file``, or to be a folder itself."""
    what = "it" if file == path else str(file)
    return OutputError(f"{path} cannot be written: {what} is a file, no folder. Choose another name.")


def was_deleted(path: Path) -> OutputError:
    """The one line for an output that somebody removed under our hands."""
    return OutputError(f"{path} was deleted while it was written: what was read is lost. Run again.")


def _is_taken(path: Path) -> OutputError:
    return OutputError(f"{path} is being written by another run. Choose another name, or wait for it.")
