"""The canvas' window with real pygame events, on SDL's invisible driver; the recognizer is a stand-in."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
pygame = pytest.importorskip("pygame")

from digitrec.canvas.app import Window  # noqa: E402
from digitrec.canvas.collect import Collection  # noqa: E402
from digitrec.canvas.control import Control  # noqa: E402
from digitrec.canvas.display import open_window  # noqa: E402
from digitrec.canvas.files import Files  # noqa: E402
from digitrec.canvas.layout import Rect  # noqa: E402
from digitrec.canvas.panel import fitting_blocks  # noqa: E402
from digitrec.canvas.reader import Reader  # noqa: E402
from digitrec.canvas.session import Session  # noqa: E402
from digitrec.canvas.strokes import Picture  # noqa: E402
from digitrec.numbers import group  # noqa: E402
from digitrec.results import Box, Digit, Reading, Reject  # noqa: E402


class Blobs:
    """Reads every blob of ink as a digit, the number of blobs so far; waits at the gate while it is closed."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.reads = 0

    def read(self, image: np.ndarray, drawn: bool = False) -> Reading:
        assert self.gate.wait(20)
        self.reads += 1
        mask = (image.reshape(*image.shape[:2], -1)[..., 0] < 128).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        boxes = [Box(*(int(v) for v in row[:4])) for row in stats[1:]]
        crop = np.full((28, 28), 60, np.uint8)
        p = (0.05,) * 10 + (0.5,)
        digits = [Digit(b, i % 10, 0.97 - 0.1 * i, None, p, crop + i) for i, b in enumerate(boxes) if b.height >= 12]
        rejects = [Reject(b, "too small", p, crop) for b in boxes if b.height < 12]
        ordered, numbers = group(digits)
        return Reading(ordered, numbers, (image.shape[1], image.shape[0]), tuple(rejects))


class Bench:
    """A window and short ways to do things in it."""

    def __init__(self, folder: Path, size: tuple[int, int] = (1000, 700), scale: float = 1.0, manual: bool = False):
        self.blobs = Blobs()
        screen = open_window(size, scale)
        self.reader = Reader(self.blobs, lambda: None)
        self.session = Session(screen.get_size(), scale, manual=manual)
        self.control = Control(self.session, self.reader, Files(self.session, folder / "saved", None))
        self.window = Window(screen, self.control)
        self.buttons = [0, 0, 0]

    def send(self, kind: int, **fields: object) -> None:
        self.window.handle(pygame.event.Event(kind, **fields))

    def spot(self, x: float, y: float) -> tuple[int, int]:
        wx, wy = self.session.viewport.to_window(x, y)
        return round(wx), round(wy)

    def down(self, x: float, y: float, button: int = 1) -> None:
        self.buttons[button - 1] = 1
        self.send(pygame.MOUSEBUTTONDOWN, pos=self.spot(x, y), button=button, touch=False)

    def to(self, x: float, y: float) -> None:
        self.send(pygame.MOUSEMOTION, pos=self.spot(x, y), rel=(0, 0), buttons=tuple(self.buttons), touch=False)

    def up(self, x: float, y: float, button: int = 1) -> None:
        self.buttons[button - 1] = 0
        self.send(pygame.MOUSEBUTTONUP, pos=self.spot(x, y), button=button, touch=False)

    def line(self, x: float, top: float = 100, bottom: float = 200, button: int = 1) -> None:
        self.down(x, top, button)
        self.to(x, (top + bottom) / 2)
        self.to(x, bottom)
        self.up(x, bottom, button)

    def click(self, name: str) -> None:
        x, y = self.session.layout.buttons[name].center
        for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
            self.send(kind, pos=(x, y), button=1, touch=False)

    def key(self, key: int, text: str = "", mod: int = 0) -> None:
        self.send(pygame.KEYDOWN, key=key, unicode=text, mod=mod, scancode=0)
        self.send(pygame.KEYUP, key=key, unicode=text, mod=mod, scancode=0)

    def ctrl(self, key: int) -> None:
        self.key(key, mod=pygame.KMOD_LCTRL)

    def type(self, text: str) -> None:
        self.send(pygame.TEXTINPUT, text=text)

    def settle(self) -> None:
        """Until what was asked for has been read and shown."""
        for _ in range(2000):
            self.control.take_answer()
            if not self.reader.is_busy:
                self.control.take_answer()
                if not self.reader.is_busy:
                    self.window.draw()
                    return
            time.sleep(0.005)
        raise AssertionError("the reading never came")

    @property
    def strokes(self) -> int:
        return len(self.session.drawing.strokes)

    @property
    def texts(self) -> list[str]:
        return [n.text for n in self.session.reading.numbers] if self.session.reading else []


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    made: list[Bench] = []

    def make(**options: object) -> Bench:
        made.append(Bench(tmp_path, **options))
        return made[-1]

    yield make
    for one in made:
        one.blobs.gate.set()
        one.reader.close()
    pygame.quit()


