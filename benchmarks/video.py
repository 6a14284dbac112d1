"""``python -m benchmarks.video``: how steady readings are over clips, with and without the tracker.

Each clip is read frame by frame, and steadied twice: as a live source is (nothing is known of what comes) and as a file
is (with a look-ahead of some frames, of which only those are read that differ). Clips: the rendered ones, and a real
table over which a robot passes.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.clips import clip_specs, iter_clip
from benchmarks.matching import Score
from benchmarks.report import Row, table
from benchmarks.steadiness import Steadiness, measure
from benchmarks.table_clips import TURNS_DEG, iter_table_clip, table_clip_names
from digitrec.errors import DigitrecError, UsageError
from digitrec.keyframes import recorded_frames
from digitrec.recognizer import Recognizer
from digitrec.results import Digit, Frame, Image, Reading, Reject
from digitrec.sources.decoder import may_pass_over
from digitrec.standing import Standing
from digitrec.tracker import LOOK_AHEAD, Tracker
from digitrec.training.scenes import Scene

MAX_TILT_DEG = 30
"""Writing that is turned further is not promised to be read: such clips count for steadiness only."""


@dataclass(slots=True)
class Work:
    """Where the time goes, seconds, and what a cache of answers could save."""

    frames: int = 0
    key_frames: int = 0
    read_s: float = 0.0
    classify_s: float = 0.0
    track_s: float = 0.0
    crops: int = 0
    same: int = 0
    alike: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """One clip: each frame alone, steadied as it comes, steadied as a file."""

    name: str
    alone: Steadiness
    live: Steadiness
    file: Steadiness


@dataclass(slots=True)
class _Clip:
    scenes: list[Scene] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)


def all_names() -> list[str]:
    """Rendered and real clips."""
    return [*clip_specs(), *table_clip_names()]


def run_clip(name: str, recognizer: Recognizer, data_dir: Path, work: Work) -> Result:
    """Read and measure one clip; adds to ``work``.

    Raises:
        SourceError: the data sets are missing.
    """
    is_real = name in table_clip_names()
    fps = 2.0 if is_real else clip_specs()[name].fps
    clip = _read(iter_table_clip(name, data_dir) if is_real else iter_clip(name, data_dir), recognizer, work)
    frames = [Frame(scene.image, i, i / fps, name) for i, scene in enumerate(clip.scenes)]
    known = {id(scene.image): reading for scene, reading in zip(clip.scenes, clip.readings, strict=True)}

    def read(image: Image) -> Reading:
        found = known.get(id(image))
        return recognizer.read(image) if found is None else found

    tracker, standing = Tracker(), Standing(read)
    stood = [standing.read(frame.image) for frame in frames]
    began_s = time.process_time()
    live = [tracker.update(reading, frame) for reading, frame in zip(stood, frames, strict=True)]
    work.track_s += time.process_time() - began_s
    file = _as_file(frames, Standing(read).read, work)
    judged = [list(zip(clip.scenes, clip.readings, found, strict=True)) for found in (clip.readings, live, file)]
    return Result(name, *(measure(frames) for frames in judged))


def _as_file(frames: Sequence[Frame], read_frame: Callable[[Image], Reading], work: Work) -> list[Reading]:
    """What ``cam.py`` makes of a file, which reads only some of its frames; adds how many to ``work``."""

    def read(image: Image) -> Reading:
        work.key_frames += 1
        return read_frame(image)

    key_frames = recorded_frames(read, pictures=False)
    given = _passed_over(frames)
    settled = [pair for frame in given for pair in key_frames.push(frame)] + key_frames.flush()
    return [reading for _, reading in settled]


def _passed_over(frames: Sequence[Frame]) -> Iterator[Frame]:
    """The frames as a file's decoder gives them: most of those that lie close together without their picture."""
    pictured_s = -math.inf
    for frame, following in zip(frames, [*frames[1:], None], strict=True):
        if following is not None and may_pass_over(following.time_s - pictured_s):
            yield replace(frame.without_picture(), fetch=partial(_same, frame.image))
        else:
            pictured_s = frame.time_s
            yield frame


def _same(image: Image) -> Image:
    return image


def _read(scenes: Iterator[Scene], recognizer: Recognizer, work: Work) -> _Clip:
    clip, before = _Clip(), np.zeros((0, 28, 28), np.uint8)
    for scene in scenes:
        began_s = time.process_time()
        reading = recognizer.read(scene.image)
        work.read_s += time.process_time() - began_s
        before = _count_repeats(reading, before, recognizer, work)
        clip.scenes.append(scene)
        clip.readings.append(reading)
    work.frames += len(clip.scenes)
    return clip


def _count_repeats(reading: Reading, before: Image, recognizer: Recognizer, work: Work) -> Image:
    """How many crops the frame before had too, exactly or nearly; and what it costs to classify them."""
    glyphs: list[Digit | Reject] = [*reading.digits, *reading.rejects]
    found = [glyph.crop for glyph in glyphs if glyph.crop is not None]
    if not found:
        return before[:0]
    crops = np.stack(found)
    began_s = time.process_time()
    recognizer.classify(crops)
    work.classify_s += time.process_time() - began_s
    work.crops += len(crops)
    if len(before):
        gaps = abs(crops[:, None].astype(np.int16) - before[None]).mean(axis=(2, 3)).min(axis=1)
        work.same += int((gaps == 0).sum())
        work.alike += int((gaps < 2).sum())
    return crops


