"""How fast a run is: the rate, the latency, and the lines about them."""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Callable

WINDOW_S = 1.0
_STEP = 1.02
"""Latencies are counted in steps of 2 %: exact enough, and the memory of a run of days stays flat."""


class Meter:
    """Counts frames and latencies of a run.

    Args:
        clock: seconds, monotonic.

    Attributes:
        frames: so many are done.
        reads: so many of them were read; in the others the digits were followed, or they came again.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start_s = clock()
        self._recent: deque[tuple[float, float, int]] = deque()
        self._fps = 0.0
        self._recent_ms = 0.0
        self._latencies: Counter[int] = Counter()
        self.frames = 0
        self.reads = 0

    def restart(self) -> None:
        """The run begins now: what came before (loading, opening) does not count for its rate."""
        self._start_s = self._clock()

    def resume(self) -> None:
        """The run stood still, as it was told to: that does not count for the rate of the moment, which stays."""
        self._recent.clear()

    def add(self, latency_s: float, count: int = 1) -> None:
        """Frames are done, at once; ``latency_s`` after each was grabbed (live) or taken up (files), on average."""
        if count < 1:
            return
        now = self._clock()
        self.frames += count
        self._recent.append((now, latency_s, count))
        while len(self._recent) > 2 and now - self._recent[0][0] > WINDOW_S:
            self._recent.popleft()
        frames = sum(count for _, _, count in self._recent)
        self._recent_ms = 1000 * sum(latency * count for _, latency, count in self._recent) / frames
        if len(self._recent) > 1:  # the first began to be counted when the one before it was done
            self._fps = (frames - self._recent[0][2]) / max(now - self._recent[0][0], 1e-6)
        self._latencies[round(math.log(max(latency_s, 1e-6), _STEP))] += count

    @property
    def elapsed_s(self) -> float:
        """Since the run began."""
        return self._clock() - self._start_s

    @property
    def fps(self) -> float:
        """Frames a second over the last second; 0 before there is any rate."""
        return self._fps

    @property
    def recent_ms(self) -> float:
        """The mean latency of the last second, milliseconds; 0 before the first frame."""
        return self._recent_ms

    @property
    def mean_fps(self) -> float:
        """Frames a second over the whole run."""
        return self.frames / max(self.elapsed_s, 1e-6)

    def latency_ms(self, share: float) -> float:
        """The latency that ``share`` (0-1) of the frames did not exceed, milliseconds; 0 before the first frame."""
        left = share * self.frames
        for step in sorted(self._latencies):
            left -= self._latencies[step]
            if left <= 0:
                return float(_STEP**step * 1000)
        return 0.0


def progress_line(meter: Meter, frame_count: int | None, noun: str) -> str:
    """As ``312/900 frames  35%  41 fps  0:14 left``."""
    rate = f"{meter.fps or meter.mean_fps:.0f} fps" if noun == "frame" else f"{meter.mean_fps:.1f} a second"
    if not frame_count:
        return f"{meter.frames} {noun}s  {rate}"
    left_s = max(0, frame_count - meter.frames) / max(meter.mean_fps, 1e-6)
    share = min(1.0, meter.frames / frame_count)
    return f"{meter.frames}/{frame_count} {noun}s  {share:.0%}  {rate}  {clock(left_s)} left"


def summary_lines(meter: Meter, noun: str, dropped: int | None, reports: list[str]) -> list[str]:
    """The last words of a run: frames, rate, latency, dropped frames (live), files written."""
    plural = "" if meter.frames == 1 else "s"
    parts = [f"{meter.frames} {noun}{plural} in {clock(meter.elapsed_s, tenths=True)}"]
    if meter.frames and noun == "frame":
        parts[0] += f" ({meter.mean_fps:.1f} fps)"
    if meter.frames:
        parts.append(f"latency p50 {meter.latency_ms(0.5):.1f} ms, p95 {meter.latency_ms(0.95):.1f} ms")
    if dropped is not None and meter.reads < meter.frames:
        parts.append(f"{meter.reads} read, the others followed")
    if dropped is not None:
        parts.append(f"{dropped} dropped")
    lines = [", ".join(parts)]
    if reports:
        lines.append("wrote " + ", ".join(reports))
    return lines


def clock(time_s: float, tenths: bool = False) -> str:
    """75 -> "1:15"; with ``tenths`` and under a minute "12.4 s"."""
    if tenths and time_s < 60:
        return f"{time_s:.1f} s"
    minutes, seconds = divmod(round(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
