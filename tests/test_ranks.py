"""Quantiles are those of NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from digitrec.ranks import quantile


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.float32, np.float64])
@pytest.mark.parametrize("count", [1, 2, 3, 10, 57])
def test_quantiles_are_those_of_numpy(count: int, kind: type) -> None:
    values = np.random.default_rng(count).integers(0, 256, (count, 2)).astype(kind)
    for share in (0.0, 0.1, 0.5, 0.8, 0.9, 0.95, 1.0):
        assert quantile(values, share) == pytest.approx(np.quantile(values.astype(float), share))
    assert quantile([3, 1, 2], 0.5) == 2
