"""The quick network, which the shipped one teaches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from digitrec.classifier import PLAIN, QUICK, Classifier
from digitrec.training.data import TrainingSets
from digitrec.training.export import export, verify
from digitrec.training.model import build_quick
from digitrec.training.modelfiles import note_sums, save_keras
from digitrec.training.quantise import write_eight_bit
from digitrec.training.train import Recipe, train

QUICK_RECIPE = Recipe(epochs=14, learning_rate=4e-3, weight_decay=5e-5, label_smoothing=0.0)
"""Of the quick network, which learns from the other's answers: these are soft already."""


def teach_quick(sets: TrainingSets, recipe: Recipe, out_dir: Path, resume: bool, say: Callable[[str], None]) -> Path:
    """Train it to answer as the one of ``sets.teachers`` does; write ``quick.keras``, ``quick.tflite`` and their sums.

    Args:
        sets: pictures, and the teacher.
        recipe: what decides the outcome.
        out_dir: keeps what ``resume`` needs in ``out_dir/stage-3``.
        resume: go on where an interrupted run stopped.
        say: told of each step.

    Returns:
        The ``.tflite`` file.

    Raises:
        ModelError: Keras and LiteRT differ.
        ValueError: there is none, or more than one.
    """
    (teacher,) = sets.teachers
    say(f"stage 3: the quick network learns from {teacher.name}")
    model = train(build_quick(), sets, recipe, out_dir / "stage-3", resume)
    path = out_dir / QUICK
    save_keras(model, path.with_suffix(".keras"))
    export(model, path)
    note_sums(out_dir, [path.with_suffix(".keras").name, path.name])
    difference = verify(model, path)
    say(write_eight_bit(model, path))
    quick, slow = (Classifier(file).classify(sets.validation.x) for file in (path, teacher))
    plain = quick.max(axis=1) >= PLAIN
    differ = int((quick.argmax(axis=1) != slow.argmax(axis=1))[plain].sum())
    say(
        f"{path.name} answers {plain.mean():.1%} of {len(plain)} validation pictures, {differ} otherwise than its "
        f"teacher; Keras and LiteRT agree to {difference:.0e}"
    )
    return path
