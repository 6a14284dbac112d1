"""A support vector classifier on 8x8 pictures, and its small exported form: the same ``.tflite`` as every network.

Handwritten digits were read like this before networks took over (Cortes and Vapnik 1995). scikit-learn trains one
machine for each of the 45 pairs of digits; pickling them would give a file that runs code when it is opened. Here they
become ordinary layers: pooling to 8x8, the kernel with every support vector, the 45 decisions, and a softmax over how
well each digit does in its nine duels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from digitrec.console import Console
from digitrec.errors import DigitrecError, UsageError
from digitrec.normalise import SIDE
from digitrec.results import Image
from digitrec.training.architectures import DIGITS
from digitrec.training.data import Samples
from digitrec.training.progress import Bar

if TYPE_CHECKING:
    import keras

Matrix = NDArray[np.float64]

PAIRS = tuple(combinations(range(DIGITS), 2))
"""One machine for each: positive means the first of the two."""

_POOL = 3
_CROP = 2
"""28 - 2 * 2 = 24 = 3 * 8: the black margin is left out, or a digit would be 5 pixels high."""


@dataclass(frozen=True, slots=True)
class SvcRecipe:
    """Everything that decides the outcome, besides the data.

    Attributes:
        pictures: so many of the training set: the time grows with its square.
        c: penalty of a picture on the wrong side of the margin.
        gamma: width of the kernel, exp(-gamma |a - b|^2), pictures in 0-1.
        seed: chooses the pictures.
    """

    pictures: int = 20_000
    c: float = 5.0
    gamma: float = 0.3
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Machines:
    """The 45 machines with their support vectors in one table.

    Attributes:
        vectors: (V, 64) support vectors.
        weights: (V, 45), 0 where a machine does not use a vector.
        biases: (45,).
        gamma: the kernel's.
        slope, sharpness: the calibration, of a decision and of a digit's sum over its duels.
    """

    vectors: Matrix
    weights: Matrix
    biases: Matrix
    gamma: float
    slope: float = 4.0
    sharpness: float = 1.0

    def decisions(self, features: Matrix) -> Matrix:
        """(N, 64) -> (N, 45), in double precision: what scikit-learn's ``decision_function`` gives for each pair."""
        distance = (features**2).sum(1)[:, None] - 2 * features @ self.vectors.T + (self.vectors**2).sum(1)
        return np.asarray(np.exp(-self.gamma * distance) @ self.weights + self.biases)

    def probabilities(self, features: Matrix) -> Matrix:
        """(N, 64) -> (N, 10), in double precision."""
        logits = _logits(self.decisions(features), self.slope, self.sharpness)
        shares = np.exp(logits - logits.max(1, keepdims=True))
        return np.asarray(shares / shares.sum(1, keepdims=True))


def _losers() -> Matrix:
    """(90, 10): which digit pays for which side of which pair: the first 45 rows for the first digit of the pair."""
    table = np.zeros((2 * len(PAIRS), DIGITS))
    for row, (first, second) in enumerate(PAIRS):
        table[row, first] = table[row + len(PAIRS), second] = 1
    return table


def _logits(decisions: Matrix, slope: float, sharpness: float) -> Matrix:
    """Sum over a digit's nine duels of the logarithm of its chance to win, after Platt's (1999) sigmoid.

    Counting won duels, as scikit-learn does, is as often right but knows only ten confidences.
    """
    both = np.logaddexp(0, slope * np.concatenate([-decisions, decisions], axis=1))
    return np.asarray(-sharpness * both @ _losers())


def small_pictures(x: Image) -> Matrix:
    """uint8 (N, 28, 28) -> (N, 64): the middle 24x24, the mean of each 3x3 block, 0-1."""
    middle = x[:, _CROP:-_CROP, _CROP:-_CROP]
    side = middle.shape[1] // _POOL
    blocks = middle.reshape(len(x), side, _POOL, side, _POOL).mean(axis=(2, 4)) / 255
    return np.asarray(blocks.reshape(len(x), side * side))


