"""Saved drawings: NAME.png is the picture that was read, NAME.json the reading and the strokes."""

from __future__ import annotations

import base64
import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from digitrec.canvas.marks import Correction
from digitrec.canvas.pictures import GIVE, load_picture
from digitrec.canvas.strokes import MAX_WIDTH, Drawing, Picture, Size, Stroke
from digitrec.errors import OutputError, SourceError
from digitrec.outputs.text import json_line
from digitrec.results import Box, Frame, Image, Reading

MAX_NUMBER = 99_999
MAX_FILE_BYTES = 64_000_000
MAX_SIDE = 20_000
"""Longest side of a saved paper, units."""


CROP_SIDE = 28
"""Of the picture of a corrected glyph, pixels."""


class Saved(NamedTuple):
    """What was saved: the drawing, its paper (width, height) in units, and what the person corrected."""

    drawing: Drawing
    paper: Size
    corrections: tuple[Correction, ...] = ()


def stroke_record(stroke: Stroke) -> dict[str, Any]:
    """A stroke as JSON: points rounded to hundredths of a unit, which no screen shows."""
    points = [[round(x, 2), round(y, 2)] for x, y in stroke.points]
    return {"width": stroke.width, "erases": stroke.erases, "points": points}


def save(folder: Path, image: Image, reading: Reading, saved: Saved) -> Path:
    """Write the next free ``drawing-NNN.png`` and ``.json``; nothing is ever overwritten.

    The JSON is one object of the JSONL schema, with ``strokes``, ``paper``, ``corrections`` and ``background`` added,
    so that ``load_drawing`` can open it again; a picture under the strokes is kept as ``drawing-NNN-background.png``.

    Args:
        folder: made where it is missing.
        image: the picture that was read, uint8 (H, W, 3) BGR.
        reading: of that picture, with the corrections.
        saved: the strokes and the picture under them, their paper, and the corrections.

    Returns:
        The path of the PNG.

    Raises:
        OutputError: the folder or the files cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = _reserve(folder)
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror}. Choose another folder: --save-dir") from error
    png = target.with_suffix(".png")
    record: dict[str, Any] = json.loads(json_line(Frame(image, 0, 0.0, png.name), reading, words=True))
    drawing = saved.drawing
    record["paper"] = [round(side, 2) for side in saved.paper]
    record["strokes"] = [stroke_record(s) for s in drawing.strokes]
    record["corrections"] = [_correction_record(c) for c in saved.corrections]
    record["background"] = None
    try:
        if drawing.picture is not None:
            background = target.with_name(f"{target.stem}-background.png")
            write_atomically(background, encode_png(drawing.picture.image))
            record["background"] = {"file": background.name, "scale": drawing.picture.scale}
        write_atomically(png, encode_png(image))
        # Last: a JSON that is not empty says that everything that it names is there.
        write_atomically(target, (json.dumps(record) + "\n").encode())
    except OSError as error:
        target.unlink(missing_ok=True)
        raise OutputError(f"cannot write {png}: {error.strerror}. Free some space or use --save-dir") from error
    return png


def _reserve(folder: Path) -> Path:
    """Create the next free ``drawing-NNN.json``, so that two programs never take the same number."""
    for number in range(1, MAX_NUMBER):
        target = folder / f"drawing-{number:03d}.json"
        if target.with_suffix(".png").exists():
            continue
        try:
            target.open("x").close()
        except FileExistsError:
            continue
        return target
    raise OSError(0, "all names drawing-001 ... are taken")


def encode_png(image: Image) -> bytes:
    """A uint8 picture as PNG bytes."""
    return bytes(cv2.imencode(".png", image)[1])


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that it is either complete or not there, even where the disk is full or the power fails.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)  # mkstemp makes it private; a saved drawing is an ordinary file
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def load_drawing(path: Path) -> Saved:
    """Open what ``save`` wrote.

    Raises:
        SourceError: it is no saved drawing.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError("it is too large")
        record = json.loads(path.read_bytes())
        width, height = (_number(v, 1, MAX_SIDE) for v in record["paper"])
        strokes = tuple(_stroke(s) for s in record["strokes"])
        corrections = tuple(_correction(c) for c in record.get("corrections", ()))
        background = record.get("background")
        picture = _background(path, background) if background is not None else None
    except OSError as error:
        raise SourceError(f"cannot open {path}: {error.strerror}. Check the name") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise SourceError(f"{path} is not a drawing saved by draw.py ({_why(error)}). {GIVE}") from error
    return Saved(Drawing(strokes, picture), (width, height), corrections)


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return "not JSON"
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _number(value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    if not low <= value <= high:
        raise ValueError(f"{value} is outside {low:g} to {high:g}")
    return float(value)


def _stroke(record: dict[str, Any]) -> Stroke:
    points = tuple(
        (_number(x, -MAX_SIDE, 2 * MAX_SIDE), _number(y, -MAX_SIDE, 2 * MAX_SIDE)) for x, y in record["points"]
    )
    if not points:
        raise ValueError("a stroke without points")
    return Stroke(points, _number(record["width"], 0.1, MAX_WIDTH * 2), bool(record["erases"]))


def _correction_record(correction: Correction) -> dict[str, Any]:
    """A correction as JSON, with the glyph's picture, by which it is known again: its grey levels in base64."""
    crop = correction.crop
    pixels = None if crop is None else base64.b64encode(np.ascontiguousarray(crop).tobytes()).decode()
    return {"box": list(correction.box), "digit": correction.label, "crop": pixels}


def _correction(record: dict[str, Any]) -> Correction:
    x, y, width, height = record["box"]
    box = Box(
        *(round(_number(v, 0, MAX_SIDE)) for v in (x, y)), *(round(_number(v, 1, MAX_SIDE)) for v in (width, height))
    )
    crop: Image | None = None
    if record.get("crop") is not None:
        crop = np.frombuffer(base64.b64decode(record["crop"]), np.uint8)
        if crop.size != CROP_SIDE**2:
            raise ValueError(f"a crop of {crop.size} pixels")
        crop = crop.reshape(CROP_SIDE, CROP_SIDE)
    return Correction(box, round(_number(record["digit"], 0, 9)), crop)


def _background(path: Path, record: dict[str, Any]) -> Picture:
    file = path.with_name(Path(str(record["file"])).name)  # beside the JSON, never elsewhere
    return Picture(load_picture(file), file.name, _number(record["scale"], 1e-3, 100))
