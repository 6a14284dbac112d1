"""The training loop of the strings' network."""

from __future__ import annotations

import json
import math
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digitrec.console import Console
from digitrec.results import NOT_A_DIGIT, Image
from digitrec.strings import WIDTHS, decode
from digitrec.training.averages import averaging_optimizer, mix_weights, use_averages
from digitrec.training.progress import Bar
from digitrec.training.runs import CHECKPOINT, check_recipe
from digitrec.training.string_changes import change_string
from digitrec.training.string_network import LONGEST, batches, build_strings, ctc
from digitrec.training.string_writing import Source, make_strings
from digitrec.training.strings import Strings
from digitrec.training.train import save_checkpoint
from digitrec.training.widen import inherit
from digitrec.training.workers import worker_pool

if TYPE_CHECKING:
    import keras

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
        scenes: pieces of scenes shown in a pass, others in the next; each is seldom seen, and none is learnt by heart.
        cheques: how often each string of a cheque is shown in a pass.
        kept: share of the weights that the network started from in the mean of both that is the outcome (Wortsman et
            al. 2022, "Robust fine-tuning of zero-shot models"): what it learns anew costs less of what it knew.
        seed: of everything random.
    """

    epochs: int = 13
    made: int = 30_000
    batch: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 2e-4
    average: float = 0.998
    scenes: int = 20_000
    cheques: int = 5
    kept: float = 0.0
    seed: int = 1


FROM_NOTHING = StringRecipe()
"""The recipe of a network that starts with random weights."""

FROM_START = StringRecipe(epochs=6, learning_rate=1e-3, kept=0.5)
"""The recipe of a network that goes on from an earlier one."""


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
    scenes = sets.scenes.take(rng.permutation(len(sets.scenes))[: recipe.scenes])
    real = Strings.join([scenes] + [sets.cheques] * recipe.cheques)
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
        start: a network to go on from, as wide or narrower; None: from nothing.

    Raises:
        ModelError: ``start`` is built of other layers.
        UsageError: ``resume`` with another recipe than the checkpoint's.
    """
    import keras

    keras.utils.set_random_seed(recipe.seed)
    out_dir.mkdir(parents=True, exist_ok=True)
    checkpoint, log = out_dir / CHECKPOINT, out_dir / LOG
    console = Console()
    first, begun = 0, build_strings()
    if start is not None:
        inherit(begun, start, np.random.default_rng(recipe.seed))
    if resume and checkpoint.is_file():
        check_recipe(out_dir, asdict(recipe))
        model = keras.models.load_model(checkpoint, safe_mode=True, custom_objects={"ctc": ctc})
        first = len(log.read_text().splitlines())
    else:
        model = build_strings()
        model.set_weights(begun.get_weights())
        total = recipe.made + min(recipe.scenes, len(sets.scenes)) + recipe.cheques * len(sets.cheques)
        steps = math.ceil(total / recipe.batch) + len(WIDTHS)
        model.compile(averaging_optimizer(recipe, steps // 2, steps * recipe.epochs - steps // 2), ctc)
        checkpoint.unlink(missing_ok=True)  # of an earlier run: no resumed one shall take it for its own
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
    use_averages(model)
    if start is not None:
        mix_weights(model, begun.get_weights(), recipe.kept)
    _calibrate(model, last)
    trained = build_strings()  # without the optimizer, which is three times as large
    trained.set_weights(model.get_weights())
    return trained


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
    use_averages(model)
    _calibrate(model, strings)
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


def _calibrate(model: keras.Model, strings: Strings) -> None:
    """Measure batch normalisation's statistics anew: those kept while training belong to the unaveraged weights."""
    for count, (x, _) in enumerate(batches(strings, 128, np.random.default_rng(1))):
        if count == CALIBRATION:
            break
        model(x, training=True)
