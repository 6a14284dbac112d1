"""Arrays that are used again for the next frame: fresh pages from the system cost more than the work done on them."""

from __future__ import annotations

import threading

import numpy as np

from digitrec.results import Image


class Scratch(threading.local):
    """uint8 arrays by name, one set a thread; what lies in them lasts until the same name is asked for again."""

    def __init__(self) -> None:
        self._arrays: dict[str, Image] = {}

    def array(self, name: str, shape: tuple[int, ...]) -> Image:
        """An array of ``shape``, its content undefined: the one of last time if that had the same shape."""
        kept = self._arrays.get(name)
        if kept is None or kept.shape != shape:
            kept = self._arrays[name] = np.empty(shape, np.uint8)
        return kept
