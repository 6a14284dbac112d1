"""The shipped model: tidy sets, then crops of the real front end, then temperature, export and checks.

From nothing, a short first stage on the tidy sets tells which pieces of ink are in question; from an earlier model,
that one tells, and the network goes on from its weights.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digitrec.classifier import DIGITS, Classifier
from digitrec.results import NOT_A_DIGIT
from digitrec.training.arrays import load_arrays
from digitrec.training.data import (
    Samples,
    TrainingSets,
    is_validation,
    letter_parts,
    load_training_sets,
)
from digitrec.training.export import apply_temperature, export, fit_temperature, verify
from digitrec.training.model import build_shipped
from digitrec.training.modelfiles import load_keras, note_sums, save_keras
from digitrec.training.page_crops import Pages, make_crops
from digitrec.training.publish import tell_removed
from digitrec.training.quantise import write_eight_bit
from digitrec.training.quick import QUICK_RECIPE, teach_quick
from digitrec.training.rings import without_rings
from digitrec.training.runs import check_folder
from digitrec.training.train import Recipe, train
from digitrec.training.widen import inherit

if TYPE_CHECKING:
    import keras

FIRST_EPOCHS = 8
"""Epochs of the first stage, which only has to tell which pieces of ink are in question."""

SCENES = 5200
"""Rendered scenes that crops are cut from."""

WRONG = 0.003
"""A crop labelled as a digit to which the judging network gives less than this is taken for wrongly labelled."""

LETTERS = 8
"""How often each letter is shown in an epoch, changed each time: few are there, of few hands."""

FROM_NOTHING = Recipe(epochs=40)
"""The recipe of a network that starts with random weights."""

FROM_START = Recipe(epochs=12, learning_rate=1.2e-3, kept=0.5)
"""The recipe of a network that goes on from an earlier one."""


FROM_TEACHERS = Recipe(epochs=4, learning_rate=1e-3)
"""The recipe of a network that goes on from an earlier one, to answer as several do in the mean."""


@dataclass(frozen=True, slots=True)
class Release:
    """One training of the shipped network.

    Attributes:
        data_dir: folder of the sets (``mnist.npz`` at least); None downloads MNIST and trains on it alone.
        out_dir: created where it is missing; keeps what ``resume`` needs in ``out_dir/stage-1`` to ``stage-3``.
        recipe: of the second stage.
        start: a ``.keras`` of an earlier run to go on from, as wide or narrower; None: from nothing.
        resume: go on where an interrupted run stopped.
        scenes: rendered scenes to cut crops from; 0 for none.
        teachers: ``.tflite`` files whose mean answer is learnt; none: the labels.
        quick_epochs: passes of the third stage.
        say: told of each step.
    """

    data_dir: Path | None
    out_dir: Path
    recipe: Recipe
    start: Path | None = None
    resume: bool = False
    scenes: int = SCENES
    say: Callable[[str], None] = print
    teachers: tuple[Path, ...] = ()
    quick_epochs: int = QUICK_RECIPE.epochs


def train_release(job: Release, begin: Callable[[], None] = lambda: None) -> Path:
    """Train the shipped network and the quick one before it.

    Writes ``digits.keras``, ``digits.tflite``, ``quick.keras``, ``quick.tflite``, the 8-bit forms of both,
    ``SHA256SUMS`` and ``metrics.json``.

    Args:
        job: what to train.
        begin: called when models and sets were read, before anything is written.

    Returns:
        The ``.tflite`` file.

    Raises:
        OutputError: ``out_dir`` cannot be written.
        SourceError: a set is missing.
        ModelError: Keras and LiteRT differ, or ``start`` does not fit.
    """
    check_folder(job.out_dir)
    for teacher in job.teachers:
        Classifier(teacher)  # before minutes of scenes
    model = build_shipped()
    if job.start is not None:
        inherit(model, load_keras(job.start), np.random.default_rng(job.recipe.seed))
    sets = _load_sets(job, begin)
    job.say(f"stage 2: {len(sets.train)} tidy pictures, {len(sets.crops) if sets.crops else 0} crops of the front end")
    taught = replace(sets, teachers=job.teachers)
    model = train(model, taught, job.recipe, job.out_dir / "stage-2", job.resume)
    path = _finish(model, sets.validation, job)
    _teach(sets, path, job)
    return path


def train_quick(job: Release, begin: Callable[[], None] = lambda: None) -> Path:
    """Train the quick network anew from ``job.start``, which teaches it; write ``quick.keras`` and ``quick.tflite``.

    Args:
        job: what to train.
        begin: called when models and sets were read, before anything is written.

    Returns:
        The ``.tflite`` file.

    Raises:
        OutputError: ``out_dir`` cannot be written.
        SourceError: a set is missing.
        ModelError: Keras and LiteRT differ, or ``start`` is no digit model.
    """
    check_folder(job.out_dir)
    if job.start is not None:
        load_keras(job.start)  # before minutes of scenes
    sets = _load_sets(job, begin)
    return _teach(sets, _judge(sets, job), job)


def _load_sets(job: Release, begin: Callable[[], None]) -> TrainingSets:
    import matplotlib as mpl  # noqa: F401 - signs are drawn from its fonts: what is missing is told now, not in a worker

    sets = load_training_sets(job.data_dir)
    begin()
    if job.data_dir is not None and job.scenes:
        sets = _with_crops(sets, job, job.data_dir)
    return _with_letters_repeated(sets, job.data_dir)


def _teach(sets: TrainingSets, teacher: Path, job: Release) -> Path:
    recipe = replace(QUICK_RECIPE, epochs=job.quick_epochs, seed=job.recipe.seed)
    return teach_quick(replace(sets, teachers=(teacher,)), recipe, job.out_dir, job.resume, job.say)


def _finish(model: keras.Model, validation: Samples, job: Release) -> Path:
    """Temperature, files, checks and figures."""
    temperature = fit_temperature(model, validation)
    apply_temperature(model, temperature)
    path = job.out_dir / DIGITS
    save_keras(model, path.with_suffix(".keras"))
    export(model, path)
    # Before the check, which would call the new file damaged by the sum of the old one.
    tell_removed(path, note_sums(job.out_dir, [path.with_suffix(".keras").name, path.name]), job.say)
    difference = verify(model, path)
    job.say(write_eight_bit(model, path))
    metrics = {"temperature": temperature, "keras_litert_difference": difference} | _validation(path, validation)
    (job.out_dir / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    shutil.copyfile(job.out_dir / "stage-2" / "log.jsonl", job.out_dir / "log.jsonl")
    job.say(json.dumps(metrics))
    return path


def _validation(path: Path, validation: Samples) -> dict[str, float]:
    probabilities = Classifier(path).classify(validation.x)
    digits = validation.y != NOT_A_DIGIT
    right = probabilities.argmax(1) == validation.y
    sure = probabilities[:, :NOT_A_DIGIT].max(1) >= 0.6
    return {
        "validation_digits_right": float(right[digits].mean()),
        "validation_digits_accepted": float(sure[digits].mean()),
        "validation_others_answered": float(sure[~digits].mean()) if (~digits).any() else 0.0,
    }


def _with_letters_repeated(sets: TrainingSets, data_dir: Path | None) -> TrainingSets:
    letters = letter_parts(data_dir, held_back=False) if data_dir is not None else None
    if letters is None:
        return sets
    trained = letters.take(np.flatnonzero(~is_validation(len(letters))))
    return replace(sets, train=Samples.join([sets.train] + [trained] * (LETTERS - 1)))


def _with_crops(sets: TrainingSets, job: Release, data_dir: Path) -> TrainingSets:
    cache = job.out_dir / "crops.npz"
    if not (job.resume and cache.is_file()):
        judge = _judge(sets, job)
        job.say(f"crops of {job.scenes} rendered scenes and the cheques, through the front end")
        crops = without_wrong(make_crops(Pages(data_dir, judge, job.recipe.seed), job.scenes), Classifier(judge))
        whole = cache.with_name("next-crops.npz")  # half a file would be taken for all of it by --resume
        np.savez(whole, x=crops.x, y=crops.y)
        whole.replace(cache)
    x, y = load_arrays(cache, ("x", "y"))
    crops = without_rings(Samples(x, y))
    held = np.arange(len(crops)) % 40 == 0
    validation = Samples.join([sets.validation, crops.take(np.flatnonzero(held))])
    return TrainingSets(sets.train, validation, crops.take(np.flatnonzero(~held)))


def _judge(sets: TrainingSets, job: Release) -> Path:
    """A ``.tflite`` that tells which pieces of ink are in question."""
    model = job.out_dir / "stage-1" / "first.tflite"
    model.parent.mkdir(parents=True, exist_ok=True)
    if job.start is not None:
        export(load_keras(job.start), model)
        return model
    job.say("stage 1: a network to tell which pieces of ink are in question")
    first = train(build_shipped(), sets, replace(job.recipe, epochs=FIRST_EPOCHS), model.parent, job.resume)
    apply_temperature(first, fit_temperature(first, sets.validation))
    export(first, model)
    return model


def without_wrong(crops: Samples, judge: Classifier) -> Samples:
    """``crops`` without those labelled as a digit that the judge finds all but impossible (Northcutt et al. 2021).

    A crop of a scene takes its label from its place, and now and then most of what is in that place is something else.
    """
    p = np.concatenate([judge.classify(crops.x[i : i + 512]) for i in range(0, len(crops), 512)])
    own = p[np.arange(len(crops)), crops.y]
    return crops.take(np.flatnonzero((crops.y == NOT_A_DIGIT) | (own >= WRONG)))
