"""A sheet that lies on its side in one frame of a video does so in the next, where less of it may tell so."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from digitrec.candidates import SURE
from digitrec.quarters import turned_back
from digitrec.results import Image, Reading

UPRIGHT_ONLY = (3, 4, 7)
"""They are no digits upside down or on their side: one of them, and another digit, tells that a sheet still lies so."""


class Standing:
    """Reads the frames of one source, each as the last one lay where its digits bear that out.

    Args:
        read: ``Recognizer.read``.
    """

    def __init__(self, read: Callable[[Image], Reading]) -> None:
        self._read = read
        self._quarters = 0

    def read(self, image: Image) -> Reading:
        """The reading of a frame or of a part of one, uint8 (H, W, 3)."""
        quarters = self._quarters
        if quarters:
            turned = self._read(np.ascontiguousarray(np.rot90(image, quarters)))
            if _stands(turned):
                return self._kept(turned_back(turned, quarters, (image.shape[1], image.shape[0])))
        return self._kept(self._read(image))

    def forget(self) -> None:
        """What comes next has nothing to do with what came last."""
        self._quarters = 0

    def _kept(self, reading: Reading) -> Reading:
        self._quarters = reading.quarters
        return reading


def _stands(reading: Reading) -> bool:
    sure = {d.digit for d in reading.digits if d.confidence >= SURE}
    return len(sure) > 1 and not sure.isdisjoint(UPRIGHT_ONLY)
