"""The strings' network: how it is built and trained."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from digitrec.console import Console
from digitrec.results import NOT_A_DIGIT, Image
from digitrec.strings import CLASSES, ROWS, WIDTHS, decode
from digitrec.training.progress import Bar
from digitrec.training.strings import Source, Strings, change_string, make_strings
from digitrec.training.train import save_checkpoint, use_averages
from digitrec.training.workers import worker_pool

if TYPE_CHECKING:
    import keras

LONGEST = 12
"""Longer strings are not learnt from."""

LOG = "strings-log.jsonl"

CALIBRATION = 60
"""Batches that batch normalisation's statistics are measured on."""


@dataclass(frozen=True, slots=True)
class StringRecipe:
    """Everything that decides the outcome, besides the data.

    Attributes:
        epochs: passes.
        made: strings put together for each pass.
        batch: pictures a step.
        learning_rate: the peak; warms up, then falls along half a cosine.
        weight_decay: AdamW's.
        average: decay of the moving average of the weights, per step.
        cheques: how often each string of a cheque is shown in a pass.
        seed: of everything random.
    """

    epochs: int = 13
    made: int = 30_000
    batch: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 2e-4
    average: float = 0.998
    cheques: int = 8
    seed: int = 1


FROM_NOTHING = StringRecipe()
"""The recipe of a network that starts with random weights."""

FROM_START = StringRecipe(epochs=6, learning_rate=1e-3)
"""The recipe of a network that goes on from an earlier one."""


def build_strings() -> keras.Model:
    """(N, 32, W, 1) in 0-1 -> (N, W / 2, 12) probabilities of no digit here, the ten digits, and other writing."""
    from keras import Model, layers

    def convolution(x: Any, filters: int, size: Any = 3, **options: Any) -> Any:  # noqa: ANN401 - Keras tensors
        x = layers.Conv2D(filters, size, use_bias=False, **({"padding": "same"} | options))(x)
        x = layers.BatchNormalization(momentum=0.99)(x)
        return layers.ReLU()(x)

    inputs = layers.Input((ROWS, None, 1), name="string")
    x = convolution(inputs, 16)
    x = convolution(x, 32, strides=2)
    x = convolution(x, 48, strides=(2, 1))
    x = convolution(x, 64)
    x = convolution(x, 96, strides=(2, 1))
    x = convolution(x, 128, (4, 1), padding="valid")  # one row is left
    x = convolution(x, 128, (1, 7))
    x = convolution(x, 128, (1, 5))
    x = layers.Dropout(0.2)(x)
    x = layers.Reshape((-1, 128))(x)
    x = layers.Dense(CLASSES, name="logits")(x)
    return Model(inputs, layers.Softmax(name="probabilities")(x), name="strings")


def as_labels(strings: Strings) -> NDArray[np.int32]:
    """(N, longest): classes of the network, padded by 0."""
    longest = max(len(y) for y in strings.labels)
    out = np.zeros((len(strings), longest), np.int32)
    for row, label in zip(out, strings.labels, strict=True):
        row[: len(label)] = np.add(label, 1)
    return out


def as_input(pictures: list[Image], width: int) -> NDArray[np.float32]:
    """float32 (N, 32, width, 1) in 0-1, padded on the right."""
    out = np.zeros((len(pictures), ROWS, width, 1), np.float32)
    for row, picture in zip(out, pictures, strict=True):
        row[:, : picture.shape[1], 0] = picture
    return out * np.float32(1 / 255)


def batches(
    strings: Strings, size: int, rng: np.random.Generator
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int32]]]:
    """Batches of about the same width, in random order."""
    widths = np.array([p.shape[1] for p in strings.pictures])
    groups = []
    for low, high in zip((0, *WIDTHS[:-1]), WIDTHS, strict=True):
        inside = rng.permutation(np.flatnonzero((widths > low) & (widths <= high)))
        groups += [(inside[i : i + size], high) for i in range(0, len(inside), size)]
    for k in rng.permutation(len(groups)):
        chosen, width = groups[k]
        part = strings.take(chosen)
        labels = np.zeros((len(part), LONGEST), np.int32)
        own = as_labels(part)
        labels[:, : own.shape[1]] = own
        yield as_input(part.pictures, width), labels


@dataclass(frozen=True, slots=True)
class StringSets:
    """What is learnt from.

    Attributes:
        source: what strings are made of.
        scenes: pieces of rendered scenes.
        cheques: pieces of cheques.
        validation: chooses; never trained on.
    """

    source: Source
    scenes: Strings
    cheques: Strings
    validation: Strings


def make_epoch(sets: StringSets, recipe: StringRecipe, epoch: int) -> Strings:
    """The strings of one pass."""
    rng = np.random.default_rng([recipe.seed, 7, epoch])
    real = Strings.join([sets.scenes] + [sets.cheques] * recipe.cheques)
    changed = Strings([change_string(p, rng) for p in real.pictures], real.labels)
    return fitting(Strings.join([make_strings(sets.source, recipe.made, rng), changed]))


def fitting(strings: Strings) -> Strings:
    """Those whose digits have room for their answers."""
    keep = [i for i, (x, y) in enumerate(zip(strings.pictures, strings.labels, strict=True)) if _fits(x, y)]
    return strings.take(np.array(keep, np.intp))


