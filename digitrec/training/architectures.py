"""The networks of the lab, by name: the shipped one and three that a student can measure it against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digitrec.normalise import SIDE

if TYPE_CHECKING:
    import keras

DIGITS = 10
"""Outputs of the networks of tutorials: they know nothing that is no digit."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """A network and how it is trained by default.

    Attributes:
        what: one line for people.
        epochs: passes over the training set; 0 where it is not trained by passes.
        build: makes it, untrained; None for the support vector classifier.
    """

    what: str
    epochs: int
    build: Callable[[], keras.Model] | None


def build_classic() -> keras.Model:
    """The network of so many tutorials: (N, 28, 28, 1) in 0-1 -> (N, 10), 1.2 million weights."""
    import keras
    from keras import layers

    inputs = layers.Input((SIDE, SIDE, 1), name="crop")
    x = layers.Conv2D(32, 3, activation="relu")(inputs)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Dropout(0.25)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(128, activation="relu")(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(DIGITS, activation="softmax")(x), name="classic")


def build_lenet5() -> keras.Model:
    """LeNet-5 (LeCun et al. 1998) with a softmax for its RBF output: (N, 28, 28, 1) in 0-1 -> (N, 10)."""
    import keras
    from keras import layers

    inputs = layers.Input((SIDE, SIDE, 1), name="crop")
    x = layers.ZeroPadding2D(2)(inputs)  # the paper's 32x32 input
    x = layers.Conv2D(6, 5, activation="tanh")(x)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Conv2D(16, 5, activation="tanh")(x)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Conv2D(120, 5, activation="tanh")(x)
    x = layers.Flatten()(x)
    x = layers.Dense(84, activation="tanh")(x)
    return keras.Model(inputs, layers.Dense(DIGITS, activation="softmax")(x), name="lenet5")


def _build_shipped() -> keras.Model:
    from digitrec.training.model import build_shipped

    return build_shipped()


ARCHITECTURES: dict[str, Architecture] = {
    "shipped": Architecture("six small convolutions; knows what is no digit", 44, _build_shipped),
    "classic": Architecture("two convolutions and a dense layer: the network of so many tutorials", 10, build_classic),
    "lenet5": Architecture("LeNet-5 of 1998", 10, build_lenet5),
    "svc": Architecture("support vector classifier on 8x8 pictures (scikit-learn)", 0, None),
}
