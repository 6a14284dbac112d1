"""What the canvas renders, reads in the background, saves and collects: no window."""

from __future__ import annotations

import csv
import json
import threading
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digitrec.canvas.collect import COLUMNS, Collection
from digitrec.canvas.margin import MARGIN_PX, read_drawing, read_with_margin, reduction
from digitrec.canvas.marks import Correction, Kind, Mark
from digitrec.canvas.reader import Reader
from digitrec.canvas.render import Raster, colours, picture_of, reading_size
from digitrec.canvas.saving import Saved, load_drawing, save
from digitrec.canvas.strokes import Drawing, Picture, Stroke
from digitrec.errors import OutputError, SourceError
from digitrec.results import Box, Digit, Number, Reading, Reject

PAPER = (200.0, 120.0)
CORRECTED = '{"paper": [100, 100], "strokes": [], "corrections": [%s]}'
LINE = Stroke(((20.0, 60.0), (180.0, 60.0)), 10.0)


def dark(image: np.ndarray) -> np.ndarray:
    return image[..., 0] < 128


# -- rendering -------------------------------------------------------------------------------------------------


def test_a_stroke_is_dark_on_white_round_and_as_wide_as_its_brush():
    image = picture_of(Drawing((LINE,)), PAPER)
    assert image.shape == (120, 200, 3)
    assert image.dtype == np.uint8
    assert image[0, 0].tolist() == [255, 255, 255]
    assert dark(image)[:, 100].sum() == 10
    rows, columns = np.nonzero(dark(image))
    assert (columns.min(), columns.max()) == (15, 184)  # half the brush beyond the ends: round caps
    assert (rows.min(), rows.max()) == (55, 64)
    assert dark(image)[55, 15:18].sum() == 0  # the corners of the caps are empty
    assert 0 < ((image > 40) & (image < 240)).sum() < 1000  # the edge is smooth, and an edge only


@pytest.mark.parametrize("width", [1, 2, 3, 12, 40])
def test_a_click_is_a_round_dot(width):
    image = picture_of(Drawing((Stroke(((100, 60),), width),)), PAPER)
    ink = (255 - image[..., 0].astype(float)) / (255 - 28)
    assert ink.sum() == pytest.approx(np.pi * width**2 / 4, rel=0.1, abs=0.4)


def test_the_eraser_takes_ink_away():
    image = picture_of(Drawing((LINE, Stroke(((100, 20), (100, 100)), 20, erases=True))), PAPER)
    assert not dark(image)[:, 92:108].any()
    assert dark(image)[60, 30:80].all()


def test_a_bigger_scale_is_sharper_not_blown_up():
    small, large = Raster((200, 120), 1.0), Raster((400, 240), 2.0)
    for raster in (small, large):
        raster.show(Drawing((LINE,)))
    assert dark(large.image)[:, 200].sum() == 20
    grey = (large.image[:, 200, 0] > 40) & (large.image[:, 200, 0] < 240)
    assert grey.sum() <= 2


strokes = st.builds(
    Stroke,
    st.lists(st.tuples(st.integers(-10, 210), st.integers(-10, 130)), min_size=1, max_size=6).map(
        lambda p: tuple((float(x), float(y)) for x, y in p)
    ),
    st.integers(1, 40).map(float),
    st.booleans(),
)
steps = st.lists(st.one_of(strokes, st.sampled_from(["undo", "clear"])), min_size=1, max_size=8)


def same_picture(image: np.ndarray, drawing: Drawing) -> bool:
    """Equal but for a stroke's edge where it is cut by the region that was painted: OpenCV shifts it by 1/8 px."""
    difference = np.abs(image.astype(int) - picture_of(drawing, PAPER)).max(axis=2)
    return difference.max() <= 48 and (difference > 2).mean() < 0.01


@settings(deadline=None, max_examples=30)
@given(steps, strokes)
def test_an_updated_picture_equals_one_drawn_anew(changes, live):
    """Whatever is drawn, undone and cleared, with or without a stroke under way."""
    raster, drawing = Raster((200, 120), 1.0), Drawing()
    for change in changes:
        if change == "undo":
            drawing = Drawing(drawing.strokes[:-1])
        elif change == "clear":
            drawing = Drawing()
        else:
            for known in range(1, len(change.points) + 1):
                raster.show(drawing, (Stroke(change.points[:known], change.width, change.erases),))
            drawing = drawing.add(change)
        before = raster.image.copy()
        left, top, right, bottom = raster.show(drawing)
        assert same_picture(raster.image, drawing)
        before[top:bottom, left:right] = raster.image[top:bottom, left:right]
        assert (before == raster.image).all()  # nothing outside the region that was named
    raster.show(drawing, (live,))
    raster.show(drawing)
    assert same_picture(raster.image, drawing)


