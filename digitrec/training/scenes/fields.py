"""Random fields that textures, light and noise are made of."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
_TILE = (1400, 2400)
"""Large enough that a frame is a mere view of it."""


@lru_cache(maxsize=5)
def _tile(blur: float) -> Field:
    """White noise of unit deviation, blurred; drawn once, since 2.7 million normals take longer than a whole scene."""
    tile = np.random.default_rng(7).standard_normal(_TILE, dtype=np.float32)
    if blur > 0:
        tile = np.asarray(cv2.GaussianBlur(tile, (0, 0), blur), np.float32)
        tile /= tile.std()
    return tile


def grain(rng: np.random.Generator, shape: tuple[int, int], blur: float = 0.0) -> Field:
    """Noise of mean 0 and deviation 1, (H, W), grain of about ``blur`` pixels (0 to 1.6); not to be written to."""
    tile = _tile(min(1.6, round(blur * 2.5) / 2.5))
    repeats = -(-shape[0] // _TILE[0]), -(-shape[1] // _TILE[1])
    if max(repeats) > 1:
        tile = np.tile(tile, repeats)
    y, x = (int(rng.integers(tile.shape[axis] - shape[axis] + 1)) for axis in (0, 1))
    return tile[y : y + shape[0], x : x + shape[1]]


def smooth(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]) -> Field:
    """A field (H, W) that wanders smoothly, about -1 to 1, with ``cells`` bumps down and across."""
    coarse = rng.standard_normal((cells[0] + 1, cells[1] + 1)).astype(np.float32) * 0.6
    return np.asarray(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)
