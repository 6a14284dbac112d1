"""Pixels to Reading: by resolution, by the number of digits, on photographs, stage by stage."""

from __future__ import annotations

import cv2

from benchmarks.speed_pages import page, specks
from benchmarks.speed_stages import stage_times
from benchmarks.speed_timing import ROOT, Timing, measure
from digitrec.recognizer import Recognizer
from digitrec.repeats import Repeats, is_same
from digitrec.results import Image

PAGES = (
    ("640x480", (640, 480), 20),
    ("1280x720", (1280, 720), 0),
    ("1280x720", (1280, 720), 5),
    ("1280x720", (1280, 720), 20),
    ("1280x720", (1280, 720), 50),
    ("1280x720", (1280, 720), 100),
    ("1280x720", (1280, 720), 200),
    ("1920x1080", (1920, 1080), 20),
    ("1920x1080", (1920, 1080), 100),
    ("3840x2160", (3840, 2160), 20),
)
"""By resolution with 20 digits, and by the number of digits at 1280x720."""


def timed_read(recognizer: Recognizer, image: Image, seconds: float) -> Timing:
    """Reading a picture that was never seen: crops that are remembered are forgotten first."""
    return measure(lambda: recognizer.read(image), seconds, recognizer.forget)


def report_frames(recognizer: Recognizer, seconds: float) -> None:
    """Pixels to Reading, beside the decoding of the same picture from JPEG: the measure between machines.

    The ratio is one of processor time, which other programs disturb less.
    """
    print("\nfrom pixels to Reading, ms                digits found   median     best  processor   x JPEG decode")
    for name, size, count in PAGES:
        _row(recognizer, f"{name:10} {count:4d} digits", page(size, count), seconds)
    _row(recognizer, "1280x720   56,000 specks", specks((1280, 720)), seconds)
    for path in sorted((ROOT / "samples").glob("*.jpg")):
        image = cv2.imread(str(path))
        if image is not None:
            _row(recognizer, f"{image.shape[1]}x{image.shape[0]} samples/{path.name}", image, seconds)  # type: ignore[arg-type]


def _row(recognizer: Recognizer, name: str, image: Image, seconds: float) -> None:
    found = len(recognizer.read(image).digits)
    timing = timed_read(recognizer, image, seconds)
    jpeg = cv2.imencode(".jpg", image)[1]
    decode = measure(lambda: cv2.imdecode(jpeg, cv2.IMREAD_COLOR), 0.2)
    ratio = timing.cpu_ms / decode.cpu_ms
    times = f"{timing.median_ms:8.2f} {timing.best_ms:8.2f} {timing.cpu_ms:10.2f}"
    print(f"{name:40} {found:13d} {times} {ratio:15.1f}")


def report_again(recognizer: Recognizer, seconds: float) -> None:
    """What is saved where something comes again, and what it costs where nothing does."""
    image, other = page((1280, 720), 20), page((1280, 720), 20, seed=6)
    changed = image.copy()
    changed[-1, -1] ^= 255
    repeats = Repeats(recognizer.read)
    repeats.read(image)
    new = timed_read(recognizer, image, seconds)
    recognizer.read(image)
    timings = {
        "a new frame": new,
        "a picture whose crops were seen (canvas)": measure(lambda: recognizer.read(image), seconds / 2),
        "a frame that is the one before (video)": measure(lambda: repeats.read(image), seconds / 4),
        "comparing: another frame": measure(lambda: is_same(image, other), seconds / 4),
        "comparing: the last pixel is another": measure(lambda: is_same(image, changed), seconds / 4),
    }
    print("\nthe same again, 1280x720, 20 digits, ms               median     best   share of a new frame")
    for name, timing in timings.items():
        print(f"{name:50} {timing.median_ms:9.3f} {timing.best_ms:8.3f} {timing.best_ms / new.best_ms:22.3f}")


def report_stages(recognizer: Recognizer, seconds: float) -> None:
    """Where the time of one picture goes, by module; each counted without what it calls in the others."""
    photo = cv2.imread(str(ROOT / "samples" / "plain.jpg"))
    pictures: dict[str, Image] = {"a page of 20 digits": page((1280, 720), 20)}
    if photo is not None:
        pictures["samples/plain.jpg"] = photo  # type: ignore[assignment]
    tables = [stage_times(recognizer, picture, seconds) for picture in pictures.values()]
    print(f"\n{'stages, processor ms (share)':34}" + "".join(f"{name:>24}" for name in pictures))
    for stage in sorted({name for table in tables for name in table}, key=lambda s: -tables[0].get(s, 0.0)):
        cells = ""
        for table in tables:
            took = table.get(stage, 0.0)
            cells += f"{took:16.2f} ({took / max(1e-9, sum(table.values())):4.0%})"
        print(f"{stage:34}{cells}")
    print(f"{'sum':34}" + "".join(f"{sum(table.values()):16.2f}       " for table in tables))
