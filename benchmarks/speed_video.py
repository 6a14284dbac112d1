"""Video files: ``cam.py VIDEO`` against a bare decode loop over the same file."""

from __future__ import annotations

import os
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import cv2

from benchmarks.speed_pages import FPS, Size, moving_sheet, write_clips
from benchmarks.speed_timing import CAM, Finished, missing, run_process

SIZES: dict[str, Size] = {"1280x720": (1280, 720), "1920x1080": (1920, 1080)}
CODECS = ("mp4v", "H.264")
ROUNDS = 2
LONG_S = 8.0
"""A run that took so long is not repeated."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Milliseconds a frame: wall and processor time (of all threads)."""

    wall_ms: float
    cpu_ms: float


def report_video(frames: int) -> None:
    """Frames a second of each clip, and where nothing but the decoder would work."""
    print(
        f"\n{f'video, {frames} frames, 15 digits':26} bare decode     cam.py --out x.jsonl     of it   most MB", end=""
    )
    print("   processor ms a frame: decoder, all")
    with tempfile.TemporaryDirectory() as folder:
        for name, size in SIZES.items():
            paths = {codec: Path(folder) / f"{name}-{codec}.mp4" for codec in CODECS}
            written = write_clips(paths, size, frames)
            for codec in CODECS:
                if codec in written:
                    _report_clip(f"{name} {codec}", paths[codec], frames)
                else:
                    missing(f"{name} {codec}", "no ffmpeg with libx264")
        _report_annotated(Path(folder), frames)


def _report_clip(name: str, path: Path, frames: int) -> None:
    """One clip: decoding before and after each run of ``cam.py``, so that both meet the same machine."""
    bare, runs = [decode(path)], list[Finished]()
    for _ in range(ROUNDS):
        runs.append(run_cam(path, path.with_suffix(".jsonl")))
        bare.append(decode(path))
        if runs[-1].wall_s > LONG_S:
            break
    fps = max(told_fps(run) for run in runs)
    decoded = min(bare, key=lambda rate: rate.wall_ms)
    memory_mb = max(run.memory_mb for run in runs)
    least = min(1000 * run.cpu_s / frames for run in runs)
    share = fps * decoded.wall_ms / 1000
    print(
        f"{name:26} {1000 / decoded.wall_ms:7.1f} fps {fps:19.1f} fps {share:9.2f} {memory_mb:9.0f}"
        f" {decoded.cpu_ms:10.1f} {least:10.1f}"
    )


def _report_annotated(folder: Path, frames: int) -> None:
    """What the annotated video adds, beside its encoder by itself."""
    path = folder / "1280x720-mp4v.mp4"
    runs = [run_cam(path, folder / "alone.jsonl"), run_cam(path, folder / "too.jsonl", folder / "annotated.mp4")]
    encoder = encode(folder / "encoded.mp4", (1280, 720), min(frames, 60))
    lines, both = (1000 / told_fps(run) for run in runs)
    print("\nannotated video, 1280x720 mp4v, ms a frame      wall   processor")
    print(f"{'cam.py --out x.jsonl':44} {lines:8.1f} {1000 * runs[0].cpu_s / frames:11.1f}")
    print(f"{'cam.py --out x.jsonl --out x.mp4':44} {both:8.1f} {1000 * runs[1].cpu_s / frames:11.1f}")
    print(f"{'the encoder by itself':44} {encoder.wall_ms:8.1f} {encoder.cpu_ms:11.1f}")
    print(f"{'added by the annotated video':44} {both - lines:8.1f}")


def run_cam(path: Path, *outputs: Path, pinned: tuple[str, ...] = ()) -> Finished:
    """``cam.py PATH --no-window --out ...``."""
    outs = [argument for output in outputs for argument in ("--out", str(output))]
    return run_process([*pinned, *CAM, str(path), "--no-window", "--force", *outs])


def told_fps(run: Finished) -> float:
    """The rate of the whole run as ``cam.py`` tells it at the end: without the start of the process."""
    found = re.search(r"\(([\d.]+) fps\)", run.said)
    return float(found[1]) if found else float("nan")


def decode(path: Path) -> Rate:
    """A loop that decodes all frames and does nothing with them."""
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    frames, start, before = 0, time.perf_counter(), _cpu_s()
    while capture.grab():
        capture.retrieve()
        frames += 1
    took, cpu = time.perf_counter() - start, _cpu_s() - before
    capture.release()
    return Rate(1000 * took / max(1, frames), 1000 * cpu / max(1, frames))


def encode(path: Path, size: Size, frames: int) -> Rate:
    """A loop that encodes prepared frames with OpenCV's mp4v."""
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), FPS, size)
    walls, cpus = list[float](), list[float]()
    for picture in moving_sheet(size, frames, 15):
        start, before = time.perf_counter(), _cpu_s()
        writer.write(picture)
        walls.append(time.perf_counter() - start)
        cpus.append(_cpu_s() - before)
    writer.release()
    return Rate(1000 * median(walls), 1000 * median(cpus))


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system
