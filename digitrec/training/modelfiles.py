"""Model files of the lab: opened safely, written whole, with their SHA-256 sums."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from digitrec.classifier import DIGITS, QUICK
from digitrec.errors import ModelError, OutputError
from digitrec.modelfile import SUMS, eight_bit_path, read_sums
from digitrec.normalise import SIDE
from digitrec.strings import CLASSES, ROWS

if TYPE_CHECKING:
    import keras


def load_keras(path: Path, compiled: bool = False) -> keras.Model:
    """Open the ``.keras`` file of a digit model in safe mode: nothing in it can run.

    Args:
        path: the file.
        compiled: with its optimizer, to train on.

    Raises:
        ModelError: it is missing, damaged, of another kind or no digit model.
    """
    model = _open_keras(path, compiled)
    _check_shapes(model, path)
    return model


def load_model(path: Path) -> keras.Model:
    """Open the ``.keras`` file of a digit model or of a strings' network in safe mode.

    Raises:
        ModelError: it is missing, damaged or of another kind.
    """
    model = _open_keras(path, compiled=False)
    if not _reads_strings(model):
        _check_shapes(model, path)
    return model


def load_strings(path: Path) -> keras.Model:
    """Open the ``.keras`` file of a strings' network in safe mode.

    Raises:
        ModelError: it is missing, damaged, of another kind or no network for strings.
    """
    model = _open_keras(path, compiled=False)
    if not _reads_strings(model):
        raise ModelError(
            f"{path} does not read strings: it maps {model.input_shape} to {model.output_shape}. Use another."
        )
    return model


def _reads_strings(model: keras.Model) -> bool:
    shapes = tuple(model.input_shape), tuple(model.output_shape)
    return shapes == ((None, ROWS, None, 1), (None, None, CLASSES))


def _open_keras(path: Path, compiled: bool) -> keras.Model:
    if path.suffix.lower() != ".keras":
        raise ModelError(
            f"{path} is no .keras model: .h5 files, pickles and others can run code when they are loaded, "
            "so none is accepted. Save it with Keras 3 as .keras."
        )
    if not path.is_file():
        raise ModelError(f"model {path} is not there. Train one: python -m digitrec.training train")
    if not zipfile.is_zipfile(path):
        raise ModelError(f"{path} is damaged or no .keras model: it is no zip archive. Fetch or train it again.")
    import keras

    try:
        model = keras.models.load_model(path, safe_mode=True, compile=compiled)
    except (ValueError, TypeError, KeyError, OSError, zipfile.BadZipFile) as error:
        why = str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__
        raise ModelError(f"{path} cannot be loaded in Keras's safe mode ({why}). Use another model.") from error
    return model


def _check_shapes(model: keras.Model, path: Path) -> None:
    shapes = (tuple(model.input_shape), tuple(model.output_shape))
    if shapes not in [((None, SIDE, SIDE, 1), (None, outputs)) for outputs in (10, 11)]:
        raise ModelError(
            f"{path} is not a digit model: it maps {shapes[0]} to {shapes[1]}, "
            f"not (None, {SIDE}, {SIDE}, 1) to (None, 11). Use another."
        )


def save_keras(model: keras.Model, path: Path) -> None:
    """Write ``path`` whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    temporary = path.with_name("next-" + path.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        model.save(temporary)
        temporary.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error


def replace_file(path: Path, data: bytes) -> None:
    """Write ``path`` whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    temporary = path.with_name("next-" + path.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{path} cannot be written ({error.strerror or error}). Free some space or choose another --out."
    )


def made_of(name: str) -> list[str]:
    """The ``.tflite`` files that go with a ``.tflite`` called ``name`` and with no other network of that name."""
    made = [eight_bit_path(Path(name)).name] if name.endswith(".tflite") else []
    return made + ([QUICK, eight_bit_path(Path(QUICK)).name] if name == DIGITS else [])


def note_sums(folder: Path, names: list[str], only_known: bool = False) -> list[str]:
    """Bring the lines of ``names`` in ``folder/SHA256SUMS`` up to date, and leave all others as they are.

    All others: writing the sums of every file anew would hide that one of them is damaged. The quick network goes with
    the ``digits.tflite`` that taught it, and an 8-bit form with the model that it was made of: beside another one they
    are removed, for the programs would take them. A ``.keras``, which they do not take, stays.

    Args:
        folder: of the model files.
        names: the files that were written.
        only_known: change lines that are there, add none.

    Returns:
        The files that were removed.
    """
    path = folder / SUMS
    known = read_sums(folder)
    before = dict(known)
    for name in names:
        if name in known or not only_known:
            known[name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    changed = [name for name in names if known.get(name) != before.get(name)]
    stale = [name for changed_name in changed for name in made_of(changed_name)]
    removed = [name for name in stale if (folder / name).is_file()]
    for name in stale:
        known.pop(name, None)
        (folder / name).unlink(missing_ok=True)
    if known:
        replace_file(path, "".join(f"{digest}  {name}\n" for name, digest in sorted(known.items())).encode())
    return removed


def sum_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
