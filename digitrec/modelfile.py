"""A ``.tflite`` file -> something that answers: its bytes are checked before LiteRT sees them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import ModelError

SUMS = "SHA256SUMS"
_MAGIC = b"TFL3"


class Ready(NamedTuple):
    """An interpreter with its memory planned for one shape, and the indices of its tensors."""

    interpreter: Any  # LiteRT ships no types
    input: int
    output: int

    def run(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """The network's answer."""
        self.interpreter.set_tensor(self.input, values)
        self.interpreter.invoke()
        answer: NDArray[np.float32] = self.interpreter.get_tensor(self.output)
        return answer


def open_model(data: bytes, path: Path, shape: tuple[int, ...] | int, threads: int) -> Ready:
    """A model ready for inputs of ``shape``, or for so many of those that it is made for.

    Raises:
        ModelError: LiteRT cannot load it.
    """
    from ai_edge_litert.interpreter import Interpreter

    try:
        interpreter = Interpreter(model_content=data, num_threads=threads)
        details = interpreter.get_input_details()[0]
        wanted = [shape, *details["shape"][1:]] if isinstance(shape, int) else list(shape)
        interpreter.resize_tensor_input(details["index"], wanted)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"{path} is damaged: LiteRT cannot load it. Fetch or train it again.") from error
    return Ready(interpreter, details["index"], interpreter.get_output_details()[0]["index"])


def check_name(path: Path) -> None:
    """Whether ``path`` may name a model.

    Raises:
        ModelError: it is empty, no name of a file at all, or that of another format.
    """
    if not path.name or "\0" in str(path):
        raise ModelError(f"{str(path)!r} names no model file. Give a .tflite file.")
    if path.suffix.lower() != ".tflite":
        raise ModelError(
            f"{path} is no .tflite model: other formats can run code when they are loaded, so none is accepted. "
            "Convert it with: python -m digitrec.training export"
        )


def checked_bytes(path: Path) -> bytes:
    """The file's bytes, once name, header and checksum fit.

    Raises:
        ModelError: they do not, or it cannot be read.
    """
    check_name(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"model {path} cannot be read: {error.strerror}. Train one: python -m digitrec.training train"
        raise ModelError(message) from error
    if data[4:8] != _MAGIC:
        raise ModelError(f"{path} is damaged or no LiteRT model: it lacks the TFL3 mark. Fetch or train it again.")
    expected = read_sums(path.parent).get(path.name)
    if expected is not None and hashlib.sha256(data).hexdigest() != expected:
        raise ModelError(f"{path} is damaged: its SHA-256 differs from {SUMS}. Fetch or train it again.")
    return data


def eight_bit_path(path: Path) -> Path:
    """Where the 8-bit form of a ``.tflite`` lies: ``digits-int8.tflite`` beside ``digits.tflite``."""
    return path.with_name(f"{path.stem}-int8{path.suffix}")


def fastest_form(path: Path) -> Path:
    """The 8-bit form of a model where there is one, else the model itself.

    One that was made of another ``path`` is none: ``SHA256SUMS`` lists both or it is not looked at.

    Raises:
        ModelError: ``path`` is damaged, or cannot be read.
    """
    form, known = eight_bit_path(path), read_sums(path.parent)
    if not known.keys() >= {path.name, form.name} or not form.is_file():
        return path
    checked_bytes(path)
    return form


def read_sums(folder: Path) -> dict[str, str]:
    """File name -> SHA-256, as ``SHA256SUMS`` in ``folder`` gives them; empty where there is none."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = (line.split() for line in lines)
    return {parts[1].lstrip("*"): parts[0] for parts in pairs if len(parts) == 2}
