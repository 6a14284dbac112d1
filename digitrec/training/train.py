"""The training loop: seeded, resumable, averaging weights; an epoch's pictures are made while the last one trains."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from digitrec.classifier import Classifier
from digitrec.console import Console
from digitrec.results import NOT_A_DIGIT
from digitrec.training.augment import MILD, Strength, augment, make_rejects
from digitrec.training.averages import averaging_optimizer, mix_weights, use_averages
from digitrec.training.data import Samples, TrainingSets
from digitrec.training.drawn import draw_digits
from digitrec.training.letters import draw_letters
from digitrec.training.progress import Bar, each_batch
from digitrec.training.runs import CHECKPOINT, check_recipe
from digitrec.training.signs import draw_signs
from digitrec.training.workers import worker_pool

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the outcome, besides the data.

    Attributes:
        epochs: passes over the training set.
        batch: pictures a step.
        learning_rate: the peak; warms up for one epoch, then falls along half a cosine to nothing.
        weight_decay: AdamW's (Loshchilov and Hutter 2019).
        label_smoothing: share of the target spread over the other classes (Szegedy et al. 2016).
        average: decay of the moving average of the weights, per step (Polyak and Juditsky 1992).
        rejects: made non-digits per training picture.
        drawn: digits drawn from strokes per training picture.
        letters: letters drawn from stroke fonts per training picture.
        signs: signs drawn from outline fonts per training picture.
        kept: share of the weights that the network started from in the mean of both that is the outcome (Wortsman et
            al. 2022, "Robust fine-tuning of zero-shot models"): what it learns anew costs less of what it knew.
        seed: of everything random.
    """

    epochs: int = 28
    batch: int = 256
    learning_rate: float = 3e-3
    weight_decay: float = 2e-4
    label_smoothing: float = 0.01
    average: float = 0.999
    rejects: float = 0.15
    drawn: float = 0.07
    letters: float = 0.1
    signs: float = 0.07
    kept: float = 0.0
    seed: int = 1


ECHO = 2
"""Epochs that show the same changed pictures, in another order: changing them takes as long as learning from them
(Choi et al. 2019, "Faster Neural Network Training with Data Echoing")."""


