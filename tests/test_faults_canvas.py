"""The canvas while a reading takes for ever: Ctrl+C ends it, and nothing is told to a window that is gone."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitrec.canvas import reader as reader_module
from digitrec.canvas.reader import Reader
from digitrec.canvas.render import picture_of
from digitrec.canvas.saving import Saved, save
from digitrec.canvas.strokes import Drawing, Stroke
from digitrec.results import Image, Reading
from tests.camtools import ROOT, clean_environment, page

ENDLESS = """
import runpy, sys, time
from digitrec.recognizer import Recognizer
def read(self, image, drawn=False):
    print("reading", flush=True)
    time.sleep(600)
Recognizer.read = read
sys.argv[0] = "draw.py"
runpy.run_path("draw.py", run_name="__main__")
"""


class Slow:
    """A recognizer that reads until it is let go."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.let_go = threading.Event()

    def read(self, image: Image, drawn: bool = False) -> Reading:
        self.began.set()
        self.let_go.wait(60)
        return Reading((), (), (image.shape[1], image.shape[0]))


def test_a_reading_that_outlives_the_window_is_not_told_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "_PATIENCE_S", 0.1)
    slow, told = Slow(), threading.Event()
    reader = Reader(slow, told.set)
    reader.request(Drawing(), (80.0, 60.0))
    assert slow.began.wait(60)
    reader.close()
    slow.let_go.set()
    reader._thread.join(60)
    assert not reader._thread.is_alive()
    assert not told.is_set()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_ctrl_c_ends_it_while_it_reads(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "page.png"), np.ascontiguousarray(page("72")))
    run = subprocess.Popen(
        [sys.executable, "-c", ENDLESS, "--open", str(tmp_path / "page.png")], cwd=ROOT, text=True,
        env=clean_environment(SDL_VIDEODRIVER="dummy"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert run.stdout is not None
    assert run.stdout.readline() == "reading\n"
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=120)
    assert (run.returncode, out, err) == (130, "", "")


NEVER_SAVED = "session.Session.has_unsaved_ink = True"

UNSAVED = """
import runpy, sys
from digitrec.canvas import app
def wake():
    print("read", flush=True)
app._wake = wake
sys.argv[0] = "draw.py"
runpy.run_path("draw.py", run_name="__main__")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_termination_ends_it_without_a_question(tmp_path: Path) -> None:
    drawing = Drawing((Stroke(((100, 50), (100, 150)), 12.0),))
    saved = Saved(drawing, (200, 200))
    png = save(tmp_path, picture_of(drawing, saved.paper), Reading((), (), (200, 200)), saved)
    code = UNSAVED.replace("import app\n", f"import app, session\n{NEVER_SAVED}\n")
    run = subprocess.Popen(
        [sys.executable, "-c", code, "--open", str(png.with_suffix(".json"))], cwd=ROOT, text=True,
        env=clean_environment(SDL_VIDEODRIVER="dummy"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert run.stdout is not None
        assert run.stdout.readline() == "read\n"
        run.send_signal(signal.SIGTERM)
        _, err = run.communicate(timeout=120)
    finally:
        run.kill()
    assert (run.returncode, err) == (0, "")
