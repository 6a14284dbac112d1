"""Plain training, as tutorials do it: MNIST as it is, Adam, no changed pictures. For the networks to compare with."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from digitrec.console import Console
from digitrec.training.data import Samples
from digitrec.training.modelfiles import load_keras, replace_file, save_keras
from digitrec.training.progress import Bar, each_batch
from digitrec.training.runs import CHECKPOINT, check_recipe
from digitrec.training.train import as_input

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class BasicRecipe:
    """Everything that decides the outcome, besides the data.

    Attributes:
        epochs: passes over the training set.
        batch: pictures a step.
        learning_rate: Adam's (Kingma and Ba 2015).
        seed: of everything random.
    """

    epochs: int = 10
    batch: int = 128
    learning_rate: float = 1e-3
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run keeps its checkpoint, and to whom it talks.

    Attributes:
        folder: for ``checkpoint.keras``, ``log.jsonl`` and ``recipe.json``.
        console: for progress and one line an epoch.
        resume: go on from the folder's checkpoint.
    """

    folder: Path
    console: Console
    resume: bool = False

    @property
    def checkpoint(self) -> Path:
        """The network with its optimizer after the last whole epoch."""
        return self.folder / CHECKPOINT

    @property
    def log(self) -> Path:
        """One JSON object an epoch."""
        return self.folder / "log.jsonl"


def train_basic(
    model: keras.Model, train: Samples, validation: Samples, recipe: BasicRecipe, place: Place
) -> keras.Model:
    """Train ``model``, with a checkpoint after each epoch; the trained model.

    Args:
        model: (N, 28, 28, 1) -> (N, 10 or 11) probabilities, untrained.
        train: pictures with labels.
        validation: measured after each epoch, never trained on.
        recipe: what decides the outcome.
        place: the run's folder.

    Raises:
        UsageError: ``resume`` with another recipe than the checkpoint's.
    """
    place.folder.mkdir(parents=True, exist_ok=True)
    steps = math.ceil(len(train) / recipe.batch)
    model, rows = _begin(model, recipe, place, len(train))
    bar = Bar(place.console, model.name, recipe.epochs * steps, len(rows) * steps)
    for epoch in range(len(rows), recipe.epochs):
        order = np.random.default_rng([recipe.seed, epoch]).permutation(len(train))
        shuffled = train.take(order)
        _seed_dropout(model, recipe.seed, epoch)
        history = model.fit(
            as_input(shuffled.x),
            shuffled.y,
            batch_size=recipe.batch,
            shuffle=False,
            verbose=0,
            callbacks=[each_batch(bar)],
        ).history
        right = model.predict(as_input(validation.x), batch_size=512, verbose=0).argmax(1) == validation.y
        row: dict[str, Any] = {"epoch": epoch + 1, "loss": history["loss"][0], "accuracy": history["accuracy"][0]}
        rows.append(row | {"validation_digits": float(right.mean())})
        # The log first: ``_begin`` cuts a line that the checkpoint does not know yet.
        replace_file(place.log, "".join(json.dumps(r) + "\n" for r in rows).encode())
        save_keras(model, place.checkpoint)
        place.console.say(describe(rows[-1]))
    bar.close()
    return model


def _seed_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    """Begin each epoch from known states: a ``.keras`` file keeps none, and a resumed run would take another course."""
    for number, layer in enumerate(model.layers):
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            generator.state.assign([(seed + 1000 * number) % 2**32, epoch])


def describe(row: dict[str, Any]) -> str:
    """One epoch's log line for people."""
    return "  ".join(f"{k} {v:.4f}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items())


def _begin(
    model: keras.Model, recipe: BasicRecipe, place: Place, pictures: int
) -> tuple[keras.Model, list[dict[str, Any]]]:
    """The network to go on with and the log so far."""
    import keras

    kept, whole = place.folder / "recipe.json", asdict(recipe) | {"architecture": model.name, "pictures": pictures}
    text = json.dumps(whole, indent=2) + "\n"
    if place.resume and place.checkpoint.is_file() and place.log.is_file():
        check_recipe(place.folder, whole)
        model = load_keras(place.checkpoint, compiled=True)
        rows = [json.loads(line) for line in place.log.read_text().splitlines()]
        rows = rows[: int(model.optimizer.iterations) // math.ceil(pictures / recipe.batch)]
        place.console.say(f"going on after epoch {len(rows)}")
        kept.write_text(text)
        return model, rows
    if place.resume:
        place.console.say(f"no checkpoint in {place.folder}: starting from the beginning")
    for stale in (place.checkpoint, place.log):
        stale.unlink(missing_ok=True)
    kept.write_text(text)
    model.compile(keras.optimizers.Adam(recipe.learning_rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, []