def test_a_picture_is_read_at_its_own_size_and_written_on_in_a_visible_colour():
    board = Picture(np.full((900, 1600, 3), 40, np.uint8), "board.png", 0.25)
    assert reading_size(Drawing((), board), board.size) == (1600, 900, 4.0)
    image = picture_of(Drawing((LINE,), board), board.size)
    assert image.shape == (900, 1600, 3)
    assert image[240, 400].min() > 200
    assert colours(board)[0] == (40, 40, 40)


# -- reading in the background ---------------------------------------------------------------------------------


class Slow:
    """A recognizer that waits to be let on, and remembers what it was given."""

    def __init__(self) -> None:
        self.go = threading.Semaphore(0)
        self.started = threading.Semaphore(0)
        self.inks: list[int] = []

    def read(self, image: np.ndarray, drawn: bool = False) -> Reading:
        self.started.release()
        assert self.go.acquire(timeout=20)
        self.inks.append(int(dark(image).sum()))
        return Reading((), (), (image.shape[1], image.shape[0]))


def dots(count: int) -> Drawing:
    return Drawing(tuple(Stroke(((20.0 * i + 10, 20.0),), 10.0) for i in range(count)))


def test_the_newest_drawing_wins_and_asking_never_waits():
    slow, told = Slow(), threading.Semaphore(0)
    reader = Reader(slow, told.release)
    try:
        reader.request(dots(1), PAPER)
        assert slow.started.acquire(timeout=20)
        assert reader.take() is None
        for count in (2, 3, 4):  # while the first is being read
            reader.request(dots(count), PAPER)
        assert reader.is_busy
        slow.go.release()
        slow.go.release()
        assert told.acquire(timeout=20)
        assert told.acquire(timeout=20)
        answer = reader.take()
        assert answer is not None
        assert len(answer.drawing.strokes) == 4
        assert slow.inks == [slow.inks[0], 4 * slow.inks[0]]  # 2 and 3 were never read
    finally:
        reader.close()


def test_what_the_recognizer_raises_reaches_the_main_thread():
    class Broken:
        def read(self, image: np.ndarray, drawn: bool = False) -> Reading:
            raise ZeroDivisionError("in the thread")

    told = threading.Semaphore(0)
    reader = Reader(Broken(), told.release)
    try:
        reader.request(dots(1), PAPER)
        assert told.acquire(timeout=20)
        with pytest.raises(ZeroDivisionError, match="in the thread"):
            reader.take()
    finally:
        reader.close()


# -- saving ----------------------------------------------------------------------------------------------------


def a_reading() -> Reading:
    digit = Digit(Box(15, 55, 170, 10), 1, 0.98765)
    return Reading((digit,), (Number(digit.box, "1", 0.98765, (digit,)),), (200, 120))


def test_save_and_open_again(tmp_path):
    drawing = Drawing((LINE, Stroke(((1.5, 2.25),), 7.0, erases=True)))
    image = picture_of(drawing, PAPER)
    png = save(tmp_path / "new" / "folder", image, a_reading(), Saved(drawing, PAPER))
    assert png.name == "drawing-001.png"
    assert (cv2.imread(str(png)) == image).all()
    text = png.with_suffix(".json").read_text()
    assert text.count("\n") == 1  # one JSONL line
    record = json.loads(text)
    assert record["source"] == "drawing-001.png"
    assert (record["frame"], record["time_s"], record["size"]) == (0, 0.0, [200, 120])
    assert record["digits"] == [{"id": None, "box": [15, 55, 170, 10], "digit": 1, "confidence": 0.9877}]
    assert record["numbers"][0]["text"] == "1"
    assert record["numbers"][0]["words"] == "one"
    assert load_drawing(png.with_suffix(".json")) == Saved(drawing, PAPER)
    assert sorted(p.name for p in png.parent.iterdir()) == ["drawing-001.json", "drawing-001.png"]


