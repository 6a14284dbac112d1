"""Picture -> Reading (placeholder signatures; the stages land next)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitrec.results import Box, Image, Reading

DEFAULT_MODEL = Path(__file__).resolve().parent.parent / "models" / "digits.tflite"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the stages saw, for the debug view: the ink mask (uint8 (H, W), 255 ink) and all candidates' boxes."""

    mask: Image
    candidates: tuple[Box, ...]
    reading: Reading


class Recognizer:
    """Reads the digits of a picture.

    Args:
        model: a ``.tflite`` file; None: the shipped one.
        min_confidence: digits below it are rejected, 0-1; None: the shipped default.

    Raises:
        ModelError: the model is missing, damaged or of the wrong shape.
    """

    def __init__(self, model: Path | str | None = None, min_confidence: float | None = None) -> None:
        self.model = Path(model) if model is not None else DEFAULT_MODEL
        self.min_confidence = 0.5 if min_confidence is None else min_confidence

    def read(self, image: Image) -> Reading:
        """Read a uint8 (H, W, 3) BGR or (H, W) grey picture of any size from 1x1 up."""
        return Reading((), (), (image.shape[1], image.shape[0]))

    def explain(self, image: Image) -> Explanation:
        """Like ``read``, and keeps what the stages saw."""
        return Explanation(np.zeros(image.shape[:2], np.uint8), (), self.read(image))

    def classify(self, crops: Image) -> NDArray[np.float32]:
        """uint8 (N, 28, 28), bright ink on black, MNIST geometry -> float32 (N, 11) probabilities."""
        return np.full((len(crops), 11), 1 / 11, np.float32)
