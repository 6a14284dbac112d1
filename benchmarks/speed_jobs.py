"""Many files with one process and with several."""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2

from benchmarks.speed_pages import page
from benchmarks.speed_timing import CAM, run_process
from digitrec.crew import all_cores


def report_jobs(photos: int) -> None:
    """The whole of ``cam.py FOLDER``, its start too; processor time tells more than the clock on a busy machine."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(photos):
            cv2.imwrite(str(Path(folder) / f"{number}.jpg"), page((1280, 720), 20, seed=number))
        title = f"{photos} photos 1280x720, 20 digits"
        print(f"\n{title:44} a second   CPU ms a photo   x --jobs 1")
        first = 0.0
        for jobs in sorted({1, 2, all_cores()}):
            run = run_process([*CAM, folder, "--no-window", "--jobs", str(jobs)])
            rate = photos / run.wall_s
            first = first or rate
            print(f"cam.py FOLDER --jobs {jobs:<24} {rate:7.1f} {1000 * run.cpu_s / photos:16.1f} {rate / first:12.2f}")
