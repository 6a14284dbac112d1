"""Worker processes on this machine: each reads one input at a time, and one that dies is replaced."""

from __future__ import annotations

import os
import pickle
import signal
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import connection, get_context
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import Self

from digitrec.errors import DigitrecError
from digitrec.units import Job, Reader, Report, Unit

MOST_BYTES = 64 << 20
"""Reports that wait for an earlier input to end; beyond it the workers wait."""

ATTEMPTS = 2
"""A worker may die by chance (memory, a person); a file whose second worker dies as well is passed over."""

_WAKE_S = 0.2  # waiting is cut into pieces, so that Ctrl+C is seen on Windows too
_READY, _FAILED, _PART, _END = b"r", b"f", b"p", b"e"


def all_cores() -> int:
    """The cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@dataclass(eq=False, slots=True)
class _Worker:
    """A process, our end of its pipe, and what it was given and has not ended: two pictures, or one input."""

    process: SpawnProcess
    pipe: connection.Connection
    units: deque[Unit] = field(default_factory=deque)
    is_ready: bool = False


class Crew:
    """Reads inputs with several processes and hands the reports out in the order of the inputs.

    Args:
        job: what the inputs have in common.
        count: processes.
    """

    def __init__(self, job: Job, count: int) -> None:
        self._job = job
        self._count = count
        self._context = get_context("spawn")  # a fork would copy the locks of OpenCV's threads
        self._workers: list[_Worker] = []
        self._again: deque[Unit] = deque()
        self._units: Iterator[Unit] = iter(())
        self._deaths: Counter[int] = Counter()
        self._early_deaths = 0
        self._waiting: dict[int, deque[bytes]] = {}
        self._waiting_bytes = 0
        self._head = 0
        self._given = 0  # frames of the head that were handed out
        self._seen = 0  # ... that its present attempt has reported

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.pipe.close()
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(2.0)

    def read(self, units: Iterable[Unit]) -> Iterator[Report]:
        """Read ``units``, numbered 0, 1, 2 ...: one or more reports of each, in their order.

        Raises:
            DigitrecError: the workers cannot be started.
        """
        self._units = iter(units)
        while True:
            self._hand_out()
            if not any(worker.units for worker in self._workers):
                return
            for worker in self._listen():
                self._hear(worker)
            yield from self._due()

    def _hand_out(self) -> None:
        while (unit := self._next_unit()) is not None:
            worker = self._free_for(unit)
            if worker is None:
                self._again.appendleft(unit)
                return
            worker.units.append(unit)
            with suppress(OSError):  # it has just died, and is found dead when it is listened to
                worker.pipe.send(unit)

    def _next_unit(self) -> Unit | None:
        if self._again and (self._again[0].number == self._head or not self._is_full):
            return self._again.popleft()
        return None if self._again or self._is_full else next(self._units, None)

    @property
    def _is_full(self) -> bool:
        return self._waiting_bytes > MOST_BYTES

    def _free_for(self, unit: Unit) -> _Worker | None:
        """An idle worker, a new one, or for a picture one with a single picture: it need not wait for the next."""
        idle = next((w for w in self._workers if not w.units), None)
        if idle is None and len(self._workers) < self._count:
            idle = self._start()
        if idle is None and unit.is_picture:
            return next((w for w in self._workers if len(w.units) == 1 and w.units[0].is_picture), None)
        return idle

    def _start(self) -> _Worker:
        with _deaf():
            ours, theirs = self._context.Pipe()
            process = self._context.Process(target=_work, args=(theirs, self._job), daemon=True)
            process.start()
            theirs.close()
            self._workers.append(worker := _Worker(process, ours))
        return worker

    def _listen(self) -> list[_Worker]:
        """The workers that have something to say; while too much waits, only the one that reads the head."""
        speakers = {w.pipe: w for w in self._workers if not self._is_full or self._reads_head(w)}
        return [speakers[pipe] for pipe in connection.wait(list(speakers), _WAKE_S)]  # type: ignore[index]

    def _reads_head(self, worker: _Worker) -> bool:
        return any(unit.number == self._head for unit in worker.units)

    def _hear(self, worker: _Worker) -> None:
        try:
            message = worker.pipe.recv_bytes()
        except (EOFError, OSError):
            self._bury(worker)
            return
        kind, body = message[:1], message[1:]
        if kind == _READY:
            worker.is_ready = True
        elif kind == _FAILED:
            raise DigitrecError(*pickle.loads(body))  # noqa: S301 - from our own process
        else:
            self._keep(worker.units[0].number, body)
            if kind == _END:
                worker.units.popleft()

    def _keep(self, number: int, body: bytes) -> None:
        self._waiting.setdefault(number, deque()).append(body)
        self._waiting_bytes += len(body)

    def _bury(self, worker: _Worker) -> None:
        """Give what a dead worker had to others; the input that it died over gets one more attempt."""
        worker.process.join()
        worker.pipe.close()
        self._workers.remove(worker)
        if not worker.is_ready:
            self._early_deaths += 1
            if self._early_deaths > self._count:
                raise DigitrecError(f"the worker processes end as they start ({_how(worker.process)}). Try --jobs 1.")
        elif worker.units:
            self._blame(worker.units[0], _how(worker.process), worker.units)
        self._again.extendleft(reversed(worker.units))

    def _blame(self, unit: Unit, how: str, units: deque[Unit]) -> None:
        self._waiting_bytes -= sum(map(len, self._waiting.pop(unit.number, ())))
        if unit.number == self._head:
            self._seen = 0
        self._deaths[unit.number] += 1
        if self._deaths[unit.number] >= ATTEMPTS:
            units.popleft()
            problem = f"{unit.path} was passed over: the process that read it ended ({how}), twice."
            self._keep(unit.number, pickle.dumps(Report(unit.number, (), (problem,), 0.0)))

    def _due(self) -> Iterator[Report]:
        """The reports whose turn it is; frames that an earlier attempt had given already are left out."""
        while reports := self._waiting.get(self._head):
            body = reports.popleft()
            self._waiting_bytes -= len(body)
            report: Report = pickle.loads(body)  # noqa: S301 - from our own process
            fresh = report.frames[max(0, self._given - self._seen) :]
            self._seen += len(report.frames)
            self._given = max(self._given, self._seen)
            if report.took_s is not None:
                del self._waiting[self._head]
                self._head, self._given, self._seen = self._head + 1, 0, 0
            yield Report(report.number, fresh, report.problems, report.took_s)


def _how(process: SpawnProcess) -> str:
    code = process.exitcode or 0
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"exit code {code}"


@contextmanager
def _deaf() -> Iterator[None]:
    """A process started inside never hears Ctrl+C, which reaches all of a terminal's: we are the one to end it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: connection.Connection, job: Job) -> None:
    """What a worker does until its pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):  # the run has ended, in whatever way
        try:
            reader = Reader(job)
        except DigitrecError as error:
            pipe.send_bytes(_FAILED + pickle.dumps((error.message, error.exit_code)))
            return
        pipe.send_bytes(_READY)
        while True:
            for report in reader.read(pipe.recv()):
                pipe.send_bytes((_PART if report.took_s is None else _END) + pickle.dumps(report))
