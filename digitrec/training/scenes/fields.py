"""Random fields that textures, light and noise are made of."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
_TILE = 1024


@lru_cache(maxsize=8)
def _tile(blur: float) -> Field:
    """White noise of unit deviation, (1024, 1024); drawn once, since 2.7 million normals take longer than a scene."""
    tile = np.random.default_rng(7).standard_normal((_TILE, _TILE), dtype=np.float32)
    if blur > 0:
        wrapped = cv2.GaussianBlur(np.pad(tile, 16, mode="wrap"), (0, 0), blur)
        tile = np.asarray(wrapped[16:-16, 16:-16] / wrapped.std(), np.float32)
    return tile


def grain(rng: np.random.Generator, shape: tuple[int, int], blur: float = 0.0) -> Field:
    """Noise of mean 0 and deviation 1, (H, W), with a grain of about ``blur`` pixels."""
    tile = _tile(round(blur * 5) / 5)
    y, x = (int(v) for v in rng.integers(_TILE, size=2))
    if max(shape) <= _TILE // 2:  # small crops need no copy of the whole tile
        y, x = y % (_TILE - shape[0] + 1), x % (_TILE - shape[1] + 1)
        return tile[y : y + shape[0], x : x + shape[1]]
    repeats = -(-shape[0] // _TILE), -(-shape[1] // _TILE)
    return np.tile(np.roll(tile, (-y, -x), (0, 1)), repeats)[: shape[0], : shape[1]]


def smooth(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]) -> Field:
    """A field (H, W) that wanders smoothly, about -1 to 1, with ``cells`` bumps down and across."""
    coarse = rng.standard_normal((cells[0] + 1, cells[1] + 1)).astype(np.float32) * 0.6
    return np.asarray(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)
