"""How fast digitrec is: ``python -m benchmarks.speed``.

Times are medians and the best of all calls, which other programs on the machine disturb least. Beside them stands what
a bare loop, or what a user would use instead, takes for the same work in the same run, since machines differ. Before
each reading that is timed the crops that are remembered are forgotten.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2

from benchmarks.speed_frames import report_again, report_frames, report_stages
from benchmarks.speed_jobs import report_jobs
from benchmarks.speed_live import report_live
from benchmarks.speed_others import report_networks, report_ocr
from benchmarks.speed_small import report_small
from benchmarks.speed_start import report_start
from benchmarks.speed_video import report_video
from digitrec.console import quiet_libraries
from digitrec.crew import all_cores
from digitrec.recognizer import Recognizer

SECTIONS = {
    "frames": "pixels to Reading, by resolution and number of digits",
    "again": "the same frame again",
    "stages": "where the time of a frame goes",
    "start": "start-up and memory of fresh processes",
    "video": "cam.py VIDEO against a bare decode loop",
    "live": "a camera of 30 frames a second",
    "jobs": "many files, --jobs",
    "small": "one core",
    "networks": "Keras in place of LiteRT",
    "ocr": "RapidOCR and Tesseract in place of digitrec, where installed",
}


def main() -> None:
    """Measure what was asked for, one section after the other."""
    options = _parser().parse_args()
    began_s = time.monotonic()
    print(f"{all_cores()} cores, Python {sys.version.split()[0]}, OpenCV {cv2.__version__}")
    if (load := _load()) is not None:
        print(f"programs that wanted a core in the minute before: {load:.1f} (1-minute load)")
    with quiet_libraries():  # LiteRT tells about its delegate
        recognizer = Recognizer(options.model)
    seconds = options.seconds
    reports: dict[str, Callable[[], None]] = {
        "frames": lambda: report_frames(recognizer, seconds),
        "again": lambda: report_again(recognizer, seconds),
        "stages": lambda: report_stages(recognizer, seconds),
        "start": report_start,
        "video": lambda: report_video(options.frames),
        "live": lambda: report_live(recognizer, 4 * seconds),
        "jobs": lambda: report_jobs(options.photos),
        "small": lambda: report_small(recognizer, options.model),
        "networks": lambda: report_networks(recognizer, seconds),
        "ocr": lambda: report_ocr(recognizer, seconds),
    }
    for section in SECTIONS:
        if section in options.only:
            reports[section]()
            sys.stdout.flush()
    print(f"\nmeasured in {time.monotonic() - began_s:.0f} s")


def _parser() -> argparse.ArgumentParser:
    sections = "sections:\n" + "".join(f"  {name:10} {what}\n" for name, what in SECTIONS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed",
        description=__doc__,
        epilog=sections,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--model", type=Path, default=None, help="a .tflite file (default: the shipped one)")
    add("--only", type=_sections, default=tuple(SECTIONS), metavar="A,B", help="these sections (default: all)")
    add("--seconds", type=float, default=0.7, metavar="S", help="time for each row (default: 0.7)")
    add("--frames", type=int, default=300, metavar="N", help="frames of each clip (default: 300)")
    add("--photos", type=int, default=80, metavar="N", help="photos for --jobs (default: 80)")
    return parser


def _sections(text: str) -> tuple[str, ...]:
    """``frames,video`` -> ("frames", "video")."""
    chosen = tuple(part.strip() for part in text.split(","))
    unknown = [part for part in chosen if part not in SECTIONS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no section {unknown[0]!r}: choose among {', '.join(SECTIONS)}")
    return chosen


def _load() -> float | None:
    """The mean number of busy processes over the last minute, where the system tells."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


if __name__ == "__main__":
    main()
