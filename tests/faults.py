"""A table of faults: each a command line in a process of its own, its exit code, its one line and a time limit."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.camtools import CAM, ROOT, clean_environment

LIMIT_S = 180.0
"""None of them may hang; far more than any takes, for slow machines."""

TOGETHER = 3
"""Most of their time processes wait: for a disk, a server, a stall."""

SUMMARY = re.compile(r"[\d,]+ (frame|picture)s? in .* latency p50 .*|wrote .*")


@dataclass(frozen=True)
class Case:
    """Arguments of cam.py ({in}: the inputs), exit code, and a pattern for the one line besides the summary.

    ``line`` empty: nothing but the summary. ``fault``: camera 0 is a ``tests.faulty_camera``.
    """

    arguments: str
    code: int
    line: str = ""
    out: str | None = None
    fault: str = ""
    stdin: bytes | None = b""

    def start(self, inputs: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        begin = [sys.executable, "-m", "tests.faulty_camera", self.fault] if self.fault else [sys.executable, CAM]
        arguments = [part.replace("{in}", str(inputs)) for part in self.arguments.split()]
        done = subprocess.run(
            [*begin, "--no-window", *arguments], cwd=cwd, input=self.stdin, capture_output=True, timeout=LIMIT_S,
            env=clean_environment(PYTHONPATH=os.pathsep.join([str(ROOT), *sys.path])), check=False,
        )  # fmt: skip
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def check(case: Case, done: subprocess.CompletedProcess[str]) -> None:
    """The exit code is right, the one line is the only one, nothing native or of Python leaks through."""
    told = [line for line in done.stderr.splitlines() if not SUMMARY.fullmatch(line)]
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == case.code, done.stderr
    assert len(told) == bool(case.line), done.stderr
    if case.line:
        assert re.search(case.line, told[0]), told[0]
    if case.out is not None:
        assert re.fullmatch(case.out, done.stdout), done.stdout


class Runs:
    """The processes of a table, a few at a time, begun when the first is asked for."""

    def __init__(self, cases: dict[str, Case], inputs: Path, folder: Path) -> None:
        self._pool = ThreadPoolExecutor(TOGETHER)
        self._folder = folder
        self._begun: dict[str, Future[subprocess.CompletedProcess[str]]] = {}
        for name, case in cases.items():
            cwd = inputs
            if "--out" in case.arguments:
                cwd = self.cwd(name)
                cwd.mkdir()
            self._begun[name] = self._pool.submit(case.start, inputs, cwd)

    def cwd(self, name: str) -> Path:
        """The folder for the outputs of a case; those without outputs run beside the inputs."""
        return self._folder / re.sub(r"\W", "-", name)

    def of(self, name: str) -> subprocess.CompletedProcess[str]:
        """How a case ended."""
        return self._begun[name].result()

    def close(self) -> None:
        """Wait for what still runs."""
        self._pool.shutdown(wait=True, cancel_futures=True)
