"""A small computer: everything on one core. ``python -m benchmarks.speed_small`` is the part that runs there."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import cv2

from benchmarks.speed_frames import timed_read
from benchmarks.speed_pages import Size, page, write_clips
from benchmarks.speed_timing import missing, run_process
from benchmarks.speed_video import run_cam, told_fps
from digitrec.recognizer import Recognizer

PAGES: tuple[tuple[Size, int], ...] = (((640, 480), 20), ((1280, 720), 0), ((1280, 720), 20), ((1920, 1080), 20))
SECONDS = 0.8


def report_small(recognizer: Recognizer, model: Path | None) -> None:
    """One core as it is, and at half the speed (computed), which is about a Raspberry Pi 4."""
    taskset, core = shutil.which("taskset"), str(min(_allowed()))
    print("\non one core, best ms a frame         all cores   one core   at half speed   frames a second then")
    if taskset is None:
        missing("one core", "there is no taskset")
        return
    pinned = (taskset, "-c", core)
    here = _times(recognizer)
    arguments = [str(model)] if model is not None else []
    run = run_process([*pinned, sys.executable, "-m", "benchmarks.speed_small", *arguments])
    for name, one_ms in json.loads(run.said.splitlines()[-1]).items():
        print(f"{name:36} {here[name]:9.1f} {one_ms:10.1f} {2 * one_ms:15.1f} {1000 / (2 * one_ms):22.1f}")
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "small.mp4"
        write_clips({"mp4v": clip}, (640, 480), 60)
        lines = clip.with_suffix(".jsonl")
        rates = [told_fps(run_cam(clip, lines)), told_fps(run_cam(clip, lines, pinned=pinned))]
    print(f"{'cam.py VIDEO, 640x480 mp4v, 15 digits':36} {1000 / rates[0]:8.1f} {1000 / rates[1]:10.1f}", end="")
    print(f" {2000 / rates[1]:15.1f} {rates[1] / 2:22.1f}")


def _times(recognizer: Recognizer) -> dict[str, float]:
    return {
        f"{size[0]}x{size[1]}, {count} digits": timed_read(recognizer, page(size, count), SECONDS).best_ms
        for size, count in PAGES
    }


def _allowed() -> set[int]:
    affinity = getattr(os, "sched_getaffinity", None)
    return set(affinity(0)) if affinity else {0}


def main() -> None:
    """Time the pages with a single thread, and print them as JSON where no library writes: the last line is ours."""
    cv2.setNumThreads(1)
    recognizer = Recognizer(sys.argv[1] if len(sys.argv) > 1 else None, threads=1)
    print(json.dumps(_times(recognizer)), file=sys.stderr)


if __name__ == "__main__":
    main()