def test_drawing_reads_on_release_and_shows_it(bench):
    b = bench()
    b.down(100, 100)
    b.to(100, 200)
    assert b.blobs.reads == 0
    b.up(100, 200)
    b.line(140)
    b.settle()
    assert b.texts == ["01"]
    assert len(b.session.marks) == 2


def test_drawing_goes_on_while_it_reads(bench):
    """The reading is held back until three more strokes are drawn and shown."""
    b = bench()
    b.blobs.gate.clear()
    b.line(100)
    for x in (140, 180, 220):
        b.line(x)
        b.window.draw()
        x, y = b.spot(x, 150)
        assert sum(pygame.display.get_surface().get_at((x, y))[:3]) < 200  # the stroke is on the screen
    assert b.reader.is_busy
    assert b.blobs.reads == 0
    b.blobs.gate.set()
    b.settle()
    assert b.texts == ["0123"]
    assert b.blobs.reads <= 3  # not one for each stroke: the newest wins


def test_manual_reads_on_enter_and_done_only(bench):
    b = bench(manual=True)
    b.line(100)
    b.settle()
    assert b.blobs.reads == 0
    b.key(pygame.K_RETURN, "\r")
    b.settle()
    assert b.texts == ["0"]
    b.line(140)
    b.click("done")
    b.settle()
    assert b.texts == ["01"]


def test_an_undo_that_overtakes_a_reading_shows_the_right_one(bench):
    b = bench()
    b.line(100)
    b.settle()
    b.blobs.gate.clear()
    b.line(140)
    b.ctrl(pygame.K_z)
    b.blobs.gate.set()
    b.settle()
    assert b.texts == ["0"]


def test_a_finger_draws_once(bench):
    """SDL can send mouse events for a finger as well."""
    b = bench()
    width, height = b.session.window

    def finger(kind: int, mouse: int, x: float, y: float) -> None:
        wx, wy = b.spot(x, y)
        b.send(mouse, pos=(wx, wy), button=1, buttons=(1, 0, 0), rel=(0, 0), touch=True)
        b.send(kind, touch_id=1, finger_id=7, x=wx / width, y=wy / height, dx=0, dy=0)

    finger(pygame.FINGERDOWN, pygame.MOUSEBUTTONDOWN, 100, 100)
    finger(pygame.FINGERMOTION, pygame.MOUSEMOTION, 100, 150)
    finger(pygame.FINGERMOTION, pygame.MOUSEMOTION, 100, 200)
    finger(pygame.FINGERUP, pygame.MOUSEBUTTONUP, 100, 200)
    assert [len(s.points) for s in b.session.drawing.strokes] == [3]
    assert b.session.drawing.strokes[0].bounds == pytest.approx((100, 100, 100, 200), abs=1)


def test_a_finger_presses_buttons(bench):
    b = bench()
    width, height = b.session.window
    x, y = b.session.layout.buttons["eraser"].center
    for kind in (pygame.FINGERDOWN, pygame.FINGERUP):
        b.send(kind, touch_id=1, finger_id=7, x=x / width, y=y / height, dx=0, dy=0)
    assert b.session.erasing


def test_buttons(bench):
    b = bench()
    b.line(100)
    b.line(140)
    b.click("undo")
    assert b.strokes == 1
    b.click("redo")
    assert b.strokes == 2
    b.click("thicker")
    assert b.session.pen_width > 12
    b.click("thinner")
    b.click("thinner")
    assert b.session.pen_width < 12
    b.click("eraser")
    b.line(100)
    assert b.session.drawing.strokes[-1].erases
    b.click("clear")
    assert b.session.drawing.is_blank
    b.click("help")
    assert b.session.help_open
    b.window.draw()


