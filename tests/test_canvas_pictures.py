"""A picture on the canvas, with and without strokes on it, is read as before a camera."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from digitrec.canvas.margin import MARGIN_PX, read_drawing
from digitrec.canvas.pictures import GIVE, load_picture
from digitrec.canvas.render import picture_of
from digitrec.canvas.saving import load_drawing
from digitrec.canvas.strokes import Drawing, Picture, Stroke
from digitrec.errors import SourceError
from digitrec.recognizer import Recognizer
from digitrec.results import Box, Digit, Reading, Reject

SAMPLES = Path(__file__).resolve().parent.parent / "samples"


class Pixels:
    """Answers one digit around all dark pixels, and keeps what it is given to read."""

    def read(self, image: np.ndarray, drawn: bool = False) -> Reading:
        self.seen, self.drawn = image, drawn
        rows, columns = np.nonzero(image[..., 0] < 128)
        box = Box(int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
        return Reading((Digit(box, 1, 0.9),), (), (image.shape[1], image.shape[0]), ())


def test_a_picture_is_read_as_it_is() -> None:
    """As cam.py reads it: white around a photo looked like a sheet, and digits were read on things beside the paper."""
    photo = np.full((90, 160, 3), 140, np.uint8)
    photo[20:60, 40:50] = 30
    drawing = Drawing((), Picture(photo, "photo.jpg", 2.0))
    reader = Pixels()
    reading = read_drawing(reader, drawing, picture_of(drawing, (320, 180)))
    assert (reader.seen == photo).all()
    assert not reader.drawn
    assert reading.digits[0].box == Box(40, 20, 10, 40)


def test_nothing_on_a_picture_is_a_digit_because_it_is_on_the_canvas() -> None:
    bare = Reject(Box(40, 20, 10, 40), "not a digit", (0.0, 0.3, *[0.0] * 8, 0.7))

    class Doubtful:
        def read(self, image: np.ndarray, drawn: bool = False) -> Reading:
            return Reading((), (), (image.shape[1], image.shape[0]), (bare,))

    photo = Picture(np.full((90, 160, 3), 140, np.uint8), "photo.jpg")
    for drawing in (Drawing((), photo), Drawing((Stroke(((100, 20), (100, 60)), 6),), photo)):
        assert read_drawing(Doubtful(), drawing, picture_of(drawing, (160, 90))).digits == ()


def test_a_stroke_at_a_pictures_edge_is_read_with_the_pictures_own_rim_around_it() -> None:
    photo = np.full((90, 160, 3), 180, np.uint8)
    photo[:, :80] = 150
    drawing = Drawing((Stroke(((100, 20), (100, 99)), 10),), Picture(photo, "photo.jpg"))  # over the lower edge
    reader = Pixels()
    reading = read_drawing(reader, drawing, picture_of(drawing, (160, 90)))
    m = MARGIN_PX
    assert reader.seen.shape == (90 + 2 * m, 160 + 2 * m, 3)
    assert (reader.seen[:m, : 80 + m] == 150).all() and (reader.seen[-m:, 80 + m :] == 180).all()
    assert reading.size == (160, 90)
    assert reading.digits[0].box == Box(95, 15, 10, 75)


def test_a_stroke_inside_a_picture_leaves_the_rest_of_it_as_it_is() -> None:
    photo = Picture(np.full((90, 160, 3), 180, np.uint8), "photo.jpg", 2.0)
    inside, rubbed = Stroke(((160, 80), (160, 100)), 10), Stroke(((10, 10), (10, 100)), 30, erases=True)
    reader = Pixels()
    read_drawing(reader, Drawing((inside, rubbed), photo), picture_of(Drawing((inside, rubbed), photo), (1, 1)))
    assert reader.seen.shape == (90, 160, 3)


@pytest.mark.parametrize("name", ["plain.jpg", "squared_shadow.jpg"])
def test_a_sample_on_the_canvas_is_read_as_by_cam(name: str) -> None:
    path = SAMPLES / name
    drawing, recognizer = Drawing((), Picture(load_picture(path), name, 0.3)), Recognizer()
    reading = read_drawing(recognizer, drawing, picture_of(drawing, (1, 1)))
    assert reading == recognizer.read(load_picture(path))
    assert reading.digits


@pytest.mark.parametrize("name", ["missing.png", "folder.png", "letter.txt", "torn.png", "torn.mp4", "numbers.json"])
def test_all_that_cannot_be_opened_is_told_alike_what_can(tmp_path: Path, name: str) -> None:
    if name.startswith("folder"):
        (tmp_path / name).mkdir()
    elif not name.startswith("missing"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(SourceError) as caught:
        load_drawing(tmp_path / name) if name.endswith("json") else load_picture(tmp_path / name)
    assert caught.value.message.startswith(str(tmp_path / name))
    assert caught.value.message.endswith(f". {GIVE}")
