"""Damage for model files that is wrong in sense and not in form, wherever a later model has its parts."""

from __future__ import annotations

import numpy as np


def first_inputs(data: bytearray) -> np.ndarray:
    """Int32 view of what the first operator reads: picture, weights, bias."""
    from ai_edge_litert.schema_py_generated import Model

    return Model.GetRootAsModel(data, 0).Subgraphs(0).Operators(0).InputsAsNumpy()


def without_weights(data: bytes) -> bytes:
    """The first layer's weights are no tensor (-1): LiteRT ends with a segmentation fault."""
    changed = bytearray(data)
    first_inputs(changed)[1] = -1
    return bytes(changed)


def with_bias(data: bytes, value: float) -> bytes:
    """The first layer's bias is one number throughout."""
    from ai_edge_litert.schema_py_generated import Model

    changed = bytearray(data)
    model = Model.GetRootAsModel(changed, 0)
    tensor = model.Subgraphs(0).Tensors(int(first_inputs(changed)[2]))
    model.Buffers(tensor.Buffer()).DataAsNumpy().view(np.float32)[:] = value
    return bytes(changed)


def with_output_before_the_last_layers(data: bytes) -> bytes:
    """A whole model that answers with features instead of probabilities."""
    from ai_edge_litert.schema_py_generated import Model

    changed = bytearray(data)
    graph = Model.GetRootAsModel(changed, 0).Subgraphs(0)
    graph.OutputsAsNumpy()[0] = graph.Operators(graph.OperatorsLength() - 2).InputsAsNumpy()[0]
    return bytes(changed)
