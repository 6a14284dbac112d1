"""One of the networks to compare with, from MNIST to files that run: ``NAME.tflite``, ``NAME.keras``, metrics.json."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digitrec.classifier import Classifier
from digitrec.console import Console
from digitrec.errors import SourceError, UsageError
from digitrec.training.architectures import ARCHITECTURES
from digitrec.training.basic import BasicRecipe, Place, train_basic
from digitrec.training.data import MNIST_VALIDATION, Samples, load_mnist
from digitrec.training.modelfiles import replace_file
from digitrec.training.publish import check_crops, publish
from digitrec.training.runs import check_folder
from digitrec.training.svc import SvcRecipe, as_network, small_pictures, train_svc

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class PlainRun:
    """What to train, on what, and where to.

    Attributes:
        name: ``classic``, ``lenet5`` or ``svc``.
        out: folder of the results.
        data_dir: with ``mnist.npz``; None downloads it.
        epochs: None: the architecture's own.
        pictures: of the training part; None: all, for the svc its own number.
        seed: of everything random.
        resume: go on from the checkpoint in ``out``.
    """

    name: str
    out: Path
    data_dir: Path | None
    epochs: int | None = None
    pictures: int | None = None
    seed: int = 1
    resume: bool = False


def train_plain(run: PlainRun, console: Console, begin: Callable[[], None] = lambda: None) -> Path:
    """Train and write the files.

    Args:
        run: what to train.
        console: for progress and what was measured.
        begin: called when the pictures were read, before anything is written.

    Returns:
        The ``.tflite``.

    Raises:
        SourceError: MNIST is missing.
        OutputError: the folder cannot be written.
    """
    check_folder(run.out)
    train, validation, test = split_mnist(run.data_dir)
    begin()
    model = (
        _train_svc(run, train, validation, console) if run.name == "svc" else _train(run, train, validation, console)
    )
    path = run.out / f"{run.name}.tflite"
    difference = publish(model, path, check_crops(run.data_dir, run.seed), console)
    right = Classifier(path).classify(test.x).argmax(1) == test.y
    metrics = {"mnist_test": float(right.mean()), "keras_litert_difference": difference, "seed": run.seed}
    replace_file(run.out / "metrics.json", (json.dumps(metrics, indent=2) + "\n").encode())
    console.say(f"MNIST test: {right.mean():.2%} of {len(test)}. Try it: python cam.py --model {path}")
    return path


def split_mnist(data_dir: Path | None) -> tuple[Samples, Samples, Samples]:
    """MNIST for training, validation (the last 5,000 of the training part, or a sixth of a small one) and testing.

    Raises:
        SourceError: it is missing, damaged or too small.
    """
    whole, test = load_mnist(data_dir)
    held = min(MNIST_VALIDATION, len(whole) // 6)
    if not held:
        raise SourceError(f"of {len(whole)} training pictures of MNIST none can be held back. Get the file again.")
    return whole.take(slice(None, -held)), whole.take(slice(-held, None)), test


def _train(run: PlainRun, train: Samples, validation: Samples, console: Console) -> keras.Model:
    import keras

    architecture = ARCHITECTURES[run.name]
    if architecture.build is None:
        raise UsageError(f"{run.name} is no network")
    keras.utils.set_random_seed(run.seed)
    recipe = BasicRecipe(epochs=run.epochs or architecture.epochs, seed=run.seed)
    place = Place(run.out, console, run.resume)
    return train_basic(architecture.build(), train.take(slice(0, run.pictures)), validation, recipe, place)


def _train_svc(run: PlainRun, train: Samples, validation: Samples, console: Console) -> keras.Model:
    if run.resume:
        console.say("svc keeps no checkpoint, it takes seconds: starting from the beginning")
    recipe = SvcRecipe(seed=run.seed)
    if run.pictures is not None:
        recipe = replace(recipe, pictures=run.pictures)
    machines = train_svc(train, validation, recipe, console)
    model = as_network(machines)
    probe = validation.take(slice(0, 500))
    ours = model.predict(probe.x[..., None] / np.float32(255), verbose=0)
    difference = float(np.abs(ours - machines.probabilities(small_pictures(probe.x))).max())
    console.say(f"{len(machines.vectors)} support vectors; layers and machines agree to {difference:.0e}")
    return model
