"""What a caller gives the recognizer: checked before anything is read, for a wrong kind of picture reads as nothing."""

from __future__ import annotations

import numpy as np

from digitrec.results import Image

LIGHT_INK = 200
"""Where nothing is darker than this (0-255) on white, it is light ink."""

_BAND_ROWS = 256


def checked_picture(image: object) -> Image:
    """A picture as the stages take it: uint8 (H, W) or (H, W, 3).

    Args:
        image: a caller's: uint8 (H, W) grey, (H, W, 3) BGR or (H, W, 4) BGRA, which is put on a ground (``on_ground``);
            a fourth channel that is nothing but 0 is no transparency: some screen grabbers leave it so.

    Raises:
        ValueError: it is something else, or empty.
    """
    if image is None:
        raise ValueError("the picture is None: was the file read? cv2.imread gives None where it cannot")
    if not isinstance(image, np.ndarray):
        raise ValueError(f"the picture must be a NumPy array, not {type(image).__name__}")
    channels = image.shape[2:]
    if image.dtype != np.uint8:
        raise ValueError(f"the picture must be uint8, 0-255, not {image.dtype} {image.shape}")
    if image.ndim not in {2, 3} or channels not in {(), (3,), (4,)}:
        raise ValueError(f"the picture must be (H, W) grey, (H, W, 3) BGR or (H, W, 4) BGRA, not {image.shape}")
    if image.size == 0:
        raise ValueError(f"the picture is empty: {image.shape}")
    if channels != (4,):
        return image
    return on_ground(image) if image[:, :, 3].any() else np.ascontiguousarray(image[:, :, :3])


def on_ground(image: Image) -> Image:
    """BGRA -> BGR as it looks on paper: black ink on a transparent ground is all black when alpha is just dropped.

    Light ink is nowhere to be seen on white: it is put on black.
    """
    on_white = _on_grey(image, 255)
    return on_white if on_white.min() < LIGHT_INK or image[:, :, 3].min() > 0 else _on_grey(image, 0)


def _on_grey(image: Image, grey: int) -> Image:
    result = np.empty((*image.shape[:2], 3), np.uint8)
    for top in range(0, len(image), _BAND_ROWS):  # bands, so that a large picture is not held three times over
        band = image[top : top + _BAND_ROWS].astype(np.uint16)
        alpha = band[:, :, 3:]
        result[top : top + _BAND_ROWS] = (band[:, :, :3] * alpha + grey * (255 - alpha) + 127) // 255
    return result


def checked_confidence(value: object) -> float:
    """A limit of confidence, 0-1.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating) or not 0 <= value <= 1:
        raise ValueError(f"min_confidence must be a number from 0 to 1, not {value!r}")
    return float(value)


def checked_threads(value: object) -> int | None:
    """A number of threads from 1 up, or None.

    Raises:
        ValueError: it is neither.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"threads must be a whole number from 1 up or None, not {value!r}")
    return int(value)
