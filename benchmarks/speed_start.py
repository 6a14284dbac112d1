"""Start-up and memory, in fresh processes."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import cv2

from benchmarks.speed_pages import page
from benchmarks.speed_timing import CAM, best_process

FIRST_PICTURE = """
import os, runpy, sys
import pygame.display
pygame.display.flip = lambda: os._exit(0)
sys.argv = ["draw.py"]
sys.path.insert(0, "")
runpy.run_path("draw.py", run_name="__main__")
"""
"""draw.py until its window is shown for the first time."""


def report_start(runs: int = 5) -> None:
    """From the start of a process to what a person waits for."""
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "page.jpg"
        cv2.imwrite(str(photo), page((1280, 720), 20))
        bare = best_process([sys.executable, "-c", "pass"], runs)
        vision = best_process([sys.executable, "-c", "import cv2"], runs)
        print("\nfrom the start of a process, s (best of " + f"{runs})".ljust(14) + "seconds   most MB")
        print(f"{'python alone':48} {bare.wall_s:9.2f} {bare.memory_mb:9.0f}")
        print(f"{'python and OpenCV alone':48} {vision.wall_s:9.2f} {vision.memory_mb:9.0f}")
        told = best_process([*CAM, "--help"], runs)
        print(f"{'cam.py --help, to its end':48} {told.wall_s:9.2f} {told.memory_mb:9.0f}")
        read = best_process([*CAM, str(photo), "--no-window"], runs)
        print(f"{'cam.py PHOTO (1280x720), first reading':48} {read.first_s:9.2f} {read.memory_mb:9.0f}")
    environment = {"SDL_VIDEODRIVER": "dummy", "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    drawn = best_process([sys.executable, "-c", FIRST_PICTURE], runs, environment)
    print(f"{'draw.py, window drawn (no screen behind it)':48} {drawn.wall_s:9.2f} {drawn.memory_mb:9.0f}")
