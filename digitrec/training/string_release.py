"""The strings' network from the data to ``models/strings.tflite``."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digitrec.errors import ModelError, UsageError
from digitrec.results import NOT_A_DIGIT
from digitrec.strings import ROWS, WIDTHS, StringReader
from digitrec.training.data import Samples, letter_pictures, load_training_sets, symbol_pictures
from digitrec.training.drawn import draw_digits
from digitrec.training.export import AGREEMENT
from digitrec.training.letters import draw_letters
from digitrec.training.modelfiles import load_strings, note_sums, save_keras
from digitrec.training.publish import write_tflite
from digitrec.training.quantise import write_eight_bit
from digitrec.training.runs import check_folder
from digitrec.training.string_network import as_input, build_strings
from digitrec.training.string_pieces import collect, fewer_singles, of_cheques
from digitrec.training.string_writing import Source
from digitrec.training.strings import Strings
from digitrec.training.train_strings import LOG, StringRecipe, StringSets, fitting, train_strings
from digitrec.training.widen import inherit

if TYPE_CHECKING:
    import keras

SCENES = 2600
"""Rendered scenes that pieces are cut from."""

DRAWN, DRAWN_LETTERS = 4000, 1500
"""Digits and letters drawn from strokes, among those that strings are made of."""

SINGLES = 0.35
"""Share of the pieces with one digit that are learnt from: they are many, and another network's matter."""

VALIDATION = 25
"""One in so many pieces of scenes is for validation."""


@dataclass(frozen=True, slots=True)
class StringRelease:
    """One training of the strings' network.

    Attributes:
        data_dir: folder of the sets; MNIST and, where they are there, the others.
        out_dir: created where it is missing; ``resume`` goes on from what it keeps.
        recipe: what decides the outcome.
        start: a ``strings.keras`` to go on from; None: from nothing.
        resume: go on where an interrupted run stopped.
        scenes: rendered scenes to cut pieces from.
        say: told of each step.
    """

    data_dir: Path | None
    out_dir: Path
    recipe: StringRecipe
    start: Path | None = None
    resume: bool = False
    scenes: int = SCENES
    say: Callable[[str], None] = print


def release_strings(job: StringRelease, begin: Callable[[], None] = lambda: None) -> Path:
    """Train and write ``strings.keras``, ``strings.tflite``, its 8-bit form and their sums; the ``.tflite``.

    Args:
        job: what to train.
        begin: called when model and sets were read, before anything is written.

    Raises:
        UsageError: there is no data folder: strings are cut from scenes and cheques.
        OutputError: ``out_dir`` cannot be written.
        SourceError: a set is missing.
        ModelError: Keras and LiteRT differ.
    """
    if job.data_dir is None:
        raise UsageError("--architecture strings needs --data-dir: it learns from scenes written with what lies there")
    start = load_strings(job.start) if job.start is not None else None
    if start is not None:
        inherit(build_strings(), start, np.random.default_rng(0))  # what does not fit is told before minutes of scenes
    stage = job.out_dir / "strings"
    check_folder(stage)
    sets = _load(job, job.data_dir, stage, begin)
    job.say(f"{len(sets.scenes)} pieces of scenes, {len(sets.cheques)} of cheques, {len(sets.validation)} to validate")
    model = train_strings(sets, job.recipe, stage, resume=job.resume, start=start)
    save_keras(model, job.out_dir / "strings.keras")
    path = job.out_dir / "strings.tflite"
    write_tflite(model, path)
    note_sums(job.out_dir, ["strings.keras", path.name])
    shutil.copyfile(stage / LOG, job.out_dir / LOG)
    job.say(f"Keras and LiteRT agree to {_difference(model, path):.0e}")
    job.say(write_eight_bit(model, path))
    return path


def _load(job: StringRelease, data_dir: Path, stage: Path, begin: Callable[[], None]) -> StringSets:
    rng = np.random.default_rng([job.recipe.seed, 5])
    digits = load_training_sets(data_dir).train
    digits = Samples.join([digits.take(np.flatnonzero(digits.y != NOT_A_DIGIT)), draw_digits(DRAWN, rng)])
    # Symbols are many and alike, letters few: as on the scenes.
    letters = letter_pictures(data_dir, held_back=False) * 2 + symbol_pictures(data_dir, held_back=False)[::4]
    letters += list(draw_letters(DRAWN_LETTERS, rng).x)
    begin()
    cache = stage / "pieces.npz"
    if not (job.resume and cache.is_file()):
        job.say(f"pieces of {job.scenes} rendered scenes, through the front end")
        collect(data_dir, job.scenes, job.recipe.seed).save(cache)
    scenes, (cheques, held) = Strings.load(cache), of_cheques(data_dir)
    last = len(scenes) - len(scenes) // VALIDATION
    trained = scenes.take(np.arange(last)), scenes.take(np.arange(last, len(scenes)))
    return StringSets(
        Source(digits, letters),
        fitting(fewer_singles(trained[0], SINGLES, rng)),
        fitting(fewer_singles(cheques, SINGLES / 2, rng)),
        fitting(Strings.join([fewer_singles(held, SINGLES, rng), trained[1]])),
    )


def _difference(model: keras.Model, path: Path) -> float:
    """Largest difference between Keras and LiteRT on random pictures.

    Raises:
        ModelError: it is more than 1e-4.
    """
    rng = np.random.default_rng(0)
    reader = StringReader(path)
    worst = 0.0
    for width in WIDTHS:
        for _ in range(20):
            picture = (rng.random((ROWS, width)) ** 4 * 255).astype(np.uint8)
            theirs = model.predict_on_batch(as_input([picture], width))[0]
            worst = max(worst, float(np.abs(reader.answer(picture) - theirs).max()))
    if worst > AGREEMENT:
        raise ModelError(f"{path.name} and the Keras model differ by {worst:.1e}, more than {AGREEMENT:.0e}.")
    return worst
