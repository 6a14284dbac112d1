"""Start a network from another one that is as deep and at most as wide: it begins with the same answers.

Each channel that the wider layer has more is a copy of one of the narrower layer's, and what reads the two copies
shares the weights between them (Chen, Goodfellow and Shlens 2016, "Net2Net"); a little noise parts the copies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import ModelError

if TYPE_CHECKING:
    import keras

NOISE = 0.02
"""Standard deviation of the noise on copied weights, relative to the layer's own."""


def inherit(model: keras.Model, start: keras.Model, rng: np.random.Generator) -> None:
    """Give ``model`` the weights of ``start``, widened where ``model`` is wider.

    Convolutions, batch normalisations and dense layers are matched in order; a depthwise pooling that only ``model``
    has keeps its own weights.

    Raises:
        ModelError: their layers do not match.
    """
    ours, theirs = _layers(model), _layers(start)
    if len(theirs) < len(ours):
        ours = [layer for layer in ours if type(layer).__name__ != "DepthwiseConv2D"]
    if [type(layer).__name__ for layer in ours] != [type(layer).__name__ for layer in theirs]:
        raise ModelError("the model to start from is built of other layers: choose one that this command trained")
    copies = np.zeros(1, np.intp)  # which channel of the narrow network each channel is a copy of
    for mine, source in zip(ours, theirs, strict=True):
        old = source.get_weights()
        kind = type(mine).__name__
        if kind == "BatchNormalization":
            mine.set_weights([w[copies] for w in old])
        elif kind == "DepthwiseConv2D":
            mine.set_weights([old[0][:, :, copies]])
        else:
            kernel, *biases = old
            readers = np.bincount(copies, minlength=kernel.shape[-2]).astype(np.float32)
            widened = (kernel / readers[:, None])[..., copies, :]
            copies = _grow(kernel.shape[-1], mine.get_weights()[0].shape[-1], rng)
            widened = widened[..., copies]
            if widened.shape != kernel.shape:
                widened = widened + rng.normal(0, NOISE * float(widened.std()), widened.shape)
            mine.set_weights([widened, *(bias[copies] for bias in biases)])


def _layers(model: keras.Model) -> list[Any]:
    return [layer for layer in model.layers if layer.weights]


def _grow(narrow: int, wide: int, rng: np.random.Generator) -> NDArray[np.intp]:
    if wide < narrow:
        raise ModelError(f"the model to start from has a layer of {narrow} channels where this one has {wide}")
    return np.concatenate([np.arange(narrow), rng.permutation(np.resize(np.arange(narrow), wide - narrow))])
