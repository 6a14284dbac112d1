"""The network, in Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digitrec.normalise import SIDE

if TYPE_CHECKING:
    import keras

CLASSES = 11

LAST_MAP = 5
"""Side of the last convolution's map."""


def build_shipped() -> keras.Model:
    """Six small convolutions and weighted average pooling: (N, 28, 28, 1) in 0-1 -> (N, 11) probabilities.

    Strides replace pooling, batch normalisation (Ioffe and Szegedy 2015) folds into the weights on export, a depthwise
    convolution over the whole last map weighs each place of it, and there is no Flatten, so a batch of any size exports
    cleanly.
    """
    import keras
    from keras import layers

    inputs = layers.Input((SIDE, SIDE, 1), name="crop")
    x = _convolution(inputs, 24, padding="valid")
    x = _convolution(x, 32, strides=2)
    x = _convolution(x, 48)
    x = _convolution(x, 72, strides=2)
    x = _convolution(x, 96)
    x = _convolution(x, 144, padding="valid")
    return keras.Model(inputs, _answer(x, dropout=0.2), name="digits")


def build_quick() -> keras.Model:
    """An eighth of the work of the shipped network, which teaches it: (N, 28, 28, 1) in 0-1 -> (N, 11)."""
    import keras
    from keras import layers

    inputs = layers.Input((SIDE, SIDE, 1), name="crop")
    x = _convolution(inputs, 16, strides=2)
    x = _convolution(x, 24)
    x = _convolution(x, 32, strides=2)
    x = _convolution(x, 48, padding="valid")
    return keras.Model(inputs, _answer(x, dropout=0.0), name="quick")


def _answer(x: Any, dropout: float) -> Any:  # noqa: ANN401 - Keras tensors carry no type
    """The last map, (N, 5, 5, C), to probabilities."""
    import keras
    from keras import layers

    x = layers.DepthwiseConv2D(
        LAST_MAP, use_bias=False, depthwise_initializer=keras.initializers.Constant(1 / LAST_MAP**2), name="pool"
    )(x)
    x = layers.GlobalAveragePooling2D()(x)  # one value a channel by now
    if dropout:
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(CLASSES, name="logits")(x)
    return layers.Softmax(name="probabilities")(x)


def _convolution(x: Any, filters: int, **options: Any) -> Any:  # noqa: ANN401 - Keras tensors and options carry no type
    from keras import layers

    x = layers.Conv2D(filters, 3, use_bias=False, **({"padding": "same"} | options))(x)
    x = layers.BatchNormalization(momentum=0.99)(x)
    return layers.ReLU()(x)