def train_svc(train: Samples, validation: Samples, recipe: SvcRecipe, console: Console) -> Machines:
    """Train the 45 machines on ``train`` and their calibration on ``validation``.

    Raises:
        DigitrecError: scikit-learn is not installed.
        UsageError: the pictures are so few that a digit is missing.
    """
    svm = _import_svm()
    chosen = np.random.default_rng(recipe.seed).permutation(len(train))[: recipe.pictures]
    features, labels = small_pictures(train.x[chosen]), train.y[chosen]
    if len(np.unique(labels)) < DIGITS or len(np.unique(validation.y)) < DIGITS:
        raise UsageError("not every digit occurs in the training and validation pictures. Give more pictures.")
    weights, biases = np.zeros((len(labels), len(PAIRS))), np.zeros(len(PAIRS))
    bar = Bar(console, "svc", len(PAIRS))
    for column, (first, second) in enumerate(PAIRS):
        rows = np.flatnonzero((labels == first) | (labels == second))
        machine = svm.SVC(C=recipe.c, kernel="rbf", gamma=recipe.gamma, cache_size=100)
        machine.fit(features[rows], labels[rows] == first)
        weights[rows[machine.support_], column] = machine.dual_coef_[0]
        biases[column] = machine.intercept_[0]
        bar.step()
    bar.close()
    used = weights.any(axis=1)
    raw = Machines(features[used], weights[used], biases, recipe.gamma)
    return _calibrated(raw, raw.decisions(small_pictures(validation.x)), validation.y)


def _calibrated(machines: Machines, decisions: Matrix, labels: NDArray[np.int64]) -> Machines:
    """With the slope and sharpness of least negative log-likelihood."""

    def loss(slope: float, sharpness: float) -> float:
        logits = _logits(decisions, slope, sharpness)
        chances = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
        return float(-chances[np.arange(len(labels)), labels].mean())

    grid = [(float(a), float(t)) for a in (2, 3, 4, 6, 8) for t in np.geomspace(0.2, 3, 16)]
    slope, sharpness = min(grid, key=lambda pair: loss(*pair))
    return replace(machines, slope=slope, sharpness=sharpness)


def _import_svm() -> Any:  # noqa: ANN401 - scikit-learn ships no types
    try:
        from sklearn import svm
    except ModuleNotFoundError as error:
        raise DigitrecError(
            f"the package {error.name} is missing, which trains the svc. Install it: pip install scikit-learn"
        ) from error
    return svm


def as_network(machines: Machines) -> keras.Model:
    """The machines as layers: (N, 28, 28, 1) in 0-1 -> (N, 10) probabilities."""
    import keras
    from keras import layers, ops

    count = len(machines.vectors)
    inputs = layers.Input((SIDE, SIDE, 1), name="crop")
    x = layers.Flatten()(layers.AveragePooling2D(_POOL)(layers.Cropping2D(_CROP)(inputs)))
    # exp(-g |x - v|^2) = exp(2 g x.v - g |v|^2 - g |x|^2): a dense layer, less the picture's own length.
    near = layers.Dense(count, name="vectors")(x)
    own = layers.Rescaling(machines.gamma)(ops.sum(ops.square(x), axis=-1, keepdims=True))
    kernel = ops.exp(ops.subtract(near, own))
    decisions = layers.Dense(len(PAIRS), name="pairs")(kernel)
    both = layers.Activation("softplus")(layers.Concatenate()([layers.Rescaling(-1)(decisions), decisions]))
    outputs = layers.Dense(DIGITS, activation="softmax", use_bias=False, name="probabilities")(both)
    model = keras.Model(inputs, outputs, name="svc")
    v, g = machines.vectors, machines.gamma
    model.get_layer("vectors").set_weights([2 * g * v.T, -g * (v**2).sum(1)])
    model.get_layer("pairs").set_weights([machines.slope * machines.weights, machines.slope * machines.biases])
    model.get_layer("probabilities").set_weights([-machines.sharpness * _losers()])
    return model
