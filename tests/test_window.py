"""The real window, on a display of its own (Xvfb), driven by xdotool and seen by screenshots."""

from __future__ import annotations

import ctypes
import os
import re
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

from digitrec.display import _linux_display, find_display
from tests.camtools import CAM, clean_environment, page
from tests.streams import Reply, Server, jpeg, part

MISSING = [tool for tool in ("Xvfb", "xdotool", "import") if shutil.which(tool) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

SCREEN = (1280, 800)
PATIENCE_S = 30.0


class Display:
    """An X server without a screen, under a number of its own (-displayfd may give two servers the same)."""

    def __init__(self) -> None:
        for number in range(1000 + os.getpid() % 20000, 65000, 20001):
            if Path(f"/tmp/.X11-unix/X{number}").exists():  # noqa: S108 - where X servers have their sockets
                continue
            self.name = f":{number}"
            self.server = subprocess.Popen(
                ["Xvfb", self.name, "-noreset", "-nolisten", "tcp", "-screen", "0", f"{SCREEN[0]}x{SCREEN[1]}x24"],
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
            self.environment = clean_environment(DISPLAY=self.name)
            while self.server.poll() is None:
                if self.tool("getdisplaygeometry"):
                    return
                time.sleep(0.05)
        pytest.skip("Xvfb does not start")

    def close(self) -> None:
        self.server.terminate()
        self.server.wait()

    def tool(self, *arguments: str) -> str:
        return subprocess.run(
            ["xdotool", *arguments], env=self.environment, capture_output=True, text=True, check=False
        ).stdout.strip()

    def screenshot(self) -> np.ndarray:
        data = subprocess.run(
            ["import", "-window", "root", "png:-"], env=self.environment, capture_output=True, check=True
        ).stdout
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    display = Display()
    yield display
    display.close()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a minute: a red square at the left that grows by the second, and a number."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), 10, (320, 240))
    for index in range(300):
        image = page("72")
        cv2.rectangle(image, (0, 200), (10 + index, 239), (0, 0, 255), -1)
        writer.write(image)
    writer.release()
    return path


class Run:
    """cam.py with its window."""

    def __init__(self, display: Display, folder: Path, *arguments: str | Path) -> None:
        self.display = display
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, CAM, *map(str, arguments)], cwd=folder, env=display.environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.window = ""
        self.wait_for(self.find_window, "no window came up")
        display.tool("windowfocus", "--sync", self.window)
        self.wait_for(lambda: display.screenshot().max() > 100, "the window stays empty")

    def find_window(self) -> bool:
        self.window = self.display.tool("search", "--name", "^digitrec")
        return bool(self.window)

    def wait_for(self, condition: Callable[[], bool], complaint: str) -> None:
        until = time.monotonic() + PATIENCE_S
        while not condition():
            if self.process.poll() is not None:
                raise AssertionError(f"{complaint}: {self.process.communicate()}")
            assert time.monotonic() < until, complaint
            time.sleep(0.05)

    def press(self, *keys: str) -> None:
        self.display.tool("key", *keys)

    def red_width(self, picture: np.ndarray | None = None) -> tuple[int, int]:
        """(first, last) column of the red square on the screen."""
        picture = self.display.screenshot() if picture is None else picture
        red = (picture[:, :, 2] > 180) & (picture[:, :, 0] < 60) & (picture[:, :, 1] < 60)
        columns = np.flatnonzero(red.sum(axis=0) > 20)
        return (int(columns[0]), int(columns[-1])) if len(columns) else (0, 0)

    def is_moving(self) -> bool:
        before = self.red_width()
        time.sleep(0.4)
        return self.red_width() != before

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, out, err


@pytest.fixture
def start(display: Display, tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(*arguments: str | Path) -> Run:
        runs.append(Run(display, tmp_path, *arguments))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.process.kill()
            run.process.communicate()


def test_pause_step_seek_quit(clip: Path, start: Callable[..., Run]) -> None:
    run = start(clip)
    assert run.is_moving()
    run.press("space")
    run.wait_for(lambda: not run.is_moving(), "Space does not pause")
    before = run.red_width()[1]
    run.press("period")
    run.wait_for(lambda: run.red_width()[1] > before, "the dot does not step")
    assert not run.is_moving()
    stepped = run.red_width()[1]
    run.press("Right")
    run.wait_for(lambda: run.red_width()[1] > stepped + 90, "the right arrow does not seek 5 s")  # 50 px, enlarged
    assert not run.is_moving(), "still paused"
    run.press("Left")
    run.wait_for(lambda: run.red_width()[1] <= stepped + 6, "the left arrow does not go back")
    run.press("space")
    run.wait_for(run.is_moving, "Space does not go on")
    run.press("q")
    code, out, err = run.end()
    assert code == 0
    assert re.match(r"0\.\d s  72\n", out)
    assert "Traceback" not in err


def test_mirror_debug_and_help(clip: Path, start: Callable[..., Run]) -> None:
    run = start(clip, "--mirror")
    run.press("space")
    run.wait_for(lambda: not run.is_moving(), "Space does not pause")
    left = run.red_width()[0]
    width = int(re.findall(r"Geometry: (\d+)x", run.display.tool("getwindowgeometry", run.window))[0])
    assert left > 100, "--mirror: the left is at the right"
    run.press("m")
    run.wait_for(lambda: run.red_width()[0] < 100, "m does not mirror")
    assert abs(run.red_width()[1] - (width - 1 - left)) < 12
    plain = run.display.screenshot()
    run.press("h")
    run.wait_for(lambda: (run.display.screenshot() != plain).mean() > 0.05, "h shows no help")
    run.press("h")
    run.wait_for(lambda: (run.display.screenshot() == plain).all(), "h does not take the help away")
    run.press("d")
    run.wait_for(lambda: run.red_width() == (0, 0), "d does not show the ink")
    run.press("Escape")
    assert run.end()[0] == 0


def test_snapshot_and_recording(clip: Path, start: Callable[..., Run]) -> None:
    run = start(clip)
    run.press("s")
    run.wait_for(lambda: any(run.folder.glob("*.png")), "s saves nothing")
    run.press("v")
    run.wait_for(lambda: any(run.folder.glob("*.mkv")), "v records nothing")
    time.sleep(0.5)
    run.press("v")
    time.sleep(0.3)
    run.press("q")
    code, _, err = run.end()
    assert code == 0
    (picture,), (video,) = run.folder.glob("*.png"), run.folder.glob("*.mkv")
    saved = cv2.imread(str(picture))
    assert saved.shape == (240, 320, 3), "at the size of the source"
    assert cv2.VideoCapture(str(video)).read()[0]
    assert picture.name in err
    assert video.name in err


def test_closing_the_window_keeps_the_outputs(clip: Path, start: Callable[..., Run]) -> None:
    run = start(clip, "--out", "o.jsonl", "--out", "o.mp4")
    close_by_its_x(run)
    code, out, err = run.end()
    assert code == 0, err
    assert out == ""
    lines = (run.folder / "o.jsonl").read_text().splitlines()
    capture = cv2.VideoCapture(str(run.folder / "o.mp4"))
    assert 0 < len(lines) < 300
    assert int(capture.get(cv2.CAP_PROP_FRAME_COUNT)) == len(lines)


def test_ctrl_c_with_a_window(clip: Path, start: Callable[..., Run]) -> None:
    run = start(clip)
    run.process.send_signal(signal.SIGINT)
    code, _, err = run.end()
    assert code == 130
    assert err.splitlines()[-1] == "interrupted"


def test_pictures_wait_and_the_window_ends_with_the_last(start: Callable[..., Run], tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), page("7"))
    cv2.imwrite(str(tmp_path / "2.png"), page("4", (3000, 2000)))
    run = start("1.png", "2.png")
    first = run.display.screenshot()
    run.press("space")
    run.wait_for(lambda: (run.display.screenshot() != first).mean() > 0.01, "Space does not show the next")
    width, height = map(int, re.findall(r"Geometry: (\d+)x(\d+)", run.display.tool("getwindowgeometry", run.window))[0])
    assert width <= SCREEN[0]
    assert height <= SCREEN[1]
    run.press("space")
    code, out, _ = run.end()
    assert code == 0
    assert out == "1.png: 7\n2.png: 4\n"


def test_resized_window_shows_the_whole_frame(clip: Path, start: Callable[..., Run]) -> None:
    run = start(clip)
    run.press("space")
    run.display.tool("windowsize", "--sync", run.window, "400", "500")
    run.wait_for(lambda: run.display.screenshot()[:, 405:].max() == 0, "the window kept its size")
    time.sleep(0.3)
    run.press("period")
    time.sleep(0.3)
    shot = run.display.screenshot()[:500, :400]
    paper = np.flatnonzero((shot.min(axis=2) > 150).mean(axis=1) > 0.5)
    assert 250 < len(paper) < 310, "400 wide is 300 high: the shape is kept"
    run.press("q")
    assert run.end()[0] == 0


def test_silent_stream_is_told_in_the_window_and_reconnected(start: Callable[..., Run]) -> None:
    pictures = [part(jpeg(page("72", shift=shift % 5))) for shift in range(30)]

    def short(closing: object) -> Iterator[bytes]:
        for picture in pictures:
            yield picture
            time.sleep(0.05)
        closing.wait()  # type: ignore[attr-defined]

    with Server({"/cam": Reply(short)}) as server:
        run = start(server.url("/cam"))
        quiet = run.display.screenshot()
        run.wait_for(lambda: has_vermilion_plate(run.display.screenshot()), "the silence is not told")
        assert not has_vermilion_plate(quiet)
        before = len(server.requests)
        run.press("r")
        run.wait_for(lambda: len(server.requests) > before, "r does not reconnect")
        run.press("q")
        code, out, err = run.end()
    assert code == 0
    assert re.match(r"\d\.\d s  72\n", out)
    assert "gave no frame for 3 s" in err
    assert re.search(r"latency p50 .* dropped", err)


def test_lost_display_keeps_the_outputs(clip: Path, tmp_path: Path) -> None:
    own = Display()
    run = Run(own, tmp_path, clip, "--out", "o.jsonl", "--out", "o.mp4")
    run.wait_for(lambda: len((tmp_path / "o.jsonl").read_text().splitlines()) > 5, "nothing is written")
    own.close()
    code, _, err = run.end()
    assert code == 7, err
    assert "the display was lost; what was read until then is kept" in err.splitlines()[-1]
    lines = (tmp_path / "o.jsonl").read_text().splitlines()
    assert int(cv2.VideoCapture(str(tmp_path / "o.mp4")).get(cv2.CAP_PROP_FRAME_COUNT)) == len(lines)


@pytest.mark.parametrize(
    ("environment", "framework", "plugin", "missing"),
    [
        ({}, "QT5", "libqxcb.so", "no display (DISPLAY is not set)"),
        ({"DISPLAY": ":4097"}, "QT5", "libqxcb.so", "display :4097 cannot be reached"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "QT5", "libqxcb.so", "no X display (this OpenCV cannot use Wayland alone"),
        ({"WAYLAND_DISPLAY": "wayland-7"}, "QT5", "libqwayland-egl.so", "display wayland-7 cannot be reached"),
        ({"WAYLAND_DISPLAY": "wayland-7"}, "GTK3", "", "display wayland-7 cannot be reached"),
    ],
)
def test_why_there_is_no_display(
    environment: dict[str, str], framework: str, plugin: str, missing: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    (tmp_path / plugin).touch()
    found = _linux_display(framework, tmp_path)
    assert found.missing is not None
    assert found.missing.startswith(missing)


def test_a_plugin_that_cannot_be_loaded_is_no_display(
    display: Display, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", display.name)
    monkeypatch.setenv("QT_QPA_PLATFORM", "wayland")
    (tmp_path / "libqxcb.so").write_text("no library")
    found = _linux_display("QT5", tmp_path)
    assert found.missing is not None
    assert "plugin cannot be loaded" in found.missing
    real = find_display()
    assert real.missing is None
    assert real.screen == SCREEN
    assert real.is_bare
    assert os.environ["QT_QPA_PLATFORM"] == "xcb"


def has_vermilion_plate(picture: np.ndarray) -> bool:
    """A fault's plate is in the upper part of the window."""
    blue, green, red = (picture[:120, :, channel].astype(int) for channel in range(3))
    return bool(((blue < 60) & (abs(green - 100) < 40) & (red > 180)).sum() > 2000)


def close_by_its_x(run: Run) -> None:
    """Send what a window manager sends when the X is clicked (WM_DELETE_WINDOW); there is none here."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = ctypes.c_ulong
    x11.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    x11.XSendEvent.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]
    x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
    connection = x11.XOpenDisplay(run.display.name.encode())
    protocols, delete = (x11.XInternAtom(connection, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
    window = int(run.window)
    event = (ctypes.c_long * 24)(33, 0, 1, connection, window, protocols, 32, delete)  # a ClientMessage, 64 bit
    x11.XSendEvent(connection, window, 0, 0, event)
    x11.XCloseDisplay(connection)
