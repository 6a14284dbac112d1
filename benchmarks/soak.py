"""Long runs: does anything grow? ``python -m benchmarks.soak`` (200,000 frames), ``--frames 2000 --cycles 50`` (short).

Two parts, measured from inside the process (Linux):

- live: an MJPEG stream at full speed, from a server in another process that now and then falls silent or hangs up, goes
  through the live source, the recognizer, the tracker and a JSONL file.
- cycles: sources (video, picture, stream) and outputs (JSONL, CSV, SRT, MP4, AVI) are opened, used and closed.

Memory, threads, open files and latency are sampled; what grew after the first fifth fails the run (exit code 1).
``--minutes`` ends the live part early on a slow machine, with as many frames as fit.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO, cast

import cv2

from digitrec import Recognizer
from digitrec.outputs import RunInfo, open_output
from digitrec.outputs.base import Moment
from digitrec.results import Frame, Reading
from digitrec.sources import SourceOptions, open_source
from digitrec.sources.live import LiveSource
from digitrec.tracker import Tracker
from tests.camtools import make_clip, page
from tests.streams import Reply, Server, jpeg, part

SAMPLES = 40
SIZE = (320, 240)
STALL_S = 0.4
KINDS = (".jsonl", ".csv", ".srt", ".mp4", ".avi")


@dataclass(frozen=True, slots=True)
class Sample:
    """The process after ``done`` frames or cycles."""

    done: int
    memory_mb: float
    threads: int
    files: int
    latency_ms: float


def sample(done: int, latencies_s: list[float]) -> Sample:
    """Look at this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    threads, files = (sum(1 for _ in Path(f"/proc/self/{what}").iterdir()) for what in ("task", "fd"))
    return Sample(done, pages * 4096 / 2**20, threads, files, 1000 * median(latencies_s or [0.0]))


def serve(fault_every: int) -> None:
    """Serve the stream and print its address; after so many frames a connection falls silent or is closed."""
    pictures = [part(jpeg(page("72", SIZE, shift=shift))) for shift in range(8)]
    connections = iter(range(1 << 30))

    def body(closing: object) -> Iterator[bytes]:
        falls_silent = next(connections) % 2 == 0
        for number in range(fault_every):
            yield pictures[number % len(pictures)]
            time.sleep(0.0005)  # the sender's own pace: else it fills megabytes of buffers with old frames
        if falls_silent:
            time.sleep(60)

    with Server({"/live": Reply(body)}) as server:
        print(server.url("/live"), flush=True)
        sys.stdin.read()


def live(url: str, folder: Path, frames: int, longest_s: float) -> list[Sample]:
    """Read ``frames`` frames of the stream, or those of ``longest_s`` seconds, through its faults."""
    recognizer, tracker, samples = Recognizer(), Tracker(), []
    latencies: list[float] = []
    options = SourceOptions(stall_s=STALL_S, live_retry=True)
    run = RunInfo(Moment(30.0))
    count = faults = 0
    status: str | None = None
    until_s = time.monotonic() + longest_s
    with open_source([url], options) as source, open_output(str(folder / "live.jsonl"), run, None) as output:
        live_source = cast(LiveSource, source)
        while count < frames and time.monotonic() < until_s:
            frame = live_source.read(0.05)
            faults += live_source.status is not None and status is None
            status = live_source.status
            if frame is None:
                continue
            output.write(frame, tracker.update(recognizer.read(frame.image), frame))
            latencies.append(time.monotonic() - (frame.grabbed_s or 0.0))
            count += 1
            if count % max(1, frames // SAMPLES) == 0:
                samples.append(sample(count, latencies))
                latencies.clear()
                print(f"{count:,} of {frames:,} frames", file=sys.stderr, flush=True)
        print(f"live: {count:,} frames read, {live_source.dropped:,} dropped, {faults} stalls and deaths mended")
    return samples


def cycles(url: str, folder: Path, count: int) -> list[Sample]:
    """Open, use and close each kind of source and output, ``count`` times."""
    clip = make_clip(folder / "clip.avi", ["72"] * 5)
    cv2.imwrite(str(folder / "page.png"), page("72"))
    samples = []
    times_s: list[float] = []
    for number in range(1, count + 1):
        start_s = time.monotonic()
        for spec in (str(clip), str(folder / "page.png"), url):
            with open_source([spec]) as source:
                frame = next(iter(source))
        for kind in KINDS:
            with open_output(str(folder / f"o{kind}"), RunInfo(Moment(25.0), force=True), None) as output:
                for index in range(3):
                    output.write(Frame(frame.image, index, index / 25, "x"), Reading((), (), SIZE))
        times_s.append(time.monotonic() - start_s)
        if number % max(1, count // SAMPLES) == 0:
            samples.append(sample(number, times_s))
            times_s.clear()
    return samples


def verdict(name: str, samples: list[Sample]) -> bool:
    """Print the table of one part; whether nothing grew after its first fifth."""
    early, late = samples[len(samples) // 5 : len(samples) // 2], samples[-len(samples) // 4 :]
    print(f"\n{name:>10}  memory MB  threads  files  latency ms")
    for each in samples[:: max(1, len(samples) // 10)]:
        print(f"{each.done:>10,}  {each.memory_mb:9.1f}  {each.threads:7}  {each.files:5}  {each.latency_ms:10.2f}")
    grown = {
        "memory": median(s.memory_mb for s in late) > 1.05 * median(s.memory_mb for s in early) + 4,
        # A sample may fall amid a fault, with a connection more: what leaks has grown even at its least.
        "threads": min(s.threads for s in late) > max(s.threads for s in early),
        "files": min(s.files for s in late) > max(s.files for s in early),
        "latency": median(s.latency_ms for s in late) > 3 * median(s.latency_ms for s in early) + 5,
    }
    print(
        f"{name}: "
        + (", ".join(what for what, grew in grown.items() if grew) + " GREW" * any(grown.values()) or "flat")
    )
    return not any(grown.values())


def plot(parts: dict[str, list[Sample]], path: Path) -> None:
    """Draw all samples."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    rows = ("memory_mb", "threads", "files", "latency_ms")
    figure, axes = pyplot.subplots(len(rows), len(parts), figsize=(5 * len(parts), 8), sharex="col", squeeze=False)
    for column, (name, samples) in enumerate(parts.items()):
        for row, what in enumerate(rows):
            axes[row][column].plot([s.done for s in samples], [getattr(s, what) for s in samples])
            axes[row][column].set_ylim(bottom=0)
            axes[row][column].set_ylabel(what.replace("_", " "))
        axes[-1][column].set_xlabel(name)
    figure.tight_layout()
    figure.savefig(path)
    print(f"\nplot: {path}")


def main() -> int:
    """Run both parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=200_000, help="of the live part (default: 200,000)")
    parser.add_argument("--minutes", type=float, default=1e6, help="the live part ends after them at the latest")
    parser.add_argument("--cycles", type=int, default=1000, help="of opening and closing (default: 1000)")
    parser.add_argument("--plot", type=Path, default=Path("soak.png"), help="the plot (default: soak.png)")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return 0
    command = [sys.executable, "-m", "benchmarks.soak", "--serve", str(max(2000, options.frames // 10))]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        url = cast(IO[str], server.stdout).readline().strip()
        try:
            parts = {
                "frames": live(url, Path(folder), options.frames, 60 * options.minutes),
                "cycles": cycles(url, Path(folder), options.cycles),
            }
        finally:
            server.kill()
    flat = [verdict(name, samples) for name, samples in parts.items()]
    plot(parts, options.plot)
    return 0 if all(flat) else 1


if __name__ == "__main__":
    sys.exit(main())
