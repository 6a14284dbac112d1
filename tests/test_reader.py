"""Picture -> Reading, on pictures drawn here: light, size, colour, polarity, noise; and on any picture at all."""

import re
import subprocess
import sys

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from digitrec import Recognizer
from digitrec.ink import clear_rim, ink_level
from digitrec.polarity import polarity_of
from digitrec.results import Hint
from digitrec.tint import is_tinted, make_neutral
from tests.camtools import page
from tests.shared import ROOT, shared_file


@pytest.fixture(scope="session")
def recognizer() -> Recognizer:
    return Recognizer()


@pytest.fixture(scope="session")
def hand() -> dict[int, np.ndarray]:
    """One clear handwritten digit of each kind, bright on black, 28x28."""
    with np.load(shared_file("mnist.npz")) as file:
        x, y = file["x_test"][:400], file["y_test"][:400]
    # The most filled of each kind in the middle of the file: no thin or broken ones.
    return {d: max(x[y == d][:12], key=lambda p: float((p > 128).sum())) for d in range(10)}


def written(
    hand, text: str, *, height: int = 60, ink=(40, 30, 30), paper=(225, 228, 230), size=(640, 360)
) -> np.ndarray:
    """``text`` in the given hand in the middle of a sheet; ``height`` of the 28x28 cell's ink."""
    side = round(height * 28 / 20)
    sheet = np.zeros((size[1], size[0]), np.float32)
    x = (size[0] - len(text) * round(side * 0.85)) // 2
    y = (size[1] - side) // 2
    for char in text:
        cell = cv2.resize(hand[int(char)], (side, side), interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
        part = sheet[y : y + side, x : x + side]
        np.maximum(part, cell[: part.shape[0], : part.shape[1]], out=part)
        x += round(side * 0.85)
    cover = np.clip((sheet[..., None] - 0.3) / 0.4, 0, 1)
    return (np.array(paper) * (1 - cover) + np.array(ink) * cover).astype(np.uint8)


def texts(recognizer: Recognizer, image: np.ndarray) -> list[str]:
    return [n.text for n in recognizer.read(image).numbers]


@pytest.mark.parametrize("stroke", [8, 30, 46, 58])
def test_a_digit_that_fills_the_picture_with_any_pen(recognizer, stroke) -> None:
    """Where broad strokes cross, the blot is wider than any stroke: paper must not be made of it."""
    picture = np.full((409, 368, 3), 255, np.uint8)
    for centre, axes in (((184, 120), (66, 62)), ((184, 285), (90, 80))):
        cv2.ellipse(picture, centre, axes, 0, 0, 360, (30, 30, 30), stroke, cv2.LINE_AA)
    assert texts(recognizer, picture) == ["8"]


@pytest.mark.parametrize("grey", [30, 110, 165])
def test_a_digit_of_a_broad_pen_beside_fine_writing(recognizer, hand, grey) -> None:
    """The finest level is sure of all that it sees there, and does not see the broad pen's digit."""
    fine, broad = (
        written(hand, "2026", size=(640, 720)),
        written(hand, "3", height=500, ink=(grey,) * 3, size=(640, 720)),
    )
    assert sorted(texts(recognizer, np.hstack([broad, fine]))) == ["2026", "3"]


@pytest.mark.parametrize("text", ["0123", "4567", "8902"])
def test_reads_a_line(recognizer, hand, text) -> None:
    assert texts(recognizer, written(hand, text)) == [text]


def test_a_page_full_of_numbers_is_read_whole(recognizer, hand) -> None:
    """Of more shapes than a frame usually has all are looked at, for they are digits."""
    row = written(hand, "20364857902436598072", height=24, size=(1280, 60))
    page = np.vstack([row] * 24)
    assert len(recognizer.read(page).digits) == 480


@pytest.mark.parametrize("height", [14, 24, 100, 300])
def test_size_does_not_matter(recognizer, hand, height) -> None:
    assert texts(recognizer, written(hand, "2", height=height, size=(1280, 720))) == ["2"]


@pytest.mark.parametrize("ink", [(40, 40, 210), (60, 150, 60), (190, 60, 30), (30, 140, 240), (150, 150, 150)], ids=str)
def test_colour_of_the_ink_does_not_matter(recognizer, hand, ink) -> None:
    assert texts(recognizer, written(hand, "3507", ink=ink)) == ["3507"]


PENCIL, PEN, BLACK_PEN, WHITE_PEN = (128, 128, 128), (170, 70, 30), (30, 30, 30), (245, 245, 245)
YELLOW, PINK, CYAN, KRAFT, RED, GREEN = (
    (60, 220, 240),
    (190, 170, 250),
    (220, 210, 60),
    (110, 150, 180),
    (40, 40, 200),
    (50, 150, 40),
)


@pytest.mark.parametrize("ink", [PENCIL, PEN, BLACK_PEN, WHITE_PEN, RED, GREEN], ids=str)
@pytest.mark.parametrize("paper", [YELLOW, PINK, CYAN, KRAFT, RED, GREEN], ids=str)
def test_any_ink_on_a_sticky_note(recognizer, hand, ink, paper) -> None:
    """A yellow note is as dark as a pencil in its darkest channel, and a red one as light as a green pen in grey."""
    if ink != paper:
        rng = np.random.default_rng(5)
        image = written(hand, "4071", ink=ink, paper=paper) + rng.normal(0, 2, (360, 640, 3))
        assert texts(recognizer, np.clip(image, 0, 255).astype(np.uint8)) == ["4071"]


def test_a_broad_red_marker_is_no_red_paper(recognizer, hand) -> None:
    image = written(hand, "8", height=480, ink=(40, 40, 210), size=(900, 700))
    assert texts(recognizer, image) == ["8"]


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (2, 3), (60, 300)])
def test_tint_of_any_size(size) -> None:
    planes = [np.full(size, value, np.uint8) for value in (60, 220, 240)]
    assert is_tinted(planes)
    make_neutral(planes)
    assert all(plane.min() >= 238 for plane in planes)
    assert not is_tinted([np.full(size, 200, np.uint8)] * 3)


