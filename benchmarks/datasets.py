"""What is measured on, and which part of it was kept from training and tuning."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.matching import Labelled
from digitrec.errors import SourceError
from digitrec.results import Box, Image
from digitrec.training.arrays import load_digits, load_pictures
from digitrec.training.data import (
    HELD_BACK_SYMBOLS,
    HELD_BACK_WRITERS,
    LETTER_WRITERS,
    LOOK_ALIKES,
    UNCLEAR_SYMBOLS,
    cheque_held_back,
)

TUNING_SOURCES = frozenset(
    {
        "ujwalkasturi", "bikz05", "benchen1981", "msakarvadia", "TernaK", "CAgAG", "DarkBolt101", "owaisasghar",
        "LowWeiLin", "wichtounet",
    }
)  # fmt: skip
"""Repository owners whose photographs may be looked at while tuning; all others are held out.

Both halves hold about as many digits and one of the two large sources each. Wikunia and opensourcesblog stay in one
half: some of their pictures show the same writing.
"""


UNLABELLED = {
    "019.jpg": (
        Box(371, 150, 62, 56), Box(224, 133, 34, 32), Box(316, 255, 34, 75), Box(412, 310, 36, 46),
        Box(88, 270, 140, 70), Box(84, 58, 84, 26),
    ),
    "020.jpg": (
        Box(128, 80, 58, 38), Box(240, 58, 78, 32), Box(322, 58, 56, 52), Box(376, 76, 90, 96), Box(405, 268, 170, 46),
    ),
}  # fmt: skip
"""Two photographs show a large digit on a sheet with notes; the small digits among these are not in the truth."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph with the truth of its digits.

    Attributes:
        name: file name.
        image: uint8 (H, W, 3) BGR.
        truth: its digits' boxes; None where boxes are not known.
        lines: what is written, operators and letters included.
        tuning: whether tuning may look at it.
        unlabelled: places of small digits that the truth leaves out.
    """

    name: str
    image: Image
    truth: tuple[Labelled, ...] | None
    lines: tuple[str, ...]
    tuning: bool
    unlabelled: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Amount:
    """A digit string cut from a cheque."""

    name: str
    image: Image
    truth: tuple[Labelled, ...]
    text: str


def read_picture(path: Path) -> Image:
    """uint8 (H, W, 3) BGR; by ``imdecode``, since ``imread`` cannot open every path on Windows.

    Raises:
        SourceError: it is not there or no picture.
    """
    if not path.is_file():
        raise SourceError(f"{path} is not there. Check --data-dir.")
    image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise SourceError(f"{path} is no picture that can be read. Check --data-dir.")
    return np.asarray(image, np.uint8)


def load_photos(data_dir: Path) -> list[Photo]:
    """All photographs of ``data_dir/photos``.

    Raises:
        SourceError: truth.json or a picture is missing or damaged.
    """
    folder = data_dir / "photos"
    photos = []
    for name, entry in sorted(_read_json(folder / "truth.json").items()):
        boxes = entry.get("boxes")
        truth = _labelled(boxes) if boxes else None
        lines = tuple(entry.get("lines") or ())
        if entry.get("lines") == []:  # transcribed, and no digit on it
            truth = ()
        owner = entry["source"].split("/")[0]
        unlabelled = UNLABELLED.get(name, ())
        photos.append(Photo(name, read_picture(folder / name), truth, lines, owner in TUNING_SOURCES, unlabelled))
    return photos


def _labelled(boxes: list[list[Any]]) -> tuple[Labelled, ...]:
    """``[x, y, width, height, character]``, the sides perhaps fractional -> digits; operators are left out."""
    return tuple(Labelled(Box(*(round(v) for v in box[:4])), int(box[4])) for box in boxes if box[4].isdigit())


def is_letter_photo(photo: Photo) -> bool:
    """Whether it shows one letter that looks like no digit."""
    text = "".join(photo.lines)
    return photo.truth is None and len(text) == 1 and text.isalpha() and text not in LOOK_ALIKES


def load_amounts(data_dir: Path, held_back: bool = True) -> list[Amount]:
    """ORAND-CAR-A: the fifth kept for measuring, or the rest. Pictures without any box are left out.

    Raises:
        SourceError: annotations or a picture are missing or damaged.
    """
    folder = data_dir / "orand_car_a"
    truth = _read_json(folder / "annotations" / "instances_train2017.json")
    boxes: dict[int, list[Labelled]] = defaultdict(list)
    for item in truth["annotations"]:
        boxes[item["image_id"]].append(Labelled(Box(*(round(v) for v in item["bbox"])), item["category_id"]))
    amounts = []
    for item in truth["images"]:
        if cheque_held_back(item["file_name"]) != held_back or not boxes[item["id"]]:
            continue
        image = read_picture(folder / "images" / "train2017" / item["file_name"])
        digits = tuple(sorted(boxes[item["id"]], key=lambda d: d.box.center[0]))
        amounts.append(Amount(item["file_name"], image, digits, "".join(str(d.digit) for d in digits)))
    return amounts


def load_pairs(path: Path) -> tuple[Image, NDArray[np.int64]]:
    """Pictures and digits of an ``.npz`` with ``x`` and ``y``.

    Raises:
        SourceError: it is not there, or damaged.
    """
    if not path.is_file():
        raise SourceError(f"{path} is not there. Check --data-dir.")
    return load_digits(path)


def _read_json(path: Path) -> Any:  # noqa: ANN401 - each file has its own shape
    if not path.is_file():
        raise SourceError(f"{path} is not there. Check --data-dir.")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SourceError(f"{path} is no valid JSON ({error}). Get the file again.") from error


def stranger_glyphs(data_dir: Path, held_back: bool) -> list[Image]:
    """Pictures of letters and symbols that look like no digit, from the part kept for measuring or the other."""
    glyphs: list[Image] = []
    for name, keep in (("letters.npz", _keep_letter), ("symbols.npz", _keep_symbol)):
        path = data_dir / name
        if path.is_file():
            x, y = load_pictures(path)
            glyphs += [x[i] for i in range(len(y)) if keep(i, str(y[i])) == held_back]
    return glyphs


def _keep_letter(index: int, letter: str) -> bool | None:
    return None if letter in LOOK_ALIKES else index % LETTER_WRITERS in HELD_BACK_WRITERS


def _keep_symbol(_: int, name: str) -> bool | None:
    return None if name in UNCLEAR_SYMBOLS or "." in name else name in HELD_BACK_SYMBOLS
