"""Many machines: inputs go in batches to the workers of a Dask scheduler, and the reports come back in order.

The workers see the same files under the same paths (a shared file system), and have the same digitrec. Dask repeats
what a lost worker had; each report is taken from its batch once.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from digitrec.console import Console
from digitrec.errors import DigitrecError, SourceError, UsageError
from digitrec.units import Job, Reader, Report, Unit

if TYPE_CHECKING:
    from distributed import Client, Future

BATCH = 16
"""Pictures in one task: the scheduler takes about a millisecond for a task, a worker about ten for a picture."""

AHEAD = 8
"""Batches under way for each thread of a worker; results that wait for their turn lie on the workers."""

FEWEST_AHEAD = 32
_ANSWER_S = 10.0
_LOOK_S = 5.0
_readers: dict[Job, Reader] = {}
_turn = threading.Lock()


class Cluster:
    """Reads inputs on a Dask cluster.

    Args:
        address: the scheduler's, ``tcp://HOST:PORT``.
        job: what the inputs have in common.
        console: told when there is no worker to wait for.

    Raises:
        UsageError: Dask is not installed.
        SourceError: when entered: no scheduler answers.
    """

    def __init__(self, address: str, job: Job, console: Console) -> None:
        try:
            import distributed
        except ModuleNotFoundError as error:
            raise UsageError("--cluster needs Dask, which is not installed: pip install '.[cluster]'") from error
        self._distributed = distributed
        self._address = address
        self._job = job
        self._console = console
        self._client: Client | None = None
        self._most_ahead = FEWEST_AHEAD
        self._looked_s = 0.0
        self._has_workers = True

    def __enter__(self) -> Self:
        logging.disable(logging.CRITICAL)  # each fault has our one line; Dask would add its tracebacks
        try:
            self._client = self._distributed.Client(self._address, timeout=_ANSWER_S, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            logging.disable(logging.NOTSET)
            raise SourceError(
                f"no Dask scheduler answers at {self._address}. Start one: dask scheduler --host HOST --port 8786"
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.close(timeout=2)
        logging.disable(logging.NOTSET)

    def read(self, units: Iterable[Unit]) -> Iterator[Report]:
        """Read ``units``: one report of each, in their order.

        Raises:
            SourceError: the scheduler went away.
            ModelError: a worker has another model.
        """
        batches = _batches(units)
        under_way: deque[tuple[Future, list[Unit]]] = deque()
        while True:
            self._look()
            for batch in itertools.islice(batches, self._most_ahead - len(under_way)):
                under_way.append((self._submit(batch), batch))
            if not under_way:
                return
            yield from self._result(*under_way.popleft())

    def _submit(self, batch: list[Unit]) -> Future:
        assert self._client is not None  # noqa: S101 - for the type checker
        return self._client.submit(read_batch, self._job, batch, pure=False)

    def _result(self, future: Future, batch: list[Unit]) -> list[Report]:
        """The reports of a batch; one over which worker after worker died is tried file by file."""
        try:
            return self._wait_for(future)
        except self._distributed.KilledWorker:
            if len(batch) > 1:
                return [self._result(self._submit([unit]), [unit])[0] for unit in batch]
            unit = batch[0]
            problem = f"{unit.path} was passed over: the workers that read it ended, one after the other."
            return [Report(unit.number, (), (problem,), 0.0)]

    def _wait_for(self, future: Future) -> list[Report]:
        while True:
            try:
                reports: list[Report] = future.result(timeout=_LOOK_S)
            except (DigitrecError, self._distributed.KilledWorker):
                raise
            except TimeoutError:
                self._look()
            except Exception as error:
                raise SourceError(self._what_failed(future, error)) from error
            else:
                return reports

    def _what_failed(self, future: Future, error: Exception) -> str:
        if future.status == "error":
            what = f"{type(error).__name__}: {error}"
            return f"a worker of {self._address} failed: {what}. Install the same digitrec there."
        return f"the Dask scheduler at {self._address} went away; what was read is kept. Run again with --resume."

    def _look(self) -> None:
        """Look now and then at how many workers there are: they may come and go."""
        if self._client is None or time.monotonic() - self._looked_s < _LOOK_S:
            return
        self._looked_s = time.monotonic()
        threads = sum(worker["nthreads"] for worker in self._client.scheduler_info(n_workers=-1)["workers"].values())
        self._most_ahead = max(FEWEST_AHEAD, AHEAD * threads)
        if not threads and self._has_workers:
            self._console.say(f"{self._address} has no worker: waiting. Start some: dask worker {self._address}")
        self._has_workers = threads > 0


def read_batch(job: Job, units: list[Unit]) -> list[Report]:
    """What a worker of the cluster does; its threads take turns, since a reader is for one."""
    with _turn:
        if job not in _readers:
            _readers.clear()
            _readers[job] = Reader(job)
        return [_readers[job].read_whole(unit) for unit in units]


def _batches(units: Iterable[Unit]) -> Iterator[list[Unit]]:
    """Pictures by the dozen, each video alone."""
    for is_picture, group in itertools.groupby(units, key=lambda unit: unit.is_picture):
        size = BATCH if is_picture else 1
        while batch := list(itertools.islice(group, size)):
            yield batch