def test_chalk_on_a_blackboard(recognizer, hand) -> None:
    image = written(hand, "2026", ink=(225, 230, 230), paper=(50, 60, 45))
    assert polarity_of(np.ascontiguousarray(image[..., 1])).light_on_dark
    assert texts(recognizer, image) == ["2026"]


def test_hard_shadow_across_the_number(recognizer, hand) -> None:
    image = written(hand, "7425").astype(np.float32)
    image[:, 300:] *= 0.5
    assert texts(recognizer, image.astype(np.uint8)) == ["7425"]


@pytest.mark.parametrize("edge", [226, 240, 256, 261])
def test_faint_ink_on_the_bright_side_of_a_shadows_edge_is_ink(edge: int) -> None:
    """Upright pencil lines every 16 px; a hard shadow ends between two of them."""
    sheet = np.full((360, 480), 228, np.float32)
    lines = list(range(40, 440, 16))
    for x in lines:
        sheet[60:300, x : x + 2] *= 0.72
    sheet[:, :edge] *= 0.45
    level = ink_level(cv2.GaussianBlur(sheet, (0, 0), 0.7).astype(np.uint8), 1.0)
    found = [level.mask[80:280, x : x + 2].any(axis=1).mean() for x in lines]
    assert min(found) > 0.95, dict(zip(lines, np.round(found, 2), strict=True))


def test_faint_ink_on_dim_shaded_paper_is_not_taken_for_chalk() -> None:
    rng = np.random.default_rng(2)
    sheet = np.full((720, 960), 66, np.float32)
    for _ in range(40):
        x, y = int(rng.integers(60, 850)), int(rng.integers(60, 640))
        cv2.ellipse(sheet, (x, y), (9, 14), 0, 0, 300, 50, 2, cv2.LINE_AA)
    sheet[300:, :] *= 0.6
    sheet += rng.normal(0, 1.5, sheet.shape)
    assert not polarity_of(np.clip(sheet, 0, 255).astype(np.uint8)).light_on_dark
    for x in range(60, 900, 60):
        cv2.line(sheet, (x, 200), (x + 20, 160), 190, 3, cv2.LINE_AA)
    assert polarity_of(np.clip(sheet, 0, 255).astype(np.uint8)).light_on_dark


