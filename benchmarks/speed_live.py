"""A live camera: frames a second and latency, where frames that take long are read meanwhile and where each is read."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray

from benchmarks.rooms import shelf
from benchmarks.speed_pages import FPS, Size, moving, page
from digitrec.interrupts import Interrupts
from digitrec.liveframes import QUICK_S, LiveFrames
from digitrec.pipeline import Pipeline, Stages
from digitrec.recognizer import Recognizer
from digitrec.results import Image
from digitrec.sources.base import SourceOptions
from digitrec.sources.live import LiveSource
from digitrec.summary import Meter

SIZE: Size = (1280, 720)
CLIP = 90
"""Pictures that the camera shows again and again."""


class Camera:
    """Stands in for one of 30 frames a second: a clip, there and back."""

    def __init__(self, pictures: list[Image]) -> None:
        self._pictures = pictures + pictures[::-1]
        self._count = 0
        self._began_s = time.monotonic()

    def read(self) -> tuple[bool, NDArray[np.generic] | None]:
        """The next picture, when it is due."""
        self._count += 1
        time.sleep(max(0.0, self._began_s + self._count / FPS - time.monotonic()))
        return True, self._pictures[self._count % len(self._pictures)].copy()

    def release(self) -> None:
        """Nothing is held."""


def _scenes() -> dict[str, Image]:
    room, sheet = shelf(np.random.default_rng(3)), page((640, 360), 8)
    room[180:540, 320:960] = sheet
    return {"a sheet, 20 digits": page(SIZE, 20), "held before a shelf, 8 digits": room}


def report_live(recognizer: Recognizer, seconds: float) -> None:
    """For ``seconds`` each, at 1280x720."""
    print("\nlive, 1280x720, 30 fps                            shown fps   latency p50, p95 ms   read   digits a frame")
    for name, scene in _scenes().items():
        clip = list(moving(scene, CLIP))
        for how, quick_s in (("each frame read", math.inf), ("as cam.py does", QUICK_S)):
            _row(f"{name}: {how}", recognizer, clip, quick_s, seconds)


def _row(name: str, recognizer: Recognizer, clip: list[Image], quick_s: float, seconds: float) -> None:
    digits: list[int] = []
    meter = Meter()
    source = LiveSource("camera", lambda: Camera(clip), SourceOptions())
    stages = Stages(recognizer.read, lambda read: LiveFrames(read, quick_s))
    pipeline = Pipeline(stages, meter, Interrupts())
    meter.restart()
    for frame in source:
        for _, reading in pipeline.step(source, frame):
            digits.append(len(reading.digits))
        pipeline.done(source, frame, 0.0)
        if meter.elapsed_s > seconds:
            source.close()
    pipeline.finish()
    latency = f"{meter.latency_ms(0.5):9.1f} {meter.latency_ms(0.95):8.1f}"
    print(f"{name:48} {meter.mean_fps:9.1f} {latency} {meter.reads:11d} {np.mean(digits):13.1f}")
