"""How fast digitrec reads: ``python -m benchmarks.speed``.

Times are medians (and best of all runs, which other programs on the machine disturb least); start-up is measured in
fresh processes. Ratios against a bare loop over the same work are printed beside the times, since machines differ.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from digitrec import Recognizer
from digitrec.crew import all_cores
from digitrec.levels import LevelReader
from digitrec.recognizer import ink_levels
from digitrec.results import Image

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one kind of call."""

    median_ms: float
    best_ms: float


def measure(call: Callable[[], object], seconds: float = 1.5) -> Timing:
    """Call again and again for about ``seconds``."""
    call()
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000)
    return Timing(median(times), min(times))


def page(size: tuple[int, int], count: int, seed: int = 5) -> Image:
    """A sheet of ``count`` hand-drawn-looking digits, made without any data set: thick anti-aliased strokes."""
    width, height = size
    rng = np.random.default_rng(seed)
    image = np.full((height, width, 3), 225, np.uint8)
    shade = np.linspace(1.0, 0.75, width, dtype=np.float32)[None, :, None]
    columns = max(1, int(np.ceil(np.sqrt(count * width / height))))
    rows = max(1, -(-count // columns))
    cell_w, cell_h = width / columns, height / rows
    scale = min(cell_w / 30, cell_h / 40)
    for i in range(count):
        x = int((i % columns + 0.25) * cell_w + rng.normal(0, cell_w * 0.03))
        y = int((i // columns + 0.75) * cell_h + rng.normal(0, cell_h * 0.03))
        digit = str(int(rng.integers(10)))
        thickness = max(1, round(scale * 2.2))
        cv2.putText(image, digit, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale * 0.7, (50, 40, 40), thickness, cv2.LINE_AA)
    noise = rng.normal(0, 2, image.shape).astype(np.float32)
    return np.clip(image * shade + noise, 0, 255).astype(np.uint8)


def report_frames(recognizer: Recognizer) -> None:
    """Pixels to Reading, by resolution and number of digits."""
    print("\nfrom pixels to Reading, ms           digits found   median     best   x JPEG decode")
    for name, size, count in (
        ("640x480", (640, 480), 20),
        ("1280x720", (1280, 720), 0),
        ("1280x720", (1280, 720), 20),
        ("1280x720", (1280, 720), 100),
        ("1920x1080", (1920, 1080), 100),
        ("3840x2160", (3840, 2160), 20),
    ):
        image = page(size, count)
        found = len(recognizer.read(image).digits)
        timing = measure(lambda image=image: recognizer.read(image))  # type: ignore[misc]
        jpeg = cv2.imencode(".jpg", image)[1]
        decode = measure(lambda jpeg=jpeg: cv2.imdecode(jpeg, cv2.IMREAD_COLOR), 0.3)  # type: ignore[misc]
        ratio = timing.best_ms / decode.best_ms
        print(f"{name:10} {count:4d} digits {found:22d} {timing.median_ms:10.2f} {timing.best_ms:8.2f} {ratio:10.1f}")
    specks = np.full((720, 1280, 3), 225, np.uint8)
    specks[np.random.default_rng(0).random((720, 1280)) < 0.061] = 40
    found = len(recognizer.read(specks).digits)
    timing = measure(lambda: recognizer.read(specks))
    print(f"1280x720  56,000 specks {found:18d} {timing.median_ms:10.2f} {timing.best_ms:8.2f}")


def report_stages(recognizer: Recognizer) -> None:
    """Where the time of one frame goes."""
    image = page((1280, 720), 20)
    size = (1280, 720)
    classifier = recognizer._classifier
    levels = ink_levels(image)
    crops = np.zeros((20, 28, 28), np.uint8)
    print("\nstages at 1280x720 with 20 digits, ms      median     best")
    for name, call in (
        ("ink, both levels", lambda: ink_levels(image)),
        ("pieces of the fine level", lambda: LevelReader(levels[0], size, classifier)),
        ("glyphs, hypotheses, network (fine)", lambda: LevelReader(levels[0], size, classifier).candidates()),
        ("network alone, 20 crops", lambda: classifier.classify(crops)),
    ):
        timing = measure(call, 0.8)
        print(f"{name:38} {timing.median_ms:10.2f} {timing.best_ms:8.2f}")


def report_processes() -> None:
    """Start-up, in fresh processes."""
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "page.jpg"
        cv2.imwrite(str(photo), page((1280, 720), 20))
        bare = _process([sys.executable, "-c", "pass"])
        print(f"\nfresh processes, s (python alone {bare:.2f})        best    MB")
        for name, arguments in (
            ("cam.py --help", ["--help"]),
            ("cam.py PHOTO, first reading", [str(photo), "--no-window"]),
        ):
            seconds = _process([sys.executable, "cam.py", *arguments])
            print(f"{name:42} {seconds:9.2f} {_memory(arguments):5.0f}")


def report_jobs(photos: int = 120) -> None:
    """Many files with one process and with several: the whole of ``cam.py``, its start too."""
    cores = all_cores()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(photos):
            cv2.imwrite(str(Path(folder) / f"{number}.jpg"), page((1280, 720), 20, seed=number % 10))
        print(f"\n{photos} photos 1280x720, 20 digits      a second   CPU ms a photo   x --jobs 1")
        first = 0.0
        for jobs in sorted({1, 2, cores}):
            cpu_s = _children_s()
            wall_s = _process([sys.executable, "cam.py", folder, "--no-window", "--jobs", str(jobs)], runs=1)
            rate, cpu_ms = photos / wall_s, 1000 * (_children_s() - cpu_s) / photos
            first = first or rate
            print(f"cam.py FOLDER --jobs {jobs:<3} {rate:24.1f} {cpu_ms:16.1f} {rate / first:12.2f}")


def _children_s() -> float:
    """Processor time of all processes that were started and have ended, seconds."""
    times = os.times()
    return times.children_user + times.children_system


def _process(command: list[str], runs: int = 5) -> float:
    """Best wall time of some runs, seconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return min(times)


def _memory(arguments: list[str]) -> float:
    """The largest memory of ``cam.py`` with these arguments, MB, asked every few ms; NaN where that is not told.

    ``getrusage`` would count the parent's own pages from before the exec.
    """
    largest = float("nan")
    child = subprocess.Popen(
        [sys.executable, "cam.py", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while child.poll() is None:
        with contextlib.suppress(OSError, StopIteration):
            rows = Path(f"/proc/{child.pid}/status").read_text().splitlines()
            largest = int(next(r for r in rows if r.startswith("VmHWM")).split()[1]) / 1024
        time.sleep(0.002)
    return largest


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--model", type=Path, default=None, help="a .tflite file (default: the shipped one)")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, OpenCV {cv2.__version__}")
    recognizer = Recognizer(options.model)
    report_frames(recognizer)
    report_stages(recognizer)
    report_processes()
    report_jobs()


if __name__ == "__main__":
    main()