@pytest.mark.parametrize("scale", [1, 3, 8, 16])
@pytest.mark.parametrize("digit", range(10))
def test_a_light_digit_that_fills_the_picture(recognizer, hand, digit, scale) -> None:
    """As in the data sets: its strokes are too broad for thin structures, however the picture is scaled."""
    picture = cv2.resize(hand[digit], None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    assert texts(recognizer, picture) == [str(digit)]


def test_a_small_white_sheet_on_a_dark_table(recognizer, hand) -> None:
    """All that is broad and light there is the sheet, and the writing is what is dark on it."""
    table = np.full((720, 1280, 3), 38, np.uint8)
    table[220:460, 440:800] = written(hand, "407", size=(360, 240))
    assert polarity_of(np.ascontiguousarray(table[..., 1])).doubtful
    assert texts(recognizer, table) == ["407"]


@pytest.mark.parametrize("side", range(4))
@pytest.mark.parametrize(("size", "thick", "cleared"), [(60, 1, True), (60, 3, True), (60, 8, False), (28, 2, False)])
def test_a_rule_along_the_rim_is_no_ink(side: int, size: int, thick: int, cleared: bool) -> None:
    mask = np.zeros((size, size), np.uint8)
    edge = np.rot90(mask, side)
    edge[:thick] = 255
    edge[: size // 2, 20:23] = 255
    clear_rim(mask)
    assert edge[:thick].any() != cleared
    assert (edge[thick : size // 2, 20:23] == 255).all()


def test_a_digit_that_stands_on_the_rim_of_a_form(recognizer, hand) -> None:
    image = written(hand, "0", height=60)
    ink = np.argwhere(image.min(axis=2) < 128)
    form = image[ink[:, 0].min() - 8 : ink[:, 0].max() + 2, ink[:, 1].min() - 60 : ink[:, 1].max() + 60].copy()
    form[-2:] = 80
    assert texts(recognizer, form) == ["0"]


def test_dim_and_noisy(recognizer, hand) -> None:
    dim = written(hand, "60325", height=80).astype(np.float32) * 0.25
    noisy = dim + np.random.default_rng(1).normal(0, 4, dim.shape)
    assert texts(recognizer, np.clip(noisy, 0, 255).astype(np.uint8)) == ["60325"]


def test_ruled_paper(recognizer, hand) -> None:
    rules = np.full((360, 640, 3), 255, np.uint8)
    for y in range(20, 360, 45):
        cv2.line(rules, (0, y), (639, y), (190, 150, 130), 2)
    image = np.minimum(written(hand, "58203", height=70), rules)
    assert texts(recognizer, image) == ["58203"]


def test_boxes_are_tight_around_the_ink(recognizer, hand) -> None:
    image = written(hand, "5", height=120)
    ink = np.argwhere(image[..., 1] < 130)
    (top, left), (bottom, right) = ink.min(0), ink.max(0)
    box = recognizer.read(image).digits[0].box
    assert abs(box.x - left) <= 2
    assert abs(box.y - top) <= 2
    assert abs(box.x + box.width - 1 - right) <= 2
    assert abs(box.y + box.height - 1 - bottom) <= 2


def test_grey_and_colour_pictures_read_the_same(recognizer, hand) -> None:
    image = written(hand, "4711", ink=(30, 30, 30), paper=(220, 220, 220))
    assert texts(recognizer, np.ascontiguousarray(image[..., 0])) == texts(recognizer, image) == ["4711"]


def test_probabilities_and_crops_come_with_the_digits(recognizer, hand) -> None:
    digit = recognizer.read(written(hand, "8")).digits[0]
    assert len(digit.probabilities) == 11
    assert sum(digit.probabilities) == pytest.approx(1, abs=1e-3)
    assert digit.probabilities[8] == pytest.approx(digit.confidence)
    assert digit.crop is not None
    assert digit.crop.shape == (28, 28)
    assert recognizer.classify(digit.crop[None]).argmax() == 8


@pytest.mark.parametrize(
    ("name", "hint"), [("black", Hint.TOO_DARK), ("white", Hint.TOO_BRIGHT), ("grey", Hint.NO_INK)]
)
def test_says_why_nothing_is_read(recognizer, name, hint) -> None:
    level = {"black": 5, "white": 255, "grey": 170}[name]
    reading = recognizer.read(np.full((360, 640, 3), level, np.uint8))
    assert reading.digits == ()
    assert reading.hint is hint


def test_says_out_of_focus(recognizer, hand) -> None:
    reading = recognizer.read(cv2.GaussianBlur(written(hand, "58", height=60), (0, 0), 16))
    assert reading.digits == ()
    assert reading.hint is Hint.OUT_OF_FOCUS


def test_says_that_the_limit_is_too_high() -> None:
    reading = Recognizer(min_confidence=1).read(page("714"))
    assert reading.digits == ()
    assert reading.hint is Hint.UNSURE
    assert re.fullmatch(r"0\.\d{3}, the limit is 1", reading.hint_detail)


def test_only_shapes_that_are_no_digits(recognizer) -> None:
    image = np.full((360, 640, 3), 220, np.uint8)
    cv2.rectangle(image, (200, 100), (440, 250), (30, 30, 30), 5)
    reading = recognizer.read(image)
    assert reading.digits == ()
    assert reading.hint is Hint.NO_DIGITS
    assert reading.rejects


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    hnp.arrays(
        np.uint8,
        st.one_of(
            st.tuples(st.integers(1, 70), st.integers(1, 70), st.just(3)),
            st.tuples(st.integers(1, 300), st.integers(1, 3)),
            st.tuples(st.integers(1, 3), st.integers(1, 300), st.just(3)),
        ),
    )
)
def test_any_picture_gives_a_sound_reading(image) -> None:
    reading = _RECOGNIZER.read(image)
    height, width = image.shape[:2]
    assert reading.size == (width, height)
    for digit in reading.digits:
        x, y, w, h = digit.box
        assert 0 <= x < x + w <= width
        assert 0 <= y < y + h <= height
        assert 0 <= digit.digit <= 9
        assert 0 <= digit.confidence <= 1
    assert [d for n in reading.numbers for d in n.digits] == list(reading.digits)
    assert (reading.hint is None) == bool(reading.digits)


_RECOGNIZER = Recognizer()


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 10000, 3), (10000, 1, 3), (2000, 3000, 3)], ids=str)
def test_extreme_sizes(recognizer, shape) -> None:
    recognizer.read(np.random.default_rng(0).integers(0, 255, shape, np.uint8))


def test_tensorflow_is_never_imported_at_run_time() -> None:
    code = (
        "import sys, numpy as np, digitrec;"
        "digitrec.Recognizer().read(np.zeros((40, 40, 3), np.uint8));"
        "sys.exit(any(m.split('.')[0] in {'tensorflow', 'keras'} for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
