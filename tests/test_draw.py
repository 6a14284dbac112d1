"""draw.py as people run it: its command line, and its real window under Xvfb with mouse and keys by xdotool."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitrec.canvas.layout import lay_out
from digitrec.canvas.render import picture_of
from digitrec.canvas.saving import load_drawing

REPO = Path(__file__).resolve().parent.parent
WINDOW = (1180, 740)
PATHS = json.loads((Path(__file__).parent / "strokes.json").read_text())


def environment(**changes: str) -> dict[str, str]:
    """Without a display, unless one is given."""
    kept = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"}}
    return kept | changes


def run(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(REPO / "draw.py"), *arguments]
    return subprocess.run(command, env=environment(**changes), capture_output=True, text=True, timeout=60, check=False)


# -- the command line ------------------------------------------------------------------------------------------


def test_help_shows_every_option_and_imports_nothing_heavy():
    code = (
        "import runpy, sys; sys.argv = ['draw.py', '--help']\n"
        "try: runpy.run_path('draw.py', run_name='__main__')\n"
        "except SystemExit as end: assert end.code == 0\n"
        "heavy = {'numpy', 'cv2', 'pygame', 'tensorflow', 'num2words', 'ai_edge_litert'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for option in ("MODEL", "--model", "--manual", "--open", "--collect", "--save-dir", "--size", "--scale", "--debug"):
        assert option in done.stdout


@pytest.mark.parametrize(
    ("arguments", "changes", "code", "said"),
    [
        ((), {}, 7, "there is no display"),
        ((), {"DISPLAY": ":9753"}, 7, "the display ':9753' does not answer"),
        (("a.tflite", "--model", "b.tflite"), {"SDL_VIDEODRIVER": "dummy"}, 2, "two models"),
        (("missing.tflite",), {"SDL_VIDEODRIVER": "dummy"}, 5, "missing.tflite"),
        (("",), {"SDL_VIDEODRIVER": "dummy"}, 5, "names no model file"),
        (("--model", "README.h5"), {"SDL_VIDEODRIVER": "dummy"}, 5, "README.h5"),
        (("--open", "missing.png"), {"SDL_VIDEODRIVER": "dummy"}, 4, "missing.png is not there"),
        (("--open", "."), {"SDL_VIDEODRIVER": "dummy"}, 4, "is a folder"),
        (("--open", "README.md"), {"SDL_VIDEODRIVER": "dummy"}, 4, "a JSON that draw.py saved"),
        (("--open", "tests/strokes.json"), {"SDL_VIDEODRIVER": "dummy"}, 4, "a video, whose first frame is read"),
        (("--collect", ""), {"SDL_VIDEODRIVER": "dummy"}, 2, "--collect has no name of a folder"),
        (("--save-dir", " "), {"SDL_VIDEODRIVER": "dummy"}, 2, "--save-dir has no name of a folder"),
        (("--collect", "/dev/null/x"), {"SDL_VIDEODRIVER": "dummy"}, 6, "cannot collect in /dev/null/x"),
    ],
)
def test_what_fails_ends_with_one_line_and_its_code(arguments, changes, code, said):
    done = run(*arguments, **changes)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize("size", ["big", "1x1", "1200", "-5x900"])
def test_a_size_that_is_none_is_a_usage_error(size):
    done = run("--size", size)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--size", "300x900"), "--size 300x900 has no room"), (("--scale", "4"), "--scale 4 has no room in")],
)
def test_a_window_that_cannot_be_as_asked_is_told(arguments, said):
    """SDL's invisible screen has 1024x768 pixels."""
    done = run(*arguments, "--open", "missing.png", SDL_VIDEODRIVER="dummy")
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert said in lines[0]


def test_debug_shows_the_traceback():
    assert "Traceback" in run("--debug", "missing.tflite", SDL_VIDEODRIVER="dummy").stderr


# -- the window ------------------------------------------------------------------------------------------------


