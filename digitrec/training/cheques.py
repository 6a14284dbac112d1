"""The trained part of ORAND-CAR-A: amounts on bank cheques, with a box around each digit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from digitrec.errors import SourceError
from digitrec.results import Box, Image
from digitrec.training.data import cheque_held_back


def load_cheques(data_dir: Path) -> Iterator[tuple[int, Image, list[tuple[Box, int]]]]:
    """The pictures that are not held back and have boxes; none where the set is missing.

    Yields:
        The picture's number, uint8 (H, W, 3) BGR, and its digits with their boxes.

    Raises:
        SourceError: a picture that the notes name cannot be read.
    """
    folder = data_dir / "orand_car_a"
    notes = folder / "annotations" / "instances_train2017.json"
    if not notes.is_file():
        return
    truth = json.loads(notes.read_text())
    boxes: dict[int, list[tuple[Box, int]]] = {}
    for note in truth["annotations"]:
        boxes.setdefault(note["image_id"], []).append((Box(*map(int, note["bbox"])), int(note["category_id"])))
    for entry in truth["images"]:
        if cheque_held_back(entry["file_name"]) or entry["id"] not in boxes:
            continue
        path = folder / "images" / "train2017" / entry["file_name"]
        image = cv2.imread(str(path))
        if image is None:
            raise SourceError(f"{path} is no picture that can be read. Check --data-dir.")
        yield int(entry["id"]), np.asarray(image, np.uint8), boxes[entry["id"]]