def test_a_press_that_leaves_its_button_does_nothing(bench):
    b = bench()
    b.line(100)
    x, y = b.session.layout.buttons["clear"].center
    b.send(pygame.MOUSEBUTTONDOWN, pos=(x, y), button=1, touch=False)
    b.send(pygame.MOUSEBUTTONUP, pos=b.spot(50, 50), button=1, touch=False)
    assert b.strokes == 1


def test_right_clears_middle_erases_wheel_sizes(bench):
    b = bench()
    b.line(100)
    b.line(100, 120, 160, button=2)
    assert [s.erases for s in b.session.drawing.strokes] == [False, True]
    b.send(pygame.MOUSEWHEEL, x=0, y=2)
    assert b.session.pen_width > 13
    b.key(pygame.K_LEFTBRACKET, "[")
    b.key(pygame.K_RIGHTBRACKET, "]")
    b.down(300, 300, button=3)
    assert b.session.drawing.is_blank
    b.ctrl(pygame.K_z)
    assert b.strokes == 2


def test_keyboard_alone(bench):
    b = bench()
    b.line(100)
    b.line(140)
    b.settle()
    b.key(pygame.K_TAB, "\t")
    assert b.session.focus == "undo"
    b.key(pygame.K_SPACE, " ")
    b.key(pygame.K_RETURN, "\r")
    assert b.session.drawing.is_blank
    b.key(pygame.K_TAB, "\t")
    b.key(pygame.K_RETURN, "\r")
    b.ctrl(pygame.K_y)
    assert b.strokes == 2
    b.settle()
    b.key(pygame.K_ESCAPE)
    b.key(pygame.K_TAB, "\t", pygame.KMOD_LSHIFT)  # backwards: the last digit
    b.key(pygame.K_KP5, "5")
    assert b.texts == ["05"]
    b.key(pygame.K_e, "e")
    assert b.session.erasing
    b.window.draw()


def test_a_release_that_was_lost_ends_the_stroke(bench):
    b = bench()
    b.down(100, 100)
    b.to(100, 200)
    b.buttons[0] = 0  # the button came up over another window
    b.to(300, 300)
    assert b.strokes == 1
    assert not b.session.live


def test_click_a_digit_type_the_right_one_and_it_is_kept(bench, tmp_path):
    b = bench()
    b.control.files.collection = Collection(tmp_path / "hand")
    b.line(100)
    b.line(140)
    b.settle()
    b.down(140, 150)
    b.up(140, 150)
    b.key(pygame.K_7, "7")
    assert b.texts == ["07"]
    b.line(500)
    b.settle()
    assert b.texts == ["07", "2"]  # it holds when the page is read again
    lines = (tmp_path / "hand" / "labels.csv").read_text().splitlines()
    assert lines[1:] == ["digit-00001.png,7,1,0.8700,canvas"]
    assert cv2.imread(str(tmp_path / "hand" / "digit-00001.png"), 0).shape == (28, 28)


def test_a_label_on_the_paper_can_be_clicked_too(bench):
    b = bench()
    b.line(100)
    b.settle()
    rect, _ = b.window.view._labels[0]
    for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
        b.send(kind, pos=rect.center, button=1, touch=False)
    assert b.session.focus == 0
    assert b.strokes == 1


def test_no_label_lies_in_another_digits_box(bench):
    """Between close rows labels seemed to be those of the digits above them."""
    b = bench()
    for row in range(3):
        for column in range(6):
            b.line(60 + 40 * column, 60 + 64 * row, 104 + 64 * row)
    b.settle()
    b.session.focus = 8
    b.window.draw()
    labels = b.window.view._labels
    assert len(labels) >= 12
    for rect, index in labels:
        for other, mark in enumerate(b.session.marks):
            box = b.session.viewport.rect_to_window(*mark.box)
            assert other == index or not pygame.Rect(rect).colliderect(pygame.Rect(box))


def test_save_waits_for_the_reading(bench, tmp_path):
    b = bench()
    b.blobs.gate.clear()
    b.line(100)
    b.line(140)
    b.ctrl(pygame.K_s)
    assert b.control.is_saving
    b.key(pygame.K_q, "q")
    assert not (tmp_path / "saved").exists()
    b.blobs.gate.set()
    b.settle()
    record = json.loads((tmp_path / "saved" / "drawing-001.json").read_text())
    assert record["numbers"][0]["text"] == "01"
    assert not b.session.has_unsaved_ink