def clip_table(results: Sequence[Result]) -> str:
    """One line a clip; each figure is alone / live / file, where it differs."""
    head = ("clip", "F1", "flips / 1,000", "switches", "numbers right", "frames until", "single")
    units = (
        "",
        "alone live  file",
        "alone live file",
        "live file",
        "alone live  file",
        "right, live",
        "alone live file",
    )
    lines = [head, units]
    for r in results:
        three = (r.alone, r.live, r.file)
        delays = f"{max(r.live.delays, default=0)}"
        lines.append(
            (
                r.name,
                " ".join(f"{s.f1.f1:.3f}" for s in three),
                " ".join(f"{s.flips_per_1000:4.1f}" for s in three),
                f"{r.live.switches:4d} {r.file.switches:4d}",
                " ".join(f"{s.right_share:.3f}" for s in three),
                delays,
                " ".join(f"{s.flashes:4d}" for s in three),
            )
        )
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join("  ".join(f"{v:<{w}}" for v, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def summary(results: Sequence[Result], work: Work) -> list[Row]:
    """What is wanted of all clips together, and of the worst."""
    read = [r for r in results if abs(_turn(r.name)) <= MAX_TILT_DEG]
    alone, live, file = (sum((getattr(r, kind).f1 for r in read), Score()) for kind in ("alone", "live", "file"))
    rows = [
        Row("F1, frames alone", alone.f1, alone.true),
        Row("F1, tracked as a file", file.f1, file.true, alone.f1),
        Row("F1, tracked live", live.f1, live.true),
        _total("numbers right, tracked as a file", read, 0.97),
    ]
    for kind in ("file", "live"):
        chosen: list[Steadiness] = [getattr(r, kind) for r in results]
        frames = sum(s.digit_frames for s in chosen)
        flips = 1000 * sum(s.flips for s in chosen) / max(1, frames)
        rows += [
            Row(f"label flips per 1,000 digit-frames, {kind}", flips, frames, 1.0, False, ""),
            Row(
                f"identity switches in the worst clip, {kind}",
                max(s.switches for s in chosen),
                len(results),
                2,
                False,
                "",
            ),
            Row(
                f"numbers that outlive their page, {kind}", sum(s.inherited for s in chosen), len(results), 0, False, ""
            ),
            Row(f"false digits of a single frame, {kind}", sum(s.flashes for s in chosen), len(results), 0, False, ""),
            Row(f"frames until a digit is right, 99th percentile, {kind}", _late(chosen), frames, 3, False, ""),
        ]
    return [*rows, *_work_rows(work)]


def _total(what: str, results: Sequence[Result], goal: float) -> Row:
    count = sum(r.file.numbers for r in results)
    return Row(what, sum(r.file.right for r in results) / max(1, count), count, goal)


def _late(chosen: Sequence[Steadiness]) -> float:
    delays = [delay for s in chosen for delay in s.delays]
    return float(np.percentile(delays, 99)) if delays else 0.0


def _turn(name: str) -> float:
    turn = TURNS_DEG.get(name.removeprefix("table_"), 0)
    return (turn + 180) % 360 - 180


def _work_rows(work: Work) -> list[Row]:
    crops, read_s = max(1, work.crops), max(1e-9, work.read_s)
    return [
        Row("frames of files that are read", work.key_frames / max(1, work.frames), work.frames),
        Row("tracker, ms a frame", 1000 * work.track_s / max(1, work.frames), work.frames, None, False, ""),
        Row("crops just as in the frame before", work.same / crops, work.crops),
        Row("crops nearly as in the frame before", work.alike / crops, work.crops),
        Row("share of reading spent on classifying them", work.classify_s / read_s, work.frames),
        Row("time that a cache would save, exact repeats", work.same / crops * work.classify_s / read_s, work.frames),
        Row("time that a cache would save, near repeats", work.alike / crops * work.classify_s / read_s, work.frames),
    ]


def parser() -> argparse.ArgumentParser:
    """The command line."""
    shared = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
    shows_defaults = argparse.ArgumentDefaultsHelpFormatter
    arguments = argparse.ArgumentParser("python -m benchmarks.video", None, __doc__, formatter_class=shows_defaults)
    arguments.add_argument("--data-dir", type=Path, default=shared, metavar="DIR", help="where the data sets lie")
    arguments.add_argument("--only", metavar="A,B", default=",".join(all_names()), help="measure only these clips")
    arguments.add_argument("--model", type=Path, default=None, metavar="FILE", help="a .tflite; None: the shipped one")
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit status."""
    options = parser().parse_args(argv)
    names = [name for name in options.only.split(",") if name]
    work, results = Work(), []
    try:
        unknown = [name for name in names if name not in all_names()]
        if unknown or not names:
            given = repr(unknown[0]) if unknown else "empty list"
            raise UsageError(f"--only knows no {given}. Choose from: {', '.join(all_names())}.")
        recognizer = Recognizer(options.model)
        for name in names:
            results.append(run_clip(name, recognizer, options.data_dir, work))
            print(f"{name}: {results[-1].file.frames} frames", file=sys.stderr)
    except DigitrecError as error:
        print(error.message, file=sys.stderr)
        return error.exit_code
    print(clip_table(results))
    print(f"\nfile: with a look-ahead of {LOOK_AHEAD} frames; switches: of identity\n")
    print(table(summary(results, work)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
