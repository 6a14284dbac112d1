"""A look into a network: its layers as a drawing, its first filters, and the features before its answer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import ModelError
from digitrec.results import Image
from digitrec.training import figures
from digitrec.training.train import as_input

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class Block:
    """One layer of the drawing.

    Attributes:
        name: what it does.
        side: of its output, pixels; 1 for a vector.
        channels: of its output.
        weights: how many it learnt, with those of the normalisation that follows.
    """

    name: str
    side: int
    channels: int
    weights: int


def blocks_of(model: keras.Model) -> list[Block]:
    """The layers that change shape or learn, in order."""
    import keras

    found: list[Block] = []
    for layer in model.layers:
        name = _name(layer)
        if isinstance(layer, keras.layers.BatchNormalization) and found:
            last = found[-1]
            found[-1] = Block(last.name, last.side, last.channels, last.weights + layer.count_params())
        elif name is not None:
            shape = layer.output.shape
            side = int(shape[1]) if len(shape) == 4 else 1
            found.append(Block(name, side, int(shape[-1]), layer.count_params()))
    return found


def _name(layer: keras.Layer) -> str | None:
    """What a layer does, in a few words; None for those that are not drawn."""
    import keras

    kinds = keras.layers
    if isinstance(layer, kinds.InputLayer):
        return "picture"
    if isinstance(layer, kinds.Conv2D):
        kernel = f"{layer.kernel_size[0]}x{layer.kernel_size[1]}"
        return f"conv {kernel}" + (f"\nstride {layer.strides[0]}" if layer.strides[0] > 1 else "")
    if isinstance(layer, kinds.DepthwiseConv2D):
        return f"depthwise\n{layer.kernel_size[0]}x{layer.kernel_size[1]}"
    if isinstance(layer, kinds.GlobalAveragePooling2D):
        return "mean" if layer.input.shape[1:3] != (1, 1) else None  # of one place it is that place
    if isinstance(layer, kinds.MaxPooling2D | kinds.AveragePooling2D):
        return f"pool {layer.pool_size[0]}x{layer.pool_size[1]}"
    if isinstance(layer, kinds.Dense):
        return "dense"
    return None


def draw_architecture(model: keras.Model) -> figures.Figure:
    """Each layer as a block: as high as its picture is wide, as thick as it has channels."""
    from matplotlib.patches import Polygon

    blocks = blocks_of(model)
    figure, axes = figures.new_figure(1, 1, (max(6.0, 1.25 * len(blocks)), 3.4))
    cell, x = axes[0, 0], 0.0
    for block in blocks:
        high = 0.35 + block.side / 10
        thick = 0.12 + 0.22 * math.log2(block.channels + 1)
        lean = 0.35 * high
        front = [(x, -high), (x + thick, -high), (x + thick, high), (x, high)]
        top = [(x, high), (x + lean, high + 0.5 * lean), (x + thick + lean, high + 0.5 * lean), (x + thick, high)]
        flank = [(x + thick, -high), (x + thick + lean, 0.5 * lean - high), top[2], top[3]]
        color = figures.GREY if not block.weights else figures.BLUE
        for corners, opacity in ((front, 0.75), (top, 0.4), (flank, 0.55)):
            cell.add_patch(
                Polygon(corners, closed=True, facecolor=color, alpha=opacity, edgecolor="white", linewidth=0.6)
            )
        shape = f"{block.side}x{block.side}x{block.channels}" if block.side > 1 else str(block.channels)
        weights = f"\n{block.weights:,} weights" if block.weights else ""
        cell.text(x + thick / 2, -high - 0.25, f"{block.name}\n{shape}{weights}", ha="center", va="top", fontsize=7)
        x += thick + lean + 1.15
    cell.set(xlim=(-0.8, x), ylim=(-5.2, 4.6), aspect="equal", title=f"{model.name}: {model.count_params():,} weights")
    cell.axis("off")
    return figure


def draw_filters(model: keras.Model) -> figures.Figure:
    """The kernels of the first convolution: orange where ink speaks for a feature, blue where it speaks against it.

    Raises:
        ModelError: the network has no convolution.
    """
    import keras

    layer = next((x for x in model.layers if isinstance(x, keras.layers.Conv2D)), None)
    if layer is None:
        raise ModelError(f"{model.name} has no convolution whose filters could be drawn. Give another --model.")
    kernels = np.asarray(layer.get_weights()[0])[:, :, 0, :]
    columns = min(10, kernels.shape[-1])
    rows = -(-kernels.shape[-1] // columns)
    figure, axes = figures.new_figure(rows, columns, (0.8 * columns, 0.8 * rows + 0.4))
    for index, cell in enumerate(axes.flat):
        cell.axis("off")
        if index < kernels.shape[-1]:
            kernel = kernels[:, :, index]
            largest = float(np.abs(kernel).max()) or 1.0
            cell.imshow(kernel, cmap="PuOr_r", vmin=-largest, vmax=largest, interpolation="nearest")
    figure.suptitle(f"{layer.name}: {kernels.shape[-1]} filters of {kernels.shape[0]}x{kernels.shape[1]}")
    return figure


def features_of(model: keras.Model, x: Image) -> NDArray[np.float32]:
    """What the last dense layer is given, float32 (N, F)."""
    import keras

    last: Any = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)][-1]
    inner = keras.Model(model.inputs, last.input)
    return np.asarray(inner.predict(as_input(x), batch_size=512, verbose=0), np.float32)