def _fits(picture: Image, label: tuple[int, ...]) -> bool:
    again = sum(a == b for a, b in pairwise(label))
    return 0 < len(label) <= LONGEST and picture.shape[1] // 2 >= len(label) + again + 2


def train_strings(
    sets: StringSets, recipe: StringRecipe, out_dir: Path, *, resume: bool = False, start: keras.Model | None = None
) -> keras.Model:
    """Train and return the averaged network.

    Args:
        sets: what is learnt from.
        recipe: what decides the outcome.
        out_dir: keeps a checkpoint, the log and the recipe.
        resume: go on from the checkpoint in ``out_dir``.
        start: a network to go on from; None: from nothing.
    """
    import keras

    keras.utils.set_random_seed(recipe.seed)
    out_dir.mkdir(parents=True, exist_ok=True)
    checkpoint, log = out_dir / "checkpoint.keras", out_dir / LOG
    console = Console()
    first = 0
    if resume and checkpoint.is_file():
        model = keras.models.load_model(checkpoint, safe_mode=True, custom_objects={"_ctc": _ctc})
        first = len(log.read_text().splitlines())
    else:
        model = build_strings()
        if start is not None:
            model.set_weights(start.get_weights())
        total = recipe.made + len(sets.scenes) + recipe.cheques * len(sets.cheques)
        _compile(model, recipe, math.ceil(total / recipe.batch) + len(WIDTHS))
        log.write_text("")
    (out_dir / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n")
    with worker_pool(1) as pool:
        upcoming: Future[Strings] = pool.submit(make_epoch, sets, recipe, first)
        for epoch in range(first, recipe.epochs):
            strings = upcoming.result()
            if epoch + 1 < recipe.epochs:
                upcoming = pool.submit(make_epoch, sets, recipe, epoch + 1)
            row = {"epoch": epoch + 1, "loss": _run_epoch(model, strings, recipe, epoch, console)}
            row |= _validate(model, strings, sets.validation)
            save_checkpoint(model, checkpoint)
            with log.open("a") as file:
                file.write(json.dumps(row) + "\n")
            console.say("  ".join(f"{k} {v:.4f}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()))
    last = make_epoch(sets, replace(recipe, made=min(4000, recipe.made), cheques=1), recipe.epochs)
    _use_average(model, last)
    trained = build_strings()  # without the optimizer, which is three times as large
    trained.set_weights(model.get_weights())
    return trained


def _compile(model: keras.Model, recipe: StringRecipe, steps: int) -> None:
    import keras

    schedule = keras.optimizers.schedules.CosineDecay(
        recipe.learning_rate / 20,
        decay_steps=max(1, steps * recipe.epochs - steps // 2),
        warmup_target=recipe.learning_rate,
        warmup_steps=steps // 2,
    )
    optimizer = keras.optimizers.AdamW(
        schedule, weight_decay=recipe.weight_decay, use_ema=True, ema_momentum=recipe.average, clipnorm=1.0
    )
    model.compile(optimizer, _ctc)


def _ctc(labels: Any, probabilities: Any) -> Any:  # noqa: ANN401 - Keras tensors
    from keras import ops

    lengths = ops.sum(ops.cast(ops.not_equal(labels, 0), "int32"), axis=-1)
    places = ops.full_like(lengths, ops.shape(probabilities)[1])
    return ops.ctc_loss(labels, ops.log(probabilities + 1e-7), lengths, places, mask_index=0)


def _run_epoch(model: keras.Model, strings: Strings, recipe: StringRecipe, epoch: int, console: Console) -> float:
    rng = np.random.default_rng([recipe.seed, 8, epoch])
    bar = Bar(console, f"strings {epoch + 1}/{recipe.epochs}", math.ceil(len(strings) / recipe.batch))
    losses = []
    for x, y in batches(strings, recipe.batch, rng):
        losses.append(float(model.train_on_batch(x, y)) * len(x))
        bar.step()
    bar.close()
    return sum(losses) / max(1, len(strings))


def _validate(model: keras.Model, strings: Strings, validation: Strings) -> dict[str, float]:
    own = [v.numpy() for v in model.variables]
    _use_average(model, strings)
    right = several = several_right = others = answered = 0
    for x, y in batches(validation, 64, np.random.default_rng(0)):
        for row, label in zip(model.predict_on_batch(x), y, strict=True):
            text, wanted = decode(row).digits, tuple(int(v) - 1 for v in label if v)
            right += text == wanted
            if NOT_A_DIGIT in wanted:
                others += 1
                answered += NOT_A_DIGIT not in text
            elif len(wanted) > 1:
                several += 1
                several_right += text == wanted
    for variable, value in zip(model.variables, own, strict=True):
        variable.assign(value)
    return {
        "right": right / max(1, len(validation)),
        "several_right": several_right / max(1, several),
        "others_answered": answered / max(1, others),
    }


def _use_average(model: keras.Model, strings: Strings) -> None:
    use_averages(model)
    for count, (x, _) in enumerate(batches(strings, 128, np.random.default_rng(1))):
        if count == CALIBRATION:
            break
        model(x, training=True)