def test_corrections_are_saved_and_opened_again(tmp_path):
    crop = np.arange(784, dtype=np.uint8).reshape(28, 28)
    corrections = Correction(Box(15, 55, 170, 10), 7, crop), Correction(Box(0, 0, 9, 9), 2)
    drawing = Drawing((LINE,))
    png = save(tmp_path, picture_of(drawing, PAPER), a_reading(), Saved(drawing, PAPER, corrections))
    opened = load_drawing(png.with_suffix(".json")).corrections
    assert opened == corrections
    assert opened[0].crop is not None and (opened[0].crop == crop).all()
    assert opened[1].crop is None


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "drawing-001.png").write_text("mine")
    (tmp_path / "drawing-002.json").write_text("mine too")
    image = picture_of(Drawing((LINE,)), PAPER)
    names = [save(tmp_path, image, a_reading(), Saved(Drawing((LINE,)), PAPER)).name for _ in range(2)]
    assert names == ["drawing-003.png", "drawing-004.png"]
    assert (tmp_path / "drawing-001.png").read_text() == "mine"
    assert (tmp_path / "drawing-002.json").read_text() == "mine too"


def test_the_picture_under_the_strokes_is_kept(tmp_path):
    picture = Picture(np.random.default_rng(0).integers(0, 255, (60, 100, 3), dtype=np.uint8), "in.png", 2.0)
    drawing = Drawing((LINE,), picture)
    png = save(tmp_path, picture_of(drawing, picture.size), a_reading(), Saved(drawing, picture.size))
    opened, paper, _ = load_drawing(png.with_suffix(".json"))
    assert paper == (200, 120)
    assert opened.picture is not None
    assert (opened.picture.image == picture.image).all()
    assert opened.strokes == drawing.strokes


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"cannot write to .*file") as caught:
        save(tmp_path / "file", picture_of(Drawing((LINE,)), PAPER), a_reading(), Saved(Drawing((LINE,)), PAPER))
    assert caught.value.exit_code == 6


def test_a_full_disk_leaves_no_half_files(tmp_path, monkeypatch):
    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("digitrec.canvas.saving.os.fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        save(tmp_path, picture_of(Drawing((LINE,)), PAPER), a_reading(), Saved(Drawing((LINE,)), PAPER))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        ("\x89PNG", "not JSON"),
        ("[" * 100_000, "not a drawing"),
        ("[]", "not a drawing"),
        ("{}", "'paper' is missing"),
        ('{"paper": [100, 1e9], "strokes": []}', "outside 1 to 20000"),
        ('{"paper": [100, 100], "strokes": [{"points": [], "width": 5, "erases": false}]}', "without points"),
        ('{"paper": [100, 100], "strokes": [{"points": [[1, NaN]], "width": 5, "erases": false}]}', "nan is no number"),
        ('{"paper": [100, 100], "strokes": [{"points": [["1", 2]], "width": 5, "erases": false}]}', "'1' is no number"),
        ('{"paper": [100, 100], "strokes": [{"points": [[1, 2]], "width": 1e6, "erases": 0}]}', "outside 0.1 to"),
        ('{"paper": [100, 100], "strokes": [], "background": {"file": "../x.png", "scale": 1}}', "x.png"),
        (CORRECTED % '{"box": [1, 2, 3], "digit": 4}', "not enough values"),
        (CORRECTED % '{"box": [1, 2, 3, 4], "digit": 11}', "outside 0 to 9"),
        (CORRECTED % '{"box": [1, 2, 3, 4], "digit": 1, "crop": "AAAA"}', "a crop of 3 pixels"),
        (CORRECTED % '{"box": [1, 2, 3, 4], "digit": 1, "crop": 5}', "not a drawing"),
    ],
)
def test_a_json_that_is_no_drawing_is_refused(tmp_path, text, reason):
    path = tmp_path / "drawing.json"
    path.write_text(text)
    with pytest.raises(SourceError) as caught:
        load_drawing(path)
    assert reason in caught.value.message
    assert "\n" not in caught.value.message


# -- collecting ------------------------------------------------------------------------------------------------


def a_mark(shade: int, predicted: int = 1) -> Mark:
    crop = np.full((28, 28), shade, np.uint8)
    return Mark(Box(0, 0, 10, 10), Kind.READ, predicted, predicted, 0.83125, "", (), crop)


