"""Data sets in ``.npz`` files: opened without running anything in them, and what is damaged is told by its name."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import SourceError
from digitrec.results import Image


def load_arrays(path: Path, names: Sequence[str]) -> list[NDArray[Any]]:
    """The arrays called ``names``.

    Raises:
        SourceError: the file cannot be read, is damaged, or lacks one.
    """
    try:
        with np.load(path) as file:
            return [file[name] for name in names]
    except KeyError as error:
        raise SourceError(f"{path} has no array of the name that it should have ({error}). Get it again.") from error
    except (OSError, ValueError, TypeError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise SourceError(f"{path} is damaged or no .npz file ({error}). Get the file again.") from error


def load_pictures(
    path: Path, names: tuple[str, str] = ("x", "y"), side: int | None = None
) -> tuple[Image, NDArray[Any]]:
    """Pictures and their labels.

    Args:
        path: an ``.npz`` file.
        names: of the arrays of pictures and labels.
        side: of the pictures, pixels; None: any.

    Returns:
        uint8 (N, H, W), N at least 1, and (N,).

    Raises:
        SourceError: the file is damaged, or its arrays are of another type, shape or length.
    """
    x, y = load_arrays(path, names)
    wanted = f"(N, {side}, {side})" if side is not None else "(N, H, W)"
    if x.dtype != np.uint8 or x.ndim != 3 or not x.size or (side is not None and x.shape[1:] != (side, side)):
        raise SourceError(f"{path}: {names[0]} must be uint8 {wanted}, not {x.dtype} {x.shape}. Get the file again.")
    if y.shape != (len(x),):
        raise SourceError(f"{path}: {names[1]} must have a label for each of {len(x)} pictures, not {y.shape}.")
    return x, y


def load_digits(
    path: Path, names: tuple[str, str] = ("x", "y"), side: int | None = None
) -> tuple[Image, NDArray[np.int64]]:
    """Like ``load_pictures``, of digits 0-9.

    Raises:
        SourceError: as there, or a label is no digit.
    """
    x, y = load_pictures(path, names, side)
    if y.dtype.kind not in "iu" or y.min() < 0 or y.max() > 9:
        raise SourceError(f"{path}: {names[1]} must be whole numbers from 0 to 9. Get the file again.")
    return x, y.astype(np.int64)
