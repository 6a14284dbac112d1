"""Teach the network a person's own hand from a few corrected crops, without forgetting everybody else's.

Each batch mixes changed copies of the person's crops with replayed MNIST training pictures and made non-digits. The
replay's targets are the old network's own answers (Li and Hoiem 2016, "Learning without Forgetting"), so that its
doubts and confidences stay as they were. At the end old and new weights are mixed (Wortsman et al. 2022) as far towards
the new ones as MNIST's validation part allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from digitrec.console import Console
from digitrec.errors import ModelError, SourceError, UsageError
from digitrec.training.augment import MILD, Strength, augment, make_rejects
from digitrec.training.data import Samples
from digitrec.training.extras import load_extras
from digitrec.training.modelfiles import load_keras
from digitrec.training.plain import split_mnist
from digitrec.training.progress import Bar, each_batch
from digitrec.training.publish import check_crops, check_free, publish
from digitrec.training.runs import check_folder
from digitrec.training.train import as_input

if TYPE_CHECKING:
    import keras

OWN, DIGITS, REJECTS = 32, 56, 16
"""Pictures of each kind in a batch: the person's, replayed digits, made non-digits."""

LEARNING_RATE = 4e-4
SMOOTHING = 0.02
"""Of the person's labels: some are typed wrong, and a network that is sure of everything is no use."""

COST = 0.0005
"""So much accuracy on MNIST's validation part may be lost at most."""

MIXES = (1.0, 0.7, 0.45, 0.25)
"""Shares of the new weights that are tried in turn."""

SWAY = Strength(rotation_deg=5.0, shear=0.08, aspect=0.08, elastic_px=0.5, stroke=0.25)
"""How far copies of the person's crops differ: as far as one writer's digits do."""


@dataclass(frozen=True, slots=True)
class FineTuning:
    """What to learn, from where, and where to.

    Attributes:
        extra: folder of the crops.
        model: the ``.keras`` to begin with.
        out: the new ``.tflite``.
        data_dir: with ``mnist.npz``; None downloads it.
        steps: batches.
        seed: of everything random.
    """

    extra: Path
    model: Path
    out: Path
    data_dir: Path | None
    steps: int = 180
    seed: int = 1


def finetune(job: FineTuning, force: bool, console: Console) -> Path:
    """Train and write ``job.out`` and the ``.keras`` beside it.

    Returns:
        ``job.out``.

    Raises:
        UsageError: ``job.out`` is the model to begin with.
        OutputError: it exists and ``force`` is false, or it cannot be written.
        SourceError: crops or MNIST are missing.
        ModelError: the model cannot be loaded, or cannot learn this without forgetting.
    """
    _check_out(job, force)
    extras = load_extras(job.extra)
    own = extras.samples
    console.say(f"{len(own)} crops of yours" + (f" ({extras.missing} listed ones are gone)" if extras.missing else ""))
    train, validation, test = split_mnist(job.data_dir)
    model = load_keras(job.model)
    if int(own.y.max()) >= model.output_shape[-1]:
        raise SourceError(
            f"{job.extra} has crops that are no digits, which {job.model.name} cannot say. Leave them out."
        )
    parts = {"your crops": own, "MNIST validation": validation, "MNIST test": test}
    before = {name: accuracy(model, part) for name, part in parts.items()}
    old = model.get_weights()
    _learn(model, own, train, job, console)
    share = _settle(model, old, validation, before["MNIST validation"])
    for name, part in parts.items():
        console.say(f"{name}: {before[name]:.2%} right before, {accuracy(model, part):.2%} after, of {len(part)}")
    if share < 1:
        console.say(f"kept {share:.0%} of what was learnt: more would have cost too much on MNIST")
    publish(model, job.out, check_crops(job.data_dir, job.seed), console, only_known_sums=True)
    console.say(f"try it: python draw.py --model {job.out}   python cam.py --model {job.out}")
    return job.out


def _check_out(job: FineTuning, force: bool) -> None:
    if job.out.suffix.lower() != ".tflite":
        raise UsageError(f"--out {job.out} must end in .tflite")
    if job.out.with_suffix(".keras").resolve() == job.model.resolve():
        raise UsageError(f"--out {job.out} would replace the model to begin with. Give it another name.")
    check_free(job.out, force, job.out.with_suffix(".keras"))
    check_folder(job.out.parent)


def accuracy(model: keras.Model, samples: Samples) -> float:
    """The share of ``samples`` that ``model`` answers rightly, 0-1."""
    answers = model.predict(as_input(samples.x), batch_size=512, verbose=0).argmax(1)
    return float((answers == samples.y).mean())


def _learn(model: keras.Model, own: Samples, replay: Samples, job: FineTuning, console: Console) -> None:
    """Train in place."""
    import keras

    keras.utils.set_random_seed(job.seed)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False  # a few crops must not move the statistics of everybody's
    x, targets = _lessons(model, own, replay, job)
    schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, job.steps)
    model.compile(keras.optimizers.Adam(schedule, clipnorm=1.0), "categorical_crossentropy")
    batch = OWN + DIGITS + REJECTS
    bar = Bar(console, "finetune", job.steps)
    model.fit(x, targets, batch_size=batch, shuffle=False, verbose=0, callbacks=[each_batch(bar)])
    bar.close()


def _lessons(
    model: keras.Model, own: Samples, replay: Samples, job: FineTuning
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """All batches, one after the other: pictures and targets."""
    rng = np.random.default_rng(job.seed)
    digits = augment(replay.take(rng.integers(0, len(replay), job.steps * DIGITS)), MILD, rng)
    others = make_rejects(replay, job.steps * REJECTS, rng)
    mine = augment(own.take(_evenly(own, job.steps * OWN, rng)), SWAY, rng)
    outputs = int(model.output_shape[-1])
    known = [model.predict(as_input(part.x), batch_size=512, verbose=0) for part in (digits, others)]
    wanted = np.eye(outputs, dtype=np.float32)[mine.y] * (1 - SMOOTHING) + SMOOTHING / outputs
    x = [part.x.reshape(job.steps, -1, *part.x.shape[1:]) for part in (mine, digits, others)]
    y = [part.reshape(job.steps, -1, outputs) for part in (wanted, *known)]
    pictures = np.concatenate(x, axis=1)
    return as_input(pictures.reshape(-1, *pictures.shape[2:])), np.concatenate(y, axis=1).reshape(-1, outputs)


def _evenly(own: Samples, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Rows of ``own``: every label that it has as often, every crop of a label as often."""
    rows = [rng.permutation(np.flatnonzero(own.y == label)) for label in np.unique(own.y)]
    each = -(-count // len(rows))
    return rng.permutation(np.concatenate([np.resize(r, each) for r in rows]))[:count]


def _settle(model: keras.Model, old: list[NDArray[np.float32]], validation: Samples, before: float) -> float:
    """Set the furthest mix of old and new weights that costs little enough; the share of the new ones."""
    new = model.get_weights()
    for share in MIXES:
        model.set_weights(
            [(1 - share) * o + share * n if o.dtype.kind == "f" else o for o, n in zip(old, new, strict=True)]
        )
        if accuracy(model, validation) >= before - COST:
            return share
    raise ModelError(
        "these crops cannot be learnt without forgetting MNIST's digits: look for wrong labels in labels.csv."
    )
