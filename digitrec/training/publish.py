"""A trained network becomes files: ``.keras`` to train on, ``.tflite`` to run, and the check that both agree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digitrec.classifier import Classifier
from digitrec.console import Console, quiet_libraries
from digitrec.errors import ModelError, OutputError
from digitrec.normalise import SIDE
from digitrec.results import Image
from digitrec.training.data import load_mnist
from digitrec.training.export import AGREEMENT, export
from digitrec.training.modelfiles import made_of, note_sums, save_keras
from digitrec.training.train import as_input

if TYPE_CHECKING:
    import keras

CROPS = 1000
"""So many are answered by both when they are checked."""


def publish(model: keras.Model, path: Path, crops: Image, console: Console, only_known_sums: bool = False) -> float:
    """Write ``path`` (``.tflite``) and the ``.keras`` beside it, and check that they agree.

    Args:
        model: trained.
        path: of the ``.tflite``.
        crops: uint8 (N, 28, 28) that both answer.
        console: told what was written.
        only_known_sums: change sums that ``SHA256SUMS`` has, add none.

    Returns:
        The largest difference of a probability.

    Raises:
        ModelError: they differ by more than 1e-4.
        OutputError: a file cannot be written.
    """
    keras_path = path.with_suffix(".keras")
    save_keras(model, keras_path)
    write_tflite(model, path)
    # The sums before the check: it opens the file, and would call it damaged by the sum of the one it replaces.
    tell_removed(path, note_sums(path.parent, [keras_path.name, path.name], only_known_sums), console.say)
    difference = largest_difference(model, path, crops)
    console.say(f"{path} and {keras_path.name}: they agree to {difference:.0e} on {len(crops)} crops")
    return difference


def check_free(path: Path, force: bool, *others: Path) -> None:
    """Whether ``path`` (``.tflite``) and ``others`` may be written.

    Raises:
        OutputError: one exists and ``force`` is false.
    """
    taken = [p for p in (path, *others) if p.exists()]
    if taken and not force:
        lost = [name for name in made_of(path.name) if (path.parent / name).is_file()]
        more = f" (with {', '.join(lost)}, made of what is there)" if path in taken and lost else ""
        raise OutputError(f"{taken[0]} exists. Give another --out, or --force to replace it{more}.")


def tell_removed(path: Path, removed: list[str], say: Callable[[str], None]) -> None:
    """Say what went with the ``.tflite`` that ``path`` replaced."""
    if removed:
        say(f"removed {', '.join(removed)}: made of another {path.name}")


def write_tflite(model: keras.Model, path: Path) -> None:
    """Write ``path`` whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with quiet_libraries():
            export(model, path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror or error}). Choose another --out.") from error


def largest_difference(model: keras.Model, path: Path, crops: Image) -> float:
    """Largest difference of a probability between Keras and LiteRT.

    Raises:
        ModelError: it is more than 1e-4, or one has another number of outputs.
    """
    theirs = model.predict(as_input(crops), batch_size=500, verbose=0)
    with quiet_libraries():
        ours = Classifier(path).classify(crops)
    outputs = theirs.shape[1]
    difference = float(max(np.abs(ours[:, :outputs] - theirs).max(), ours[:, outputs:].max(initial=0)))
    if difference > AGREEMENT:
        raise ModelError(f"{path.name} and the Keras model differ by {difference:.1e}, more than {AGREEMENT:.0e}.")
    return difference


def check_crops(data_dir: Path | None, seed: int) -> Image:
    """uint8 (1000, 28, 28) to check an export on: MNIST's test digits, or noise where no folder is given."""
    if data_dir is not None:
        return load_mnist(data_dir)[1].x[:CROPS]
    noise = np.random.default_rng(seed).random((CROPS, SIDE, SIDE))
    return (noise**4 * 255).astype(np.uint8)
