"""Clocks for the speed benchmarks: calls in this process, and processes from their start."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
CAM = (sys.executable, "cam.py")
LEAST_CALLS = 3


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one kind of call."""

    median_ms: float
    best_ms: float


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
    times: list[float] = []
    _timed(call, before)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < LEAST_CALLS:
        times.append(_timed(call, before))
    return Timing(median(times), min(times))


def _timed(call: Callable[[], object], before: Callable[[], object] | None) -> float:
    if before is not None:
        before()
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def run_process(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Finished:
    """Run a command in the project's folder to its end.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    before_s, began_s, first_s = _children_s(), time.perf_counter(), float("nan")
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as child:  # fmt: skip
        assert child.stdout is not None and child.stderr is not None  # noqa: S101 - for the type checker
        # The few words on standard error fit into the pipe.
        if child.stdout.readline():
            first_s = time.perf_counter() - began_s
        memory_mb = _memory_until_end(child)
        wall_s = time.perf_counter() - began_s
        said = child.stderr.read().decode("utf-8", "replace")
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, list(command), stderr=said)
    return Finished(wall_s, _children_s() - before_s, first_s, memory_mb, said)


def best_process(command: Sequence[str], runs: int, environment: Mapping[str, str] | None = None) -> Finished:
    """The fastest of some runs."""
    return min((run_process(command, environment) for _ in range(runs)), key=lambda run: run.wall_s)


def _memory_until_end(child: subprocess.Popen[bytes]) -> float:
    """The largest memory, MB, asked every few ms: ``getrusage`` would count our own pages from before the exec."""
    largest = float("nan")
    assert child.stdout is not None  # noqa: S101 - for the type checker
    os.set_blocking(child.stdout.fileno(), False)
    began_s = time.perf_counter()
    while child.poll() is None:
        with contextlib.suppress(OSError, StopIteration):
            rows = Path(f"/proc/{child.pid}/status").read_text().splitlines()
            largest = int(next(row for row in rows if row.startswith("VmHWM")).split()[1]) / 1024
        child.stdout.read()  # what is never taken out of the pipe stops the child
        time.sleep(0.002 if time.perf_counter() - began_s < 1 else 0.02)  # asking takes time from the child
    return largest


def _children_s() -> float:
    """Processor time of all processes that were started and have ended, seconds."""
    times = os.times()
    return times.children_user + times.children_system


def missing(what: str, why: str) -> None:
    """Say that a row cannot be measured here."""
    print(f"{what:44} not measured: {why}")
