"""Clocks for the speed benchmarks: calls in this process, and processes from their start."""

from __future__ import annotations

import contextlib
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
CAM = (sys.executable, "cam.py")
LEAST_CALLS = 3
ENOUGH_S = 6.0
"""Processes are not started again after so long."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one kind of call; ``cpu_ms``: the least processor time, of all threads."""

    median_ms: float
    best_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Finished:
    """A process that has ended.

    Attributes:
        wall_s: from its start to its end.
        cpu_s: processor time, of its own processes too.
        first_s: from its start to its first line on standard output; NaN without one.
        memory_mb: the most that it held (not its processes); NaN where the system does not tell.
        said: its standard error.
    """

    wall_s: float
    cpu_s: float
    first_s: float
    memory_mb: float
    said: str


def measure(call: Callable[[], object], seconds: float, before: Callable[[], object] | None = None) -> Timing:
    """Call again and again for about ``seconds``; ``before`` goes before each call and is not counted."""
    times: list[tuple[float, float]] = []
    _timed(call, before)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < LEAST_CALLS:
        times.append(_timed(call, before))
    walls = [wall for wall, _ in times]
    return Timing(median(walls), min(walls), min(cpu for _, cpu in times))


def _timed(call: Callable[[], object], before: Callable[[], object] | None) -> tuple[float, float]:
    if before is not None:
        before()
    start, cpu = time.perf_counter(), time.process_time()
    call()
    return (time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000


def run_process(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Finished:
    """Run a command in the project's folder to its end.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    before_s, began_s = _children_s(), time.perf_counter()
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, stderr=said
        ) as child,
    ):
        first_s, memory_mb = _watch(child, began_s)
        wall_s = time.perf_counter() - began_s
        said.seek(0)
        words = said.read().decode("utf-8", "replace")
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, list(command), stderr=words)
    return Finished(wall_s, _children_s() - before_s, first_s, memory_mb, words)


def best_process(command: Sequence[str], runs: int, environment: Mapping[str, str] | None = None) -> Finished:
    """The fastest of some runs: of fewer where they take long."""
    finished: list[Finished] = []
    while not finished or (len(finished) < runs and sum(run.wall_s for run in finished) < ENOUGH_S):
        finished.append(run_process(command, environment))
    return min(finished, key=lambda run: run.wall_s)


def _watch(child: subprocess.Popen[bytes], began_s: float) -> tuple[float, float]:
    """Until it ends: when its first output came, seconds after ``began_s``, and its largest memory, MB.

    Asked every few ms: ``getrusage`` would count our own pages from before the exec.
    """
    first_s = largest_mb = float("nan")
    assert child.stdout is not None  # noqa: S101 - for the type checker
    os.set_blocking(child.stdout.fileno(), False)
    while child.poll() is None:
        taken = child.stdout.read()  # what is never taken out of the pipe stops the child
        passed_s = time.perf_counter() - began_s
        if taken and math.isnan(first_s):
            first_s = passed_s
        with contextlib.suppress(OSError, StopIteration):
            rows = Path(f"/proc/{child.pid}/status").read_text().splitlines()
            largest_mb = int(next(row for row in rows if row.startswith("VmHWM")).split()[1]) / 1024
        time.sleep(0.002 if passed_s < 1 else 0.02)  # asking takes time from the child
    if child.stdout.read() and math.isnan(first_s):
        first_s = time.perf_counter() - began_s
    return first_s, largest_mb


def _children_s() -> float:
    """Processor time of all processes that were started and have ended, seconds."""
    times = os.times()
    return times.children_user + times.children_system


def missing(what: str, why: str) -> None:
    """Say that a row cannot be measured here."""
    print(f"{what:44} not measured: {why}")
