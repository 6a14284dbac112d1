"""Error contact sheets: what was read wrong, with truth, prediction, confidence and source, worst first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from digitrec.errors import OutputError
from digitrec.results import Box, Image

_TILE = 132
_TEXT = 46
_COLUMNS = 10
_MOST = 200
"""So many errors at most on one sheet, the most confident first."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One error.

    Attributes:
        picture: the crop or region, uint8 (H, W) or (H, W, 3).
        truth, read: what it is and what was answered ("-" for nothing).
        confidence: of the answer, 0-1; 0 where nothing was answered.
        source: file, frame or row it comes from.
    """

    picture: Image
    truth: str
    read: str
    confidence: float
    source: str


def region(image: Image, box: Box, margin: float = 0.6) -> Image:
    """The part of ``image`` around ``box``, with ``margin`` of its larger side on each side."""
    pad = round(margin * max(box.width, box.height)) + 2
    x0, y0 = max(0, box.x - pad), max(0, box.y - pad)
    return image[y0 : max(y0 + 1, box.y + box.height + pad), x0 : max(x0 + 1, box.x + box.width + pad)]


def write_sheet(path: Path, mistakes: list[Mistake]) -> None:
    """Write ``mistakes`` as one PNG.

    Raises:
        OutputError: the folder or the file cannot be written.
    """
    worst = sorted(mistakes, key=lambda m: -m.confidence)[:_MOST]
    tiles = [_tile(mistake) for mistake in worst]
    columns = min(_COLUMNS, max(1, len(tiles)))
    while len(tiles) % columns:
        tiles.append(np.full((_TILE + _TEXT, _TILE, 3), 255, np.uint8))
    rows = [np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)]
    coded = cv2.imencode(".png", np.vstack(rows))[1]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(coded.tobytes())
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}). Choose another folder with --out.") from error


def _tile(mistake: Mistake) -> Image:
    picture = mistake.picture
    if picture.size == 0:
        picture = np.zeros((8, 8), np.uint8)
    if picture.ndim == 2:
        picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)
    scale = (_TILE - 6) / max(picture.shape[:2])
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    shrunk = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST)
    tile = np.full((_TILE + _TEXT, _TILE, 3), 255, np.uint8)
    tile[2 : 2 + size[1], 3 : 3 + size[0]] = shrunk
    lines = f"is {mistake.truth} read {mistake.read}", f"at {mistake.confidence:.3f}", mistake.source[-22:]
    for row, line in enumerate(lines):
        cv2.putText(tile, line, (3, _TILE + 12 + 14 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.36, (0, 0, 0), 1, cv2.LINE_AA)
    return tile
