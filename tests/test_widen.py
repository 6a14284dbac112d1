"""A wider network that starts from a narrower one gives the same answers; one of other layers is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from digitrec.errors import ModelError
from digitrec.training.averages import mix_weights
from digitrec.training.letters import draw_letters
from digitrec.training.widen import inherit

if TYPE_CHECKING:
    import keras


def _net(widths: tuple[int, ...], weighted: bool) -> keras.Model:
    import keras
    from keras import layers

    x = inputs = layers.Input((28, 28, 1))
    for width in widths:
        x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(width, 3, strides=2, use_bias=False)(x)))
    if weighted:
        x = layers.DepthwiseConv2D(6, use_bias=False, depthwise_initializer=keras.initializers.Constant(1 / 36))(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(11, activation="softmax")(x))


@pytest.mark.parametrize("widths", [(4, 6), (5, 6), (4, 9), (7, 11), (11, 20)])
def test_a_wider_network_begins_with_the_same_answers(widths: tuple[int, ...]) -> None:
    import keras

    keras.utils.set_random_seed(1)
    narrow, wide = _net((4, 6), weighted=False), _net(widths, weighted=True)
    x = np.random.default_rng(0).random((50, 28, 28, 1)).astype(np.float32)
    narrow(x, training=True)  # statistics other than the initial ones
    narrow.layers[-1].set_weights([w * 20 for w in narrow.layers[-1].get_weights()])  # answers far from even
    before = wide.predict(x, verbose=0)
    inherit(wide, narrow, np.random.default_rng(1))
    after, wanted = wide.predict(x, verbose=0), narrow.predict(x, verbose=0)
    assert np.abs(before - wanted).mean() > 0.02
    assert np.abs(after - wanted).mean() < 0.01


def test_narrower_or_otherwise_built_networks_are_refused() -> None:
    with pytest.raises(ModelError, match="6 channels where this one has 5"):
        inherit(_net((4, 5), weighted=False), _net((4, 6), weighted=False), np.random.default_rng(1))
    with pytest.raises(ModelError, match="other layers"):
        inherit(_net((4, 5, 6), weighted=False), _net((4, 5), weighted=False), np.random.default_rng(1))


def test_the_outcome_is_the_mean_with_what_it_began_with() -> None:
    model, begun = _net((4, 6), weighted=False), _net((4, 6), weighted=False)
    x = np.random.default_rng(0).random((50, 28, 28, 1)).astype(np.float32)
    for net in (model, begun):
        net(x, training=True)
    new, old = model.get_weights(), begun.get_weights()
    mix_weights(model, old, 0.25)
    for mixed, n, o in zip(model.get_weights(), new, old, strict=True):
        np.testing.assert_allclose(mixed, 0.75 * n + 0.25 * o, atol=1e-6)
    mix_weights(model, old, 1.0)
    np.testing.assert_allclose(model.predict(x, verbose=0), begun.predict(x, verbose=0), atol=1e-6)


def test_drawn_letters_are_non_digits_of_many_shapes() -> None:
    letters = draw_letters(60, np.random.default_rng(3))
    assert letters.x.shape == (60, 28, 28) and set(letters.y.tolist()) == {10}
    assert (letters.x.max(axis=(1, 2)) > 96).all()
    assert len({x.tobytes() for x in letters.x}) == 60
