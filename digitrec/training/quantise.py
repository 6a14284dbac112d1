"""``.keras`` -> the 8-bit form of its ``.tflite``: the same answers for a quarter of the time.

Weights and what flows between the layers become whole numbers of 8 bits, with one scale a channel for the weights
(Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference").
The scales of what flows are measured on drawn pictures, so no data set is needed. The last layer and the probabilities
stay floating: their logarithms count.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from digitrec.classifier import Classifier
from digitrec.console import quiet_libraries
from digitrec.modelfile import eight_bit_path
from digitrec.results import Image
from digitrec.strings import WIDTHS, StringReader, decode
from digitrec.training.augment import make_rejects
from digitrec.training.data import Samples
from digitrec.training.drawn import draw_digits
from digitrec.training.letters import draw_letters
from digitrec.training.modelfiles import note_sums, replace_file
from digitrec.training.string_network import as_input as as_strings
from digitrec.training.string_writing import Source, make_strings
from digitrec.training.train import as_input

if TYPE_CHECKING:
    import keras

PICTURES, STRINGS = 400, 100
"""So many drawn pictures, and strings, tell the scales."""

CHECKED = 500
"""On so many others both forms are compared."""

SAME, SAME_STRINGS = 0.98, 0.95
"""Of these at least such a share is answered alike: many are no digit, and stand on the edge of being one."""

FLOATING = ("MEAN", "FULLY_CONNECTED", "SOFTMAX", "RESHAPE")
"""LiteRT's operations that stay as they are."""

HEAD = "head"
"""The strings' last layer, which stays so too."""


def write_eight_bit(model: keras.Model, path: Path, seed: int = 0) -> str:
    """Write the 8-bit form of ``model`` beside ``path``, its ``.tflite``, where it answers as that one does.

    Args:
        model: of digits, (N, 28, 28, 1) -> (N, 10 or 11), or of strings, (N, 32, W, 1) -> (N, W / 2, 12).
        path: the ``.tflite``, listed in ``SHA256SUMS``.
        seed: of the pictures.

    Returns:
        What came of it, for people.

    Raises:
        OutputError: it cannot be written.
    """
    of_strings = len(model.output_shape) == 3
    pictures = _string_pictures(STRINGS, seed) if of_strings else _crops(PICTURES, seed)
    target, compared = eight_bit_path(path), _same_strings if of_strings else _same_digits
    with quiet_libraries(), redirect_stdout(StringIO()), warnings.catch_warnings(action="ignore"):
        data = _converted(_headed(model) if of_strings else model, pictures)
        with TemporaryDirectory() as folder:
            tried = Path(folder) / target.name
            tried.write_bytes(data)
            same = compared(path, tried, seed + 1)
    said = f"answers {same:.1%} of {CHECKED} drawn pictures as {path.name} does"
    if same < (SAME_STRINGS if of_strings else SAME):
        return f"8 bits are too few: {target.name} {said}, so it is left out"
    replace_file(target, data)
    note_sums(path.parent, [target.name])
    return f"{target}: {said}"


def _crops(count: int, seed: int) -> list[NDArray[np.float32]]:
    return list(as_input(_drawn(count, seed).x)[:, None])


def _drawn(count: int, seed: int) -> Samples:
    """Digits, letters and shapes that are neither."""
    rng = np.random.default_rng([seed, 8])
    digits = draw_digits(count // 2, rng)
    return Samples.join([digits, draw_letters(count // 4, rng), make_rejects(digits, count // 4, rng)])


def _drawn_strings(count: int, seed: int) -> list[Image]:
    rng = np.random.default_rng([seed, 9])
    source = Source(draw_digits(count, rng), list(draw_letters(count, rng).x))
    return [picture for picture in make_strings(source, count, rng).pictures if picture.shape[1] <= WIDTHS[-1]]


def _string_pictures(count: int, seed: int) -> list[NDArray[np.float32]]:
    drawn = _drawn_strings(count, seed)
    return [as_strings([x], next(w for w in WIDTHS if w >= x.shape[1])) for x in drawn]


def _headed(model: keras.Model) -> keras.Model:
    """The strings' network with a convolution for its last layer: (N, 1, W / 2, 12), and nothing to be reshaped."""
    import keras

    rows = next(layer for layer in reversed(model.layers) if isinstance(layer, keras.layers.Reshape)).input
    kernel, bias = model.get_layer("logits").get_weights()
    head = keras.layers.Conv2D(len(bias), 1, name=HEAD)
    answer = keras.layers.Softmax()(head(rows))
    head.set_weights([kernel[None, None], bias])
    return keras.Model(model.inputs, answer, name=model.name)


def _converted(model: keras.Model, pictures: list[NDArray[np.float32]]) -> bytes:
    """The bytes of the 8-bit form, its last layer floating."""
    import tensorflow as tf

    def shown() -> Iterator[list[NDArray[np.float32]]]:
        yield from ([picture] for picture in pictures)

    def converter() -> Any:  # noqa: ANN401 - TensorFlow ships no types
        made = tf.lite.TFLiteConverter.from_keras_model(model)
        made.optimizations = [tf.lite.Optimize.DEFAULT]
        made.representative_dataset = shown
        made.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8, tf.lite.OpsSet.TFLITE_BUILTINS]
        return made

    lite = tf.lite.experimental
    headed = any(layer.name == HEAD for layer in model.layers)
    nodes = _nodes_of(HEAD, converter) if headed else []
    options = lite.QuantizationDebugOptions(denylisted_ops=list(FLOATING), denylisted_nodes=nodes)
    quantised = lite.QuantizationDebugger(converter=converter(), debug_dataset=shown, debug_options=options)
    return bytes(quantised.get_nondebug_quantized_model())


def _nodes_of(layer: str, converter: Callable[[], Any]) -> list[str]:
    """How the converter names a layer's operations."""
    from ai_edge_litert.interpreter import Interpreter

    tensors = Interpreter(model_content=converter().convert()).get_tensor_details()
    return [tensor["name"] for tensor in tensors if f"/{layer}_" in tensor["name"]]


def _same_digits(path: Path, target: Path, seed: int) -> float:
    crops = _drawn(CHECKED, seed).x
    ours, theirs = (Classifier(file).classify(crops).argmax(axis=1) for file in (target, path))
    return float((ours == theirs).mean())


def _same_strings(path: Path, target: Path, seed: int) -> float:
    pictures = _drawn_strings(CHECKED, seed)
    ours, theirs = (
        [decode(reader.answer(x), x.shape[1]).digits for x in pictures]
        for reader in (StringReader(file) for file in (target, path))
    )
    return float(np.mean([a == b for a, b in zip(ours, theirs, strict=True)]))
