"""The canvas' model: strokes, undo, layout, keys, marks, session. No window, no pygame."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import digitrec.canvas
from digitrec.canvas.keys import HELP, Action, Key, action_for, digit_for
from digitrec.canvas.layout import MIN_WINDOW, Rect, lay_out, picture_viewport, plain_viewport
from digitrec.canvas.marks import Correction, Kind, corrected_reading, mark_at, marks_of, overlap
from digitrec.canvas.prompt import PathPrompt
from digitrec.canvas.session import Answer, Session
from digitrec.canvas.strokes import TREMOR, Drawing, History, Picture, Stroke, smooth
from digitrec.canvas.wording import percent, verdict, why_nothing
from digitrec.numbers import group
from digitrec.results import Box, Digit, Hint, Reading, Reject

points = st.lists(st.tuples(st.floats(-50, 900), st.floats(-50, 700)), min_size=1, max_size=40)


def test_the_model_needs_no_pygame():
    folder = Path(digitrec.canvas.__file__).parent
    window = {
        "app",
        "clipboard",
        "control",
        "display",
        "files",
        "markings",
        "panel",
        "popups",
        "theme",
        "view",
        "__init__",
    }
    modules = sorted({p.stem for p in folder.glob("*.py")} - window)
    assert {"strokes", "layout", "session", "marks", "render"} <= set(modules)
    code = f"import sys\nfor m in {modules}: __import__('digitrec.canvas.' + m)\nsys.exit('pygame' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- strokes ---------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(points)
def test_smooth_has_no_gaps_passes_every_point_and_stays_near(path):
    curve = smooth(path, 2.0)
    assert np.isfinite(curve).all()
    if len(curve) > 2:  # two points are a straight line already
        longest = max(math.dist(a, b) for a, b in pairwise(path))
        # 2 units a sample, and at most 200 samples for one leap of the pointer.
        assert np.linalg.norm(np.diff(curve, axis=0), axis=1).max() < max(2.0, longest / 200) * 3
    for point in path:
        assert np.linalg.norm(curve - point, axis=1).min() <= TREMOR + 0.01 + (2 if len(path) > 2 else 0)
    left, top, right, bottom = Stroke(tuple(path), 1).bounds
    reach = max(right - left, bottom - top) / 8 + 0.01  # what render.stroke_region allows for
    assert (curve >= (left - reach, top - reach)).all()
    assert (curve <= (right + reach, bottom + reach)).all()


def test_a_fast_circle_is_drawn_round():
    circle = [(100 + 50 * math.cos(t), 100 + 50 * math.sin(t)) for t in np.linspace(0, 2 * math.pi, 13)]
    radius = np.linalg.norm(smooth(circle) - (100, 100), axis=1)
    assert radius[10:-10].min() > 48.5  # straight lines between 12 points would cut in to 48.3
    assert radius.max() < 51


def test_whole_pixels_of_the_mouse_do_not_show():
    """A slow slanted line comes as a staircase of whole pixels."""
    stairs = [(float(x), float(round(x * 0.3))) for x in range(100)]
    drawn = smooth(stairs)
    assert np.abs(drawn[5:-5, 1] - 0.3 * drawn[5:-5, 0]).max() < 0.4
    assert np.abs(np.array(stairs)[:, 1] - 0.3 * np.array(stairs)[:, 0]).max() > 0.45


def test_undo_and_redo_walk_through_all_drawings():
    history = History()
    assert not history.undo()
    assert not history.redo()
    strokes = [Stroke(((float(i), 0.0),), 5) for i in range(3)]
    for stroke in strokes:
        history.change(history.now.add(stroke))
    assert history.undo()
    assert history.undo()
    assert history.now.strokes == (strokes[0],)
    assert history.redo()
    assert history.now.strokes == tuple(strokes[:2])
    history.change(Drawing())
    assert not history.can_redo  # a new step forgets what was undone
    assert history.undo()
    assert history.now.strokes == tuple(strokes[:2])


def test_extent_counts_the_brush_and_the_picture():
    drawing = Drawing((Stroke(((10, 20), (30, 5)), 8),))
    assert drawing.extent() == (34, 24)
    assert replace(drawing, picture=Picture(np.zeros((50, 40, 3), np.uint8), "p", 2.0)).extent() == (80, 100)
    assert Drawing().extent() == (0, 0)


# -- layout ----------------------------------------------------------------------------------------------------


@given(st.integers(100, 4000), st.integers(100, 2500), st.sampled_from([1.0, 1.25, 2.0, 3.0]))
def test_nothing_overlaps_and_everything_is_inside(width, height, scale):
    layout = lay_out((width, height), scale)
    whole = Rect(0, 0, max(width, round(MIN_WINDOW[0] * scale)), max(height, round(MIN_WINDOW[1] * scale)))
    parts = [*layout.buttons.values(), layout.brush, layout.paper, layout.status]
    parts += [layout.number, layout.crop, layout.chart]
    for part in parts:
        assert part.width > 0 and part.height > 0
        assert part.x >= 0 and part.y >= 0 and part.right <= whole.right and part.bottom <= whole.bottom
    for i, a in enumerate(parts):
        for b in parts[i + 1 :]:
            assert a.right <= b.x or b.right <= a.x or a.bottom <= b.y or b.bottom <= a.y, (a, b)
    for name, rect in layout.buttons.items():
        assert layout.button_at(*rect.center) == name


@given(st.integers(260, 4000), st.integers(180, 2500), st.sampled_from([0.5, 1.0, 1.25, 2.0, 4.0]))
def test_the_interface_fits_the_window(width, height, scale):
    """Half of the panel was out of reach with --scale 4, or in a window that was dragged smaller."""
    session = Session((width, height), scale)
    layout = session.layout
    assert session.scale <= scale
    for part in (*layout.buttons.values(), layout.paper, layout.status, layout.panel, layout.crop, layout.chart):
        assert part.right <= width + 1 and part.bottom <= height + 1
    session.resize((4000, 2500))
    assert session.scale == min(scale, 4.0)


def test_paper_grows_with_the_window_and_shrinks_only_to_keep_the_ink():
    area = Rect(10, 20, 800, 600)
    assert plain_viewport(area, 1.0, (0, 0)).paper == (800, 600)
    assert plain_viewport(area, 2.0, (0, 0)).paper == (400, 300)
    small = plain_viewport(area, 1.0, (1600, 100))
    assert small.zoom == 0.5
    assert small.to_window(1600, 0) == (810, 20)
    assert small.to_paper(*small.to_window(123, 45)) == pytest.approx((123, 45))


def test_a_picture_fills_the_area_in_its_own_form():
    viewport = picture_viewport(Rect(0, 0, 800, 600), (400, 100))
    assert viewport.zoom == 2
    assert viewport.area == Rect(0, 200, 800, 200)


# -- keys ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "action"),
    [
        (Key("z", "\x1a", ctrl=True), Action.UNDO),
        (Key("z", "\x1a", ctrl=True, shift=True), Action.REDO),
        (Key("y", "", ctrl=True), Action.REDO),
        (Key("e", "e"), Action.ERASER),
        (Key("[", "["), Action.THINNER),
        (Key("9", "]"), Action.THICKER),  # AltGr+9 on a German keyboard
        (Key("return", "\r"), Action.DONE),
        (Key("tab", "\t", shift=True), Action.FOCUS_BACK),
        (Key("s", "", ctrl=True), Action.SAVE),
        (Key("h", "h"), Action.HELP),
        (Key("x", "x"), None),
    ],
)
def test_keys(key, action):
    assert action_for(key) is action


def test_digits_are_typed_on_every_keyboard():
    assert digit_for(Key("7", "7")) == 7
    assert digit_for(Key("[7]", "7")) == 7
    assert digit_for(Key("&", "1")) == 1
    assert digit_for(Key("7", "&")) is None
    assert digit_for(Key("x", "\u0667")) is None


def test_help_names_every_key_of_the_issue():
    text = " ".join(f"{keys} {what}" for keys, what in HELP)
    for word in ("Ctrl+Z", "Ctrl+Y", "Ctrl+Shift+Z", "Ctrl+S", "Ctrl+O", "Ctrl+V", "Wheel", "[ and ]", "Tab", "Enter"):
        assert word in text


def test_prompt_completes_paths(tmp_path):
    for name in ("page one.png", "page two.png", ".hidden", "other.jpg"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    prompt = PathPrompt(f"{tmp_path}/p")
    assert prompt.matches() == ["page one.png", "page two.png"]
    prompt.complete()
    assert prompt.text == f"{tmp_path}/page "
    prompt.type("o\n")
    prompt.complete()
    assert prompt.path == tmp_path / "page one.png"
    assert PathPrompt(f"{tmp_path}/").matches() == ["folder/", "other.jpg", "page one.png", "page two.png"]
    assert PathPrompt(f"{tmp_path}/nowhere/x").matches() == []
    assert PathPrompt("a\0b/").matches() == []
    assert PathPrompt("'/a b/c.png'").path.as_posix() == "/a b/c.png"
    prompt.rub_out(word=True)
    assert prompt.text == f"{tmp_path}/"


# -- marks and corrections -------------------------------------------------------------------------------------


def crop(value: int) -> np.ndarray:
    picture = np.zeros((28, 28), np.uint8)
    picture[4:24, value : value + 6] = 255
    return picture


def a_reading() -> Reading:
    digits = [Digit(Box(10 + 40 * i, 10, 30, 50), d, 0.9, None, (), crop(d)) for i, d in enumerate((2, 0, 6))]
    ordered, numbers = group(digits)
    reject = Reject(Box(130, 10, 30, 50), "unsure: 4 or 9", (0.0,) * 4 + (0.5,) + (0.0,) * 4 + (0.4, 0.1), crop(15))
    return Reading(ordered, numbers, (300, 200), (reject,))


def test_marks_show_digits_and_rejects():
    marks = marks_of(a_reading())
    assert [m.digit for m in marks] == [2, 0, 6, None]
    assert marks[3].kind is Kind.REJECTED
    assert (marks[3].predicted, marks[3].reason) == (4, "unsure: 4 or 9")


def test_a_correction_changes_digit_and_number_and_a_named_reject_joins():
    reading = a_reading()
    fixes = (Correction(Box(50, 10, 30, 50), 8, crop(0)), Correction(Box(130, 10, 30, 50), 4, crop(15)))
    fixed = corrected_reading(reading, fixes)
    assert [n.text for n in fixed.numbers] == ["2864"]
    assert fixed.rejects == ()
    assert [d.confidence for d in fixed.digits] == [0.9, 1.0, 0.9, 1.0]
    assert [m.kind for m in marks_of(reading, fixes)] == [Kind.READ, Kind.CORRECTED, Kind.READ, Kind.CORRECTED]


def test_a_correction_ends_when_another_digit_is_drawn_in_its_place():
    fix = Correction(Box(50, 10, 30, 50), 8, crop(20))
    assert corrected_reading(a_reading(), (fix,)).digits[1].digit == 0


def test_the_smallest_mark_under_the_pointer_counts():
    marks = marks_of(Reading((Digit(Box(0, 0, 100, 100), 0, 1.0), Digit(Box(40, 40, 20, 20), 1, 1.0)), (), (200, 200)))
    assert mark_at(marks, 50, 50) == 1
    assert mark_at(marks, 10, 10) == 0
    assert mark_at(marks, 104, 50) is None
    assert mark_at(marks, 104, 50, slack=6) == 0
    assert overlap(Box(0, 0, 10, 10), Box(5, 0, 10, 10)) == pytest.approx(1 / 3)
    assert overlap(Box(0, 0, 10, 10), Box(10, 0, 10, 10)) == 0


# -- the session -----------------------------------------------------------------------------------------------


def draw(session: Session, *path: tuple[float, float], pointer: str = "mouse") -> None:
    session.press(pointer, path[0])
    for point in path[1:]:
        session.drag(pointer, point)
    session.release(pointer)


def answered(session: Session) -> Session:
    """The session after a reading of three digits and a reject has arrived."""
    draw(session, (20, 20), (30, 50))
    image = np.full((200, 300, 3), 255, np.uint8)
    session.take(Answer(session.drawing, session.paper, image, 1.0, a_reading()))
    return session


def test_two_fingers_draw_at_once():
    session = Session((1000, 700))
    session.press("finger 1", (10, 10))
    session.press("finger 2", (200, 10))
    session.drag("finger 2", (210, 90))
    session.drag("finger 1", (20, 90))
    assert len(session.live) == 2
    session.release("finger 1")
    session.release("finger 2")
    assert [s.points for s in session.drawing.strokes] == [((10, 10), (20, 90)), ((200, 10), (210, 90))]


def test_the_eraser_and_the_other_end_of_the_pen():
    session = Session((1000, 700))
    session.press("rubber", (10, 10), erases=True)
    session.release("rubber")
    draw(session, (10, 10), (20, 20))
    assert [s.erases for s in session.drawing.strokes] == [True, False]
    assert session.drawing.strokes[0].width == session.eraser_width


def test_brush_width_has_bounds_and_the_eraser_its_own():
    session = Session((1000, 700))
    session.change_width(-100)
    assert session.width == 1
    session.change_width(1)
    assert session.width == 2
    session.change_width(100)
    assert session.width == 120
    session.erasing = True
    assert session.width == 36


def test_strokes_leave_the_paper_only_just():
    session = Session((1000, 700))
    draw(session, (10, 10), (-500, 9000))
    x, y = session.drawing.strokes[0].points[-1]
    assert -session.pen_width < x < 0
    assert session.paper[1] < y < session.paper[1] + session.pen_width


def test_resizing_keeps_ink_where_it_is_and_visible():
    session = Session((1200, 800))
    before = session.viewport
    far = before.paper[0] - 40, before.paper[1] - 40
    draw(session, (50, 50), far)
    session.resize((760, 520))
    assert session.drawing.strokes[0].points == ((50, 50), far)
    x, y = session.viewport.to_window(*far)
    assert session.layout.paper.holds(x, y)
    assert session.viewport.zoom < 1
    session.resize((1200, 800))
    assert session.viewport == before
    session.clear()
    session.resize((760, 520))
    assert session.viewport.zoom == 1


def test_ink_over_the_edge_never_changes_the_zoom():
    session = Session((1200, 800))
    draw(session, (50, 50), (5000, 300))
    draw(session, (50, 90), (60, 300))
    session.undo()
    session.resize((1200, 800))
    assert session.viewport.zoom == 1


def test_clear_is_one_undo_step_and_forgets_the_reading():
    session = answered(Session((1000, 700)))
    session.clear()
    assert session.drawing.is_blank
    assert session.marks == ()
    assert session.reading is None
    session.undo()
    assert len(session.drawing.strokes) == 1


def test_undo_in_the_middle_of_a_stroke_drops_that_stroke_only():
    session = Session((1000, 700))
    draw(session, (20, 20), (30, 50))
    draw(session, (60, 20), (70, 50))
    session.undo()
    session.press("mouse", (90, 20))
    session.drag("mouse", (90, 50))
    session.undo()
    assert session.live == ()
    assert session.release("mouse") is None
    assert len(session.drawing.strokes) == 1
    session.redo()
    assert len(session.drawing.strokes) == 2


def test_a_reading_of_what_was_cleared_is_dropped():
    session = Session((1000, 700))
    draw(session, (20, 20), (30, 50))
    late = Answer(session.drawing, session.paper, np.zeros((2, 2, 3), np.uint8), 1.0, a_reading())
    session.clear()
    session.take(late)
    assert session.marks == ()


def test_click_type_correct():
    session = answered(Session((1000, 700)))
    strokes = session.drawing.strokes
    session.press("mouse", (60, 30))
    assert session.release("mouse") == 1
    assert session.drawing.strokes == strokes  # a click on a digit draws no dot
    mark = session.correct(8)
    assert mark is not None
    assert mark.digit == 0
    assert session.reading is not None
    assert session.reading.numbers[0].text == "286"
    assert session.shown_mark is not None
    assert session.shown_mark.kind is Kind.CORRECTED


def read_again(session: Session) -> str:
    """The first number once the drawing has been read anew."""
    image = np.full((200, 300, 3), 255, np.uint8)
    session.take(Answer(session.drawing, session.paper, image, 1.0, a_reading()))
    assert session.reading is not None
    return session.reading.numbers[0].text


def test_a_correction_comes_back_with_its_drawing():
    """By undo after Clear, by redo after an undo to blank, and after another drawing was opened; with no other."""
    session = answered(Session((1000, 700)))
    before = read_again(session)
    session.focus = 1
    session.correct(8)
    corrected = read_again(session)
    assert corrected != before
    session.clear()
    assert session.corrections == ()
    session.undo()
    assert read_again(session) == corrected
    session.undo()
    assert session.drawing.is_blank
    session.redo()
    assert read_again(session) == corrected
    session.clear()
    draw(session, (20, 20), (30, 50))
    assert read_again(session) == before  # somebody's next page, though it looks the same
    session.undo()
    session.undo()
    assert read_again(session) == corrected
    session.show(Drawing((Stroke(((20, 20), (30, 50)), 12.0),)))
    assert read_again(session) == before
    session.undo()
    assert read_again(session) == corrected


def test_a_click_on_the_label_selects_and_a_click_beside_draws_a_dot():
    session = answered(Session((1000, 700)))
    session.press("mouse", (60, 3))
    assert session.release("mouse", label=2) == 2
    draw(session, (250, 150))
    assert len(session.drawing.strokes) == 2


def test_typing_without_a_selection_does_nothing():
    assert answered(Session((1000, 700))).correct(5) is None


def test_the_shown_mark_is_the_one_in_focus_under_the_pointer_or_last_drawn():
    session = answered(Session((1000, 700)))
    assert session.shown_mark is not None
    assert session.shown_mark.digit == 2  # the stroke was drawn there
    session.hover((100, 30))
    assert session.shown_mark.digit == 6
    session.hover(None)
    session.focus = 3
    assert session.shown_mark.kind is Kind.REJECTED
    session.focus = None
    session.show_picture(np.full((200, 300, 3), 255, np.uint8), "page.png")
    session.take(Answer(session.drawing, session.paper, np.zeros((2, 2, 3), np.uint8), 1.0, a_reading()))
    assert session.shown_mark.digit == 6  # nothing was drawn: the last digit, not the reject behind it


def test_tab_walks_through_buttons_and_digits_and_back():
    session = answered(Session((1000, 700)))
    seen = []
    for _ in range(len(session.layout.buttons) + len(session.marks)):
        session.move_focus(1)
        seen.append(session.focus)
    assert seen == [*session.layout.buttons, 0, 1, 2, 3]
    session.move_focus(1)
    assert session.focus is None
    session.move_focus(-1)
    assert session.focus == 3


def test_unsaved_ink_is_known():
    session = Session((1000, 700))
    assert not session.has_unsaved_ink
    draw(session, (20, 20), (30, 50))
    assert session.has_unsaved_ink
    session.saved = session.drawing
    assert not session.has_unsaved_ink


def test_a_picture_is_the_paper_and_undo_takes_it_away():
    session = answered(Session((1000, 700)))
    session.show_picture(np.zeros((300, 4000, 3), np.uint8), "wide.png")
    assert session.drawing.picture is not None
    assert session.paper[0] <= session.layout.paper.width
    assert session.marks == ()
    session.undo()
    assert session.drawing.picture is None


def test_why_nothing_was_read_is_said():
    session = Session((1000, 700))
    assert why_nothing(session) == "Nothing drawn yet."
    draw(session, (20, 20), (30, 50))
    reading = Reading((), (), (10, 10), (), Hint.TOO_SMALL, "about 2 times larger")
    session.take(Answer(session.drawing, session.paper, np.zeros((2, 2, 3), np.uint8), 1.0, reading))
    assert why_nothing(session) == "Writing too small: move closer (about 2 times larger)."
    assert verdict(marks_of(a_reading())[3]) == ("?", "Not answered: unsure: 4 or 9")
    assert percent(0.9999) == "99%"
    assert percent(1.0, 1) == "99.9%"
