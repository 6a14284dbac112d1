"""``.keras`` -> ``.tflite``, with the check that both agree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import ModelError
from digitrec.training.data import Samples
from digitrec.training.train import as_input

if TYPE_CHECKING:
    import keras

AGREEMENT = 1e-4
"""Largest difference of a probability between Keras and LiteRT that is let through."""


def fit_temperature(model: keras.Model, validation: Samples) -> float:
    """The temperature that makes confidences mean what they say: least negative log-likelihood (Guo et al. 2017)."""
    probabilities = model.predict(as_input(validation.x), batch_size=512, verbose=0)
    logits = np.log(np.maximum(probabilities, 1e-9))
    candidates = np.geomspace(0.2, 3, 60)
    losses = [_loss(logits / t, validation.y) for t in candidates]
    return float(candidates[int(np.argmin(losses))])


def _loss(logits: NDArray[np.float32], y: NDArray[np.int64]) -> float:
    shifted = logits - logits.max(1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return float(-log_p[np.arange(len(y)), y].mean())


def apply_temperature(model: keras.Model, temperature: float) -> None:
    """Divide the logits by ``temperature``, once and for all, in the last layer's weights."""
    layer = model.get_layer("logits")
    layer.set_weights([w / temperature for w in layer.get_weights()])


def export(model: keras.Model, path: Path) -> None:
    """Write ``path`` (``.tflite``)."""
    temporary = path.with_name("next-" + path.name)
    model.export(str(temporary), format="litert", verbose=False)
    temporary.replace(path)


def verify(model: keras.Model, path: Path, count: int = 1000, seed: int = 0) -> float:
    """Largest difference between Keras and LiteRT on ``count`` random pictures.

    Raises:
        ModelError: it is more than 1e-4.
    """
    from digitrec.classifier import Classifier

    rng = np.random.default_rng(seed)
    crops = (rng.random((count, 28, 28)) ** 4 * 255).astype(np.uint8)
    ours = Classifier(path).classify(crops)
    theirs = model.predict(as_input(crops), batch_size=500, verbose=0)
    difference = float(np.abs(ours[:, : theirs.shape[1]] - theirs).max())
    if difference > AGREEMENT:
        raise ModelError(f"{path.name} and the Keras model differ by {difference:.1e}, more than {AGREEMENT:.0e}.")
    return difference