def make_pictures(sets: TrainingSets, recipe: Recipe, epoch: int) -> Samples:
    """The pictures of ``ECHO`` epochs: every training picture changed, plus made ones, in random order."""
    rng = np.random.default_rng([recipe.seed, epoch // ECHO])
    digits = sets.train.take(np.flatnonzero(sets.train.y != NOT_A_DIGIT))
    parts = [augment(sets.train, Strength(), rng), make_rejects(digits, _share(sets, recipe.rejects), rng)]
    parts += [
        draw_digits(_share(sets, recipe.drawn), rng),
        draw_letters(_share(sets, recipe.letters), rng),
        draw_signs(_share(sets, recipe.signs), rng),
    ]
    if sets.crops is not None:
        parts.append(augment(sets.crops, MILD, rng))
    joined = Samples.join(parts)
    return joined.take(rng.permutation(len(joined)))


def _share(sets: TrainingSets, share: float) -> int:
    return int(len(sets.train) * share)


def _count_epoch(sets: TrainingSets, recipe: Recipe) -> int:
    made = sum(_share(sets, share) for share in (recipe.rejects, recipe.drawn, recipe.letters, recipe.signs))
    return len(sets.train) + made + (len(sets.crops) if sets.crops is not None else 0)


CALIBRATION = 16 * 1024
"""Pictures that batch normalisation's statistics are measured on."""


def _few(sets: TrainingSets, seed: int) -> TrainingSets:
    """A random part of the sets that makes about ``CALIBRATION`` pictures."""
    rng = np.random.default_rng([seed, 2])
    share = min(1.0, CALIBRATION / (len(sets.train) + len(sets.crops or ())))

    def part(samples: Samples) -> Samples:
        return samples.take(rng.permutation(len(samples))[: max(1, int(len(samples) * share))])

    return TrainingSets(part(sets.train), sets.validation, part(sets.crops) if sets.crops is not None else None)


def as_input(x: NDArray[np.uint8]) -> NDArray[np.float32]:
    """uint8 (N, 28, 28) -> float32 (N, 28, 28, 1) in 0-1: what the network takes."""
    return x[..., None] * np.float32(1 / 255)


def train(
    model: keras.Model,
    sets: TrainingSets,
    recipe: Recipe,
    out_dir: Path,
    resume: bool = False,
    console: Console | None = None,
) -> keras.Model:
    """Train ``model`` and return the averaged weights; ``out_dir`` keeps a checkpoint, ``log.jsonl`` and the recipe.

    Args:
        model: (N, 28, 28, 1) -> (N, 11) probabilities.
        sets: training and validation pictures.
        recipe: what decides the outcome.
        out_dir: created where it is missing.
        resume: go on from the checkpoint in ``out_dir``.
        console: shows a bar, and one line an epoch; None: a new one.

    Raises:
        UsageError: ``resume`` with another recipe than the checkpoint's.
    """
    import keras

    keras.utils.set_random_seed(recipe.seed)
    out_dir.mkdir(parents=True, exist_ok=True)
    checkpoint = out_dir / CHECKPOINT
    log = out_dir / "log.jsonl"
    first, begun = 0, model.get_weights()
    console = console or Console()
    steps = math.ceil(_count_epoch(sets, recipe) / recipe.batch)
    if resume and checkpoint.is_file():
        check_recipe(out_dir, asdict(recipe))
        model = keras.models.load_model(checkpoint, safe_mode=True)
        first = len(log.read_text().splitlines())
    else:
        _compile(model, recipe, steps)
        checkpoint.unlink(missing_ok=True)  # of an earlier run: no resumed one shall take it for its own
        log.write_text("")
    (out_dir / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n")
    bar = Bar(console, out_dir.name, recipe.epochs * steps, first * steps)
    with worker_pool(1) as pool:
        if first < recipe.epochs:
            upcoming: Future[Samples] = pool.submit(make_pictures, sets, recipe, first)
        for epoch in range(first, recipe.epochs):
            if epoch == first or epoch % ECHO == 0:
                made, next_made = upcoming.result(), epoch - epoch % ECHO + ECHO
                if next_made < recipe.epochs:
                    upcoming = pool.submit(make_pictures, sets, recipe, next_made)
                targets = _targets(made, sets.teachers, int(model.output_shape[-1]))
            order = np.random.default_rng([recipe.seed, epoch, 1]).permutation(len(made))
            row = {"epoch": epoch + 1} | _fit(model, made.take(order), targets[order], recipe.batch, each_batch(bar))
            row |= _validate(model, made.take(order[:CALIBRATION]), sets.validation)
            save_checkpoint(model, checkpoint)
            with log.open("a") as file:
                file.write(json.dumps(row) + "\n")
            console.say("  ".join(f"{k} {v:.4f}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()))
    bar.close()
    use_averages(model)
    _recalibrate(model, make_pictures(_few(sets, recipe.seed), recipe, recipe.epochs + ECHO))
    mix_weights(model, begun, recipe.kept)
    return model


def _compile(model: keras.Model, recipe: Recipe, steps: int) -> None:
    import keras

    optimizer = averaging_optimizer(recipe, steps, steps * (recipe.epochs - 1))
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing)
    model.compile(optimizer, loss, metrics=["accuracy"])


def _targets(pictures: Samples, teachers: Sequence[Path], classes: int) -> NDArray[np.float32]:
    """What the network shall answer: the labels, or the mean of what its teachers say; float32 (N, classes)."""
    if not teachers:
        return np.eye(classes, dtype=np.float32)[pictures.y]
    networks = [Classifier(teacher) for teacher in teachers]
    parts = [pictures.x[i : i + 4096] for i in range(0, len(pictures), 4096)]
    means = [np.mean([network.classify(part) for network in networks], axis=0) for part in parts]
    return np.concatenate(means)[:, :classes].astype(np.float32)


def _fit(
    model: keras.Model, pictures: Samples, targets: NDArray[np.float32], batch: int, watcher: keras.callbacks.Callback
) -> dict[str, float]:
    """One pass."""
    fitted = model.fit(as_input(pictures.x), targets, batch_size=batch, shuffle=False, verbose=0, callbacks=[watcher])
    return {name: float(fitted.history[name][-1]) for name in ("loss", "accuracy")}


def _validate(model: keras.Model, calibration: Samples, validation: Samples) -> dict[str, float]:
    """How good the averaged weights are by now."""
    own = [v.numpy() for v in model.variables]
    use_averages(model)
    _recalibrate(model, calibration)
    probabilities = model.predict(as_input(validation.x), batch_size=512, verbose=0)
    for variable, value in zip(model.variables, own, strict=True):
        variable.assign(value)
    digits = validation.y != NOT_A_DIGIT
    right = probabilities.argmax(1) == validation.y
    return {
        "validation_digits": float(right[digits].mean()),
        "validation_rejects": float(right[~digits].mean()) if (~digits).any() else 1.0,
    }


def _recalibrate(model: keras.Model, pictures: Samples) -> None:
    """Measure batch normalisation's statistics anew: those kept while training belong to the unaveraged weights."""
    for start in range(0, max(1, len(pictures) - 511), 512):
        model(as_input(pictures.x[start : start + 512]), training=True)


def save_checkpoint(model: keras.Model, path: Path) -> None:
    """Save under another name first: an interrupted save must not cost the checkpoint."""
    temporary = path.with_name("next.keras")
    model.save(temporary)
    shutil.move(temporary, path)