def rows_of(folder) -> list[dict[str, str]]:
    with (folder / "labels.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_corrected_digits_are_kept_with_their_labels(tmp_path):
    folder = tmp_path / "hand"
    collection = Collection(folder)
    collection.add(a_mark(10), 7, "canvas")
    collection.add(a_mark(20, predicted=10), 4, 'odd, "name".png')
    assert (folder / "labels.csv").read_text().splitlines()[0] == ",".join(COLUMNS)
    rows = rows_of(folder)
    assert rows[0] == {
        "file": "digit-00001.png", "label": "7", "predicted": "1", "confidence": "0.8313", "source": "canvas",
    }  # fmt: skip
    assert (rows[1]["label"], rows[1]["predicted"], rows[1]["source"]) == ("4", "10", 'odd, "name".png')
    crop = cv2.imread(str(folder / rows[1]["file"]), cv2.IMREAD_UNCHANGED)
    assert crop.shape == (28, 28)
    assert (crop == 20).all()


def test_typing_another_label_replaces_the_first_and_later_runs_add(tmp_path):
    first = Collection(tmp_path)
    first.add(a_mark(10), 7, "canvas")
    first.add(a_mark(10), 9, "canvas")
    second = Collection(tmp_path)
    second.add(a_mark(30), 2, "canvas")
    first.add(a_mark(40), 3, "canvas")
    assert [(r["file"], r["label"]) for r in rows_of(tmp_path)] == [
        ("digit-00001.png", "9"),
        ("digit-00002.png", "2"),
        ("digit-00003.png", "3"),
    ]
    assert len(first) == 3


def test_another_labels_file_is_left_alone(tmp_path):
    (tmp_path / "labels.csv").write_text("name;class\n")
    with pytest.raises(OutputError, match=r"labels\.csv is not a list of collected digits"):
        Collection(tmp_path)
    assert (tmp_path / "labels.csv").read_text() == "name;class\n"


class Whole:
    """Answers one digit around all dark pixels."""

    def __init__(self) -> None:
        self.shape: tuple[int, ...] = ()

    def read(self, image: np.ndarray, drawn: bool = False) -> Reading:
        self.shape = image.shape
        rows, columns = np.nonzero(image.reshape(*image.shape[:2], -1)[:, :, 0] < 128)
        box = Box(int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
        digit = Digit(box, 1, 0.9)
        reject = Reject(Box(0, 0, 3, 3), "in the margin")
        size = image.shape[1], image.shape[0]
        return Reading((digit,), (Number(box, "1", 0.9, (digit,)),), size, (reject,))


def test_boxes_of_a_canvas_read_with_a_margin_are_those_of_the_canvas() -> None:
    for (height, width), drawn in (
        ((120, 200), Box(0, 10, 12, 60)),
        ((900, 1200), Box(700, 500, 30, 60)),
        ((900, 1200), Box(1190, 5, 10, 800)),
    ):
        canvas = np.full((height, width, 3), 255, np.uint8)
        canvas[drawn.y : drawn.y + drawn.height, drawn.x : drawn.x + drawn.width] = 0
        reading = read_with_margin(Whole(), canvas)
        assert reading.size == (width, height)
        assert reading.digits[0].box == reading.numbers[0].box == drawn
        assert reading.numbers[0].digits == reading.digits
        corner = reading.rejects[0].box
        assert 0 <= corner.x <= drawn.x
        assert 0 <= corner.y <= drawn.y
        assert corner[2:] == (1, 1)


@pytest.mark.parametrize(
    ("long", "width", "times"), [(40, 8, 1), (180, 8, 1), (200, 8, 2), (400, 8, 4), (400, 2, 2), (200, 1, 1)]
)
def test_large_drawings_are_read_smaller_and_boxes_are_those_of_the_canvas(long: int, width: int, times: int) -> None:
    drawing = Drawing((Stroke(((20, 30), (20, 30 + long)), width), Stroke(((20, 30), (20 + long, 30)), width)))
    assert reduction(drawing) == times
    canvas = picture_of(drawing, (808, 630))
    whole = Whole()
    box = read_drawing(whole, drawing, canvas).digits[0].box
    assert (whole.shape[0] - 2 * MARGIN_PX) * times == pytest.approx(min(630, 320 * times), abs=times)
    wanted = (20 - width / 2, 30 - width / 2, long + width, long + width)
    assert all(abs(found - true) <= times for found, true in zip(box, wanted, strict=True))


def test_what_may_be_small_is_read_at_full_size() -> None:
    large, dot = Stroke(((20, 30), (20, 430)), 10), Stroke(((300, 30),), 10)
    assert reduction(Drawing((large, large))) == 4
    assert reduction(Drawing((large, dot))) == 1
    assert reduction(Drawing((large, replace(large, erases=True)))) == 1
    assert reduction(Drawing((large,), Picture(np.zeros((9, 9, 3), np.uint8), "a photo"))) == 1
    assert reduction(Drawing()) == 1