def test_corrections_are_there_when_a_saved_drawing_is_opened_again(bench, tmp_path):
    b = bench()
    b.line(100)
    b.line(140)
    b.settle()
    b.session.focus = 1
    b.key(pygame.K_7, "7")
    b.ctrl(pygame.K_s)
    b.key(pygame.K_DELETE)
    b.settle()
    b.send(pygame.DROPFILE, file=str(tmp_path / "saved" / "drawing-001.json"))
    b.settle()
    assert b.texts == ["07"]
    assert [m.kind.value for m in b.session.marks] == ["read", "corrected"]


def test_a_key_that_is_held_saves_once_but_undoes_on(bench, tmp_path):
    b = bench()
    for x in (100, 140, 180):
        b.line(x)
    b.settle()
    for _ in range(4):
        b.send(pygame.KEYDOWN, key=pygame.K_s, unicode="", mod=pygame.KMOD_LCTRL, scancode=0)
    assert [p.name for p in (tmp_path / "saved").glob("*.json")] == ["drawing-001.json"]
    for _ in range(2):
        b.send(pygame.KEYDOWN, key=pygame.K_z, unicode="", mod=pygame.KMOD_LCTRL, scancode=0)
    assert b.strokes == 1


def test_nothing_is_saved_of_an_empty_paper(bench, tmp_path):
    b = bench()
    b.ctrl(pygame.K_s)
    assert b.session.status == "Nothing to save."
    assert not (tmp_path / "saved").exists()


def test_leaving_with_unsaved_ink_asks_once(bench):
    b = bench()
    b.line(100)
    b.key(pygame.K_ESCAPE)
    assert not b.control.finished
    assert "Ctrl+S" in b.session.status
    b.key(pygame.K_ESCAPE)
    assert b.control.finished


def test_the_windows_close_button_asks_once_too(bench):
    b = bench()
    b.line(100)
    b.ctrl(pygame.K_o)
    b.send(pygame.QUIT)
    assert not b.control.finished
    assert b.control.prompt is None  # which would hide the question
    assert "Ctrl+S" in b.session.status
    b.line(140)
    b.send(pygame.QUIT)
    assert not b.control.finished  # there is more to lose
    b.send(pygame.QUIT)
    assert b.control.finished


def test_dropped_files(bench, tmp_path):
    b = bench()
    page = np.full((300, 400, 3), 255, np.uint8)
    page[100:150, 50:60] = page[100:150, 90:100] = 0
    cv2.imwrite(str(tmp_path / "page.png"), page)
    b.send(pygame.DROPFILE, file=str(tmp_path / "page.png"))
    b.settle()
    assert b.texts == ["01"]
    assert [tuple(m.box) for m in b.session.marks] == [(50, 100, 10, 50), (90, 100, 10, 50)]
    (tmp_path / "letter.png").write_text("Dear all,")
    b.send(pygame.DROPFILE, file=str(tmp_path / "letter.png"))
    assert "letter.png" in b.session.status
    b.ctrl(pygame.K_s)
    b.settle()
    b.ctrl(pygame.K_z)
    assert b.session.drawing.is_blank
    b.send(pygame.DROPFILE, file=str(tmp_path / "saved" / "drawing-001.json"))
    b.settle()
    assert b.texts == ["01"]


def test_the_path_prompt(bench, tmp_path):
    b = bench()
    page = np.full((300, 400, 3), 255, np.uint8)
    page[100:150, 50:60] = 0
    cv2.imwrite(str(tmp_path / "my page.png"), page)
    b.ctrl(pygame.K_o)
    b.type(str(tmp_path / "nothing"))
    b.key(pygame.K_RETURN, "\r")
    b.window.draw()
    assert b.control.prompt is not None
    assert "is not there" in b.control.prompt.error
    b.key(pygame.K_BACKSPACE, "\b", pygame.KMOD_LCTRL)
    b.type("my")
    b.key(pygame.K_TAB, "\t")
    b.key(pygame.K_RETURN, "\r")
    b.settle()
    assert b.control.prompt is None
    assert b.texts == ["0"]
    b.ctrl(pygame.K_o)
    b.key(pygame.K_h, "h")
    b.key(pygame.K_ESCAPE)
    assert b.control.prompt is None
    assert not b.session.help_open


