"""Worker processes that end with Ctrl+C without a word."""

from __future__ import annotations

import signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context


def worker_pool(jobs: int) -> ProcessPoolExecutor:
    """``jobs`` processes.

    Ctrl+C reaches the whole group of a terminal: a worker that waits for work would print a traceback of its own.
    """
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_end_quietly)


def _end_quietly() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