class Desktop:
    """A program in a window of its own X server."""

    def __init__(self, display: str, folder: Path) -> None:
        self.env = environment(DISPLAY=display, SDL_VIDEO_WINDOW_POS="0,0")
        self.folder = folder
        self.layout = lay_out(WINDOW, 1.0)
        self.program: subprocess.Popen[str] | None = None

    def start(self, *arguments: str) -> None:
        root = self.window_at(600, 300)
        command = [sys.executable, str(REPO / "draw.py"), "--save-dir", str(self.folder), *arguments]
        self.program = subprocess.Popen(
            command, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.until(lambda: self.window_at(600, 300) != root, "the window")
        if shutil.which("import"):
            self.until(lambda: self.screen()[300, 200].min() == 255, "the paper")
        else:
            time.sleep(1)  # a window that is there but was not drawn yet can lose the first press

    def do(self, *commands: str) -> None:
        subprocess.run(["xdotool", "-"], input="\n".join(commands) + "\n", env=self.env, text=True, check=True)

    def window_at(self, x: int, y: int) -> str:
        command = ["xdotool", "mousemove", str(x), str(y), "getmouselocation", "--shell"]
        found = subprocess.run(command, env=self.env, capture_output=True, text=True, check=True).stdout
        return found.split("WINDOW=")[1].split()[0]

    def until(self, true: Callable[[], object], what: str) -> None:
        for _ in range(600):
            assert self.program is None or self.program.poll() is None, self.program.stderr.read()
            if true():
                return
            time.sleep(0.05)
        raise AssertionError(f"{what} never came")

    def draw(self, digit: int, name: str, x: float, y: float, height: float) -> None:
        """A recorded digit with its upper left corner at a point of the paper."""
        path = next(p for p in PATHS if p["digit"] == digit and p["name"] == name)
        left, top = self.layout.paper.x + x, self.layout.paper.y + y
        for stroke in path["strokes"]:
            spots = [f"mousemove {left + a * height:.0f} {top + b * height:.0f}" for a, b in stroke]
            moves = [line for spot in spots[1:] for line in (spot, "sleep 0.002")]
            self.do(spots[0], "mousedown 1", *moves, "mouseup 1")

    def saved(self, number: int) -> dict:
        """Press Ctrl+S and wait for drawing ``number``."""
        path = self.folder / f"drawing-{number:03d}.json"
        self.do("key ctrl+s")
        self.until(lambda: path.exists() and path.stat().st_size, path.name)
        return json.loads(path.read_text())

    def picture(self, number: int) -> np.ndarray:
        return cv2.imread(str(self.folder / f"drawing-{number:03d}.png"))

    def screen(self) -> np.ndarray:
        shot = self.folder / "screen.png"
        subprocess.run(["import", "-silent", "-window", "root", str(shot)], env=self.env, check=True)
        return cv2.imread(str(shot))


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    for tool in ("Xvfb", "xdotool"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    reading, writing = os.pipe()
    size = f"{WINDOW[0]}x{WINDOW[1]}x24"
    # -noreset: without it the server starts anew whenever its last client leaves, and refuses the next one meanwhile.
    command = ["Xvfb", "-displayfd", str(writing), "-noreset", "-nolisten", "tcp", "-screen", "0", size]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as answer:  # up to the line's end: the server writes the number first, then the end
        desk = Desktop(":" + answer.readline().strip(), tmp_path)
    try:
        yield desk
    finally:
        if desk.program is not None:
            desk.program.kill()
            desk.program.communicate()
        server.terminate()
        server.wait(timeout=20)


def texts(record: dict) -> list[str]:
    return [n["text"] for n in record["numbers"]]


def test_draw_read_undo_redo_clear_save_and_correct(desktop, tmp_path):
    desktop.start("--collect", str(tmp_path / "hand"))
    desktop.do("search --class ^digitrec$")  # by this the desktop knows the program: xdotool fails where none has it
    desktop.draw(2, "plain", 60, 120, 180)
    desktop.draw(0, "round", 220, 120, 180)
    desktop.draw(7, "plain", 380, 120, 180)
    first = desktop.saved(1)
    assert texts(first) == ["207"]
    assert first["size"] == [round(v) for v in first["paper"]]
    assert len(first["strokes"]) == 3
    assert first["digits"][0]["box"][3] == pytest.approx(180 + 12, abs=8)

    drawing, paper, _ = load_drawing(tmp_path / "drawing-001.json")
    assert (desktop.picture(1) == picture_of(drawing, paper)).all()  # what is saved is what is read

    desktop.do("key ctrl+z")
    assert texts(desktop.saved(2)) == ["20"]
    desktop.do("key ctrl+y")
    again = desktop.saved(3)
    assert again["strokes"] == first["strokes"]
    assert texts(again) == ["207"]
    assert (desktop.picture(3) == desktop.picture(1)).all()

    x, y = desktop.layout.paper.center
    desktop.do(f"mousemove {x} {y + 200}", "click 3", "key ctrl+s")  # an empty paper is not saved
    desktop.do("key ctrl+z")
    assert texts(desktop.saved(4)) == ["207"]

    zero = desktop.layout.paper.x + 270, desktop.layout.paper.y + 210
    desktop.do(f"mousemove {zero[0]} {zero[1]}", "click 1", "key 6")
    fifth = desktop.saved(5)
    assert texts(fifth) == ["267"]
    assert len(fifth["strokes"]) == 3
    assert (tmp_path / "hand" / "labels.csv").read_text().splitlines()[1].startswith("digit-00001.png,6,0,")

    desktop.do("mousemove 300 300", "mousedown 2", "mousemove 300 250", "mouseup 2")  # the pen's other end
    assert desktop.saved(6)["strokes"][3]["erases"]
    desktop.do("key e", "click 4", "key e", "click 5", "click 5")
    desktop.draw(1, "plain", 600, 300, 100)
    assert [s["width"] for s in desktop.saved(7)["strokes"]] == [12, 12, 12, 36, 9]
    desktop.do("key ctrl+q")
    assert desktop.program is not None
    said, complained = desktop.program.communicate(timeout=90)
    assert (desktop.program.returncode, said, complained) == (0, "", "")


def test_what_is_read_is_seen(desktop):
    if shutil.which("import") is None:
        pytest.skip("ImageMagick's import is not installed")
    desktop.start("--manual")
    blue = np.array([178, 114, 0])

    def frames() -> int:
        paper = desktop.layout.paper
        part = desktop.screen()[paper.y : paper.bottom, paper.x : paper.right]
        return int((part == blue).all(axis=2).sum())

    desktop.draw(3, "round", 100, 150, 200)
    assert frames() == 0
    desktop.do("key Return")
    desktop.until(lambda: frames() > 800, "the box around the 3")
    screen = desktop.screen()
    crop = desktop.layout.crop
    assert screen[crop.y : crop.bottom, crop.x : crop.right].max() > 200  # the crop as the network sees it
    assert (
        (screen[desktop.layout.chart.y : desktop.layout.chart.bottom, desktop.layout.chart.x :] == blue)
        .all(axis=2)
        .any()
    )
    assert desktop.program is not None
    desktop.program.send_signal(signal.SIGINT)
    assert desktop.program.wait(timeout=90) == 130