def test_pasting_says_why_not_and_takes_a_picture_from_the_clipboard(bench, tmp_path, monkeypatch):
    b = bench()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    b.ctrl(pygame.K_v)
    assert b.session.status.startswith("no picture on the clipboard")
    page = np.full((30, 40, 3), 255, np.uint8)
    page[5:25, 10:20] = 0
    cv2.imwrite(str(tmp_path / "clip.png"), page)
    program = tmp_path / "bin" / "xclip"  # as the real one: the picture's bytes on standard output
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n/bin/cat '{tmp_path}/clip.png'\n")
    program.chmod(0o755)
    b.ctrl(pygame.K_v)
    b.settle()
    assert b.session.status == "Pasted a picture of 40 x 30 pixels."
    assert b.texts == ["0"]


def test_help_closes_by_key_and_by_press(bench):
    b = bench()
    for close in (lambda: b.key(pygame.K_h, "h"), lambda: b.key(pygame.K_ESCAPE), lambda: b.line(100)):
        b.key(pygame.K_h, "h")
        b.window.draw()
        assert b.session.help_open
        close()
        assert not b.session.help_open
    assert not b.control.finished
    assert b.strokes == 0


def test_resizing_the_window(bench):
    b = bench()
    b.line(580, 500, 560)
    b.window.view.screen = pygame.display.set_mode((760, 500), pygame.RESIZABLE)
    b.send(pygame.VIDEORESIZE, w=760, h=500, size=(760, 500))
    b.settle()
    assert b.session.window == (760, 500)
    assert b.session.layout.paper.holds(*b.spot(580, 560))
    b.send(pygame.VIDEORESIZE, w=540, h=360, size=(540, 360))  # smaller than the parts: they are smaller, too
    assert b.session.layout.panel.right == 540
    b.click("undo")
    assert b.strokes == 0
    b.window.draw()
    assert b.window.view.theme.scale == b.session.scale == 0.75
    b.send(pygame.VIDEORESIZE, w=200, h=100, size=(200, 100))  # much smaller: cut, never overlapping
    b.window.draw()


def test_a_window_is_never_opened_too_small(bench):
    assert bench(size=(300, 200)).session.window == (720, 480)


@pytest.mark.parametrize(("size", "scale"), [((1180, 740), 1.0), ((720, 480), 1.0), ((1000, 700), 2.0)])
def test_every_state_can_be_drawn(bench, size, scale):
    b = bench(size=size, scale=scale)
    b.window.draw()
    for index in range(9):
        b.line(20 + 36 * index, 60, 66 if index % 3 == 0 else 110 + 20 * index)
    b.settle()
    for focus in ("done", "eraser", 0, 1, 8):
        b.session.focus = focus
        b.window.draw()
    b.session.pen_width = 120
    b.to(100, 100)
    b.session.help_open = True
    b.window.draw()
    b.session.help_open = False
    b.session.show_picture(np.full((50, 900, 3), 30, np.uint8), "dark.png")
    assert isinstance(b.session.drawing.picture, Picture)
    b.line(40, 5, 40)
    b.settle()


def test_words_make_room_for_numbers_before_a_number_is_left_out(bench):
    theme, room = bench().window.view.theme, Rect(0, 0, 300, 280)

    def shown(count: int) -> tuple[set[int], int, int]:
        blocks, left_out = fitting_blocks(theme, ["2026"] * count, room)
        assert count == 1 or sum(step for block in blocks for _, step in block) <= room.height
        return {len(block) for block in blocks}, len(blocks), left_out

    assert shown(1) == ({2}, 1, 0)
    assert shown(4) == ({2}, 4, 0)
    assert shown(9) == ({1}, 9, 0)
    lines, numbers, left_out = shown(40)
    assert lines == {1} and numbers > 9 and numbers + left_out == 40


def test_the_loop_ends_when_the_window_is_closed_and_on_errors(bench):
    b = bench()
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    b.window.loop()
    b.control.finished = False
    b.blobs.read = lambda image, drawn: 1 / 0
    b.line(100)
    with pytest.raises(ZeroDivisionError):
        b.window.loop()
