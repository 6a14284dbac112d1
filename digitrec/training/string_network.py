"""The strings' network in Keras, and how strings become its batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from digitrec.results import Image
from digitrec.strings import CLASSES, ROWS, WIDTHS
from digitrec.training.strings import Strings

if TYPE_CHECKING:
    import keras

WIDEST = 192
"""Channels of the last layers."""

LONGEST = 12
"""Longer strings are not learnt from."""


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
    x = convolution(x, 88)
    x = convolution(x, 136, strides=(2, 1))
    x = convolution(x, WIDEST, (4, 1), padding="valid")  # one row is left
    x = convolution(x, WIDEST, (1, 7))
    x = convolution(x, WIDEST, (1, 5))
    x = layers.Dropout(0.2)(x)
    x = layers.Reshape((-1, WIDEST))(x)
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


def ctc(labels: Any, probabilities: Any) -> Any:  # noqa: ANN401 - Keras tensors
    """The loss: connectionist temporal classification (Graves et al. 2006)."""
    from keras import ops

    lengths = ops.sum(ops.cast(ops.not_equal(labels, 0), "int32"), axis=-1)
    places = ops.full_like(lengths, ops.shape(probabilities)[1])
    return ops.ctc_loss(labels, ops.log(probabilities + 1e-7), lengths, places, mask_index=0)
