"""``python -m benchmarks.canvas``: digits drawn by pen on the canvas, in all sizes, brush widths and positions.

The pen paths are those of ``tests/strokes.json``: 40 ways to write the ten digits. Each is drawn with a slant, a tilt,
a width and a tremor of its own (by seed), rendered by the canvas' own renderer and read. Paths of part ``tune`` may be
looked at while the reader is improved; those of part ``test`` are for measuring only.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Outcome, Row, table
from benchmarks.sheets import Mistake, region, write_sheet
from digitrec.canvas.margin import Reads, read_drawing
from digitrec.canvas.render import picture_of
from digitrec.canvas.strokes import Drawing, Stroke
from digitrec.errors import DigitrecError
from digitrec.results import Box, Reading

if TYPE_CHECKING:
    from digitrec.recognizer import Recognizer

PATHS = Path(__file__).resolve().parent.parent / "tests" / "strokes.json"
PAPER = (808, 630)
"""(width, height) of the paper in the default window, units and pixels."""

HEIGHTS = (20, 32, 56, 100, 200, 400, 560)
WIDTHS = (2, 4, 8, 14, 24, 40)
WIDEST = 0.2
"""Nobody writes with a brush of more than this share of the digit's height."""

READ_MS = 8
"""Reading is to take less, so that drawing stays at 60 frames a second."""

PLACES = {"top left": (0, 0), "top right": (1, 0), "bottom left": (0, 1), "bottom right": (1, 1), "middle": (0.5, 0.5)}


@dataclass(frozen=True, slots=True)
class PenPath:
    """One way to write a digit: strokes of points (N, 2) in a box of height 1."""

    digit: int
    name: str
    strokes: tuple[NDArray[np.float64], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One drawing with its truth.

    Attributes:
        text: the digits, in order.
        drawing: their strokes.
        box: around the ink.
        group: what it is counted under ("height 20").
        width: of the brush.
        name: for the error sheet.
    """

    text: str
    drawing: Drawing
    box: Box
    group: str
    width: int
    name: str


def load_paths(part: str = "all", file: Path = PATHS) -> list[PenPath]:
    """The pen paths of ``part``: all, tune or test; half of each digit's ways are in either."""
    found: dict[int, list[PenPath]] = {}
    for item in json.loads(file.read_text()):
        strokes = tuple(np.array(s, np.float64) for s in item["strokes"])
        found.setdefault(item["digit"], []).append(PenPath(item["digit"], item["name"], strokes))
    first = {"all": slice(None), "tune": slice(0, None, 2), "test": slice(1, None, 2)}[part]
    return [path for ways in found.values() for path in ways[first]]


def vary(path: PenPath, rng: np.random.Generator) -> tuple[NDArray[np.float64], ...]:
    """The same way to write the digit as another person would: slanted, tilted, wider or narrower, less steady."""
    slant, tilt = np.clip(rng.normal(0, 0.1), -0.18, 0.18), np.radians(np.clip(rng.normal(0, 3), -6, 6))
    wide = np.exp(np.clip(rng.normal(0, 0.12), -0.22, 0.22))
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    form = turn @ np.array([[wide, -slant], [0, 1]])
    phases = rng.uniform(0, 2 * np.pi, (2, 2))
    size = rng.uniform(0, 0.018)  # of the tremor, in digit heights

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        way = np.r_[0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))][:, None]
        shake = np.hstack([np.sin(way * f + p) for f, p in zip((7.0, 9.0), phases[0], strict=True)])
        return (points + size * shake) @ form.T

    moved = [move(s) for s in path.strokes]
    corner, reach = np.min(np.vstack(moved), axis=0), np.ptp(np.vstack(moved), axis=0)
    return tuple((s - corner) / reach[1] for s in moved)


def place(
    shape: Sequence[NDArray[np.float64]], height: float, corner: tuple[float, float], width: float
) -> list[Stroke]:
    """Strokes of a shape of height 1, ``height`` high, its ink's box at ``corner``; whole pixels, as a mouse gives."""
    out = []
    for points in shape:
        pixels = np.round(points * (height - width) + corner + width / 2)
        kept = pixels[np.r_[True, np.any(np.diff(pixels, axis=0) != 0, axis=1)]]
        out.append(Stroke(tuple((float(x), float(y)) for x, y in kept), width))
    return out


def single_cases(paths: Sequence[PenPath], seed: int) -> Iterator[Case]:
    """Every path in every size and every brush that fits it, its place taken in turn."""
    rng = np.random.default_rng(seed)
    places = list(PLACES.items())
    turn = 0
    for height in HEIGHTS:
        for width in (w for w in WIDTHS if w <= WIDEST * height):
            for path in paths:
                where, (right, low) = places[turn % len(places)]
                turn += 1
                shape = vary(path, rng)
                wide = (height - width) * float(np.vstack(shape)[:, 0].max()) + width
                free = np.array(PAPER) - (wide, height) - 8
                corner = tuple(4 + np.array([right, low]) * np.maximum(free, 0))
                strokes = place(shape, height, corner, width)
                box = Box(int(corner[0]), int(corner[1]), round(wide), height)
                name = f"{path.name} {height}/{width} {where}"
                yield Case(str(path.digit), Drawing(tuple(strokes)), box, f"height {height}", width, name)


def row_cases(paths: Sequence[PenPath], seed: int, count: int = 100) -> Iterator[Case]:
    """Numbers of two to six digits on a line, written by one hand with one brush."""
    rng = np.random.default_rng(seed + 1)
    for index in range(count):
        height = float(rng.choice([30, 50, 80, 120]))
        width = float(rng.choice([w for w in WIDTHS if w <= WIDEST * height / 1.5]))
        x, y = rng.uniform(6, 40), rng.uniform(10, PAPER[1] - 1.3 * height - 10)
        start = x
        strokes: list[Stroke] = []
        text = ""
        for _ in range(int(rng.integers(2, 7))):
            path = paths[int(rng.integers(len(paths)))]
            shape = vary(path, rng)
            tall = height * rng.uniform(0.88, 1.08)
            wide = (tall - width) * float(np.vstack(shape)[:, 0].max()) + width
            if x + wide > PAPER[0] - 4:
                break
            strokes += place(shape, tall, (x, y + rng.uniform(-0.06, 0.06) * height), width)
            text += str(path.digit)
            x += wide + height * rng.uniform(0.12, 0.4) + 3
        box = Box(int(start), int(y), int(x - start), int(height))
        yield Case(text, Drawing(tuple(strokes)), box, "numbers", int(width), f"{height:.0f}/{width:.0f} {index}")


def read_text(reading: Reading) -> str:
    """All that was read, as one line: numbers by spaces."""
    return " ".join(n.text for n in reading.numbers)


def measure_canvas(reader: Reads, part: str = "all", seed: int = 7, rows: int = 100) -> Outcome:
    """Draw and read all cases of ``part``; the share read exactly right, by size, by brush and over all."""
    paths = load_paths(part)
    right: dict[str, list[bool]] = {}
    outcome = Outcome(mistakes={f"canvas_{part}": []})
    for case in [*single_cases(paths, seed), *row_cases(paths, seed, rows)]:
        image = picture_of(case.drawing, PAPER)
        reading = read_drawing(reader, case.drawing, image)
        text = read_text(reading)
        good = text == case.text
        keys = ["numbers in a row"] if case.group == "numbers" else ["digits", case.group, f"brush {case.width}"]
        for key in keys:
            right.setdefault(key, []).append(good)
        if case.group != "numbers" and len(reading.digits) == 1:
            outcome.confidence.append(reading.digits[0].confidence)
            outcome.right.append(good)
        if not good:
            sure = max((d.confidence for d in reading.digits), default=0.0)
            reasons = "" if text else ",".join(r.reason for r in reading.rejects) or str(reading.hint)
            mistake = Mistake(region(image, case.box, 0.2), case.text, text or f"- {reasons}", sure, case.name)
            outcome.mistakes[f"canvas_{part}"].append(mistake)
    for key in sorted(right, key=_order):
        goal = 0.99 if key == "digits" else None
        outcome.rows.append(Row(f"canvas, {part}: {key}", float(np.mean(right[key])), len(right[key]), goal))
    return outcome


def reading_times(reader: Recognizer, part: str, seed: int) -> str:
    """How long the canvas is read, by how many digits are on it: unseen, and after its last stroke as one draws."""
    paths = load_paths(part)
    unseen: dict[int, list[float]] = {}
    drawn: dict[int, list[float]] = {}
    for case in [*list(single_cases(paths, seed))[::4], *row_cases(paths, seed)]:
        before = replace(case.drawing, strokes=case.drawing.strokes[:-1])
        unseen.setdefault(len(case.text), []).append(_reading_ms(reader, case.drawing, None))
        drawn.setdefault(len(case.text), []).append(_reading_ms(reader, case.drawing, before))
    lines = []
    for title, times in (("with nothing remembered", unseen), ("after the last stroke", drawn)):
        every = [ms for own in times.values() for ms in own]
        lines.append(f"reading a canvas {title}, best of three, median over drawings")
        lines += [
            f"  {n} digits: {median(ms):5.1f} ms, {max(ms):5.1f} at most ({len(ms)})" for n, ms in sorted(times.items())
        ]
        lines.append(f"  under {READ_MS} ms: {sum(ms < READ_MS for ms in every)} of {len(every)}")
    return "\n".join(lines)


def _reading_ms(reader: Recognizer, drawing: Drawing, before: Drawing | None) -> float:
    """The best of three, since other programs disturb; the drawing of ``before`` is all that is remembered."""
    pictures = [(d, picture_of(d, PAPER)) for d in (before, drawing) if d is not None]
    best = math.inf
    for _ in range(3):
        reader.forget()
        for each, image in pictures:
            start = time.perf_counter()
            read_drawing(reader, each, image)
            taken = time.perf_counter() - start
        best = min(best, 1000 * taken)
    return best


def _order(key: str) -> tuple[int, int]:
    """The whole first, then by size, then by brush."""
    heads = ("digits", "numbers", "height", "brush")
    head, _, size = key.partition(" ")
    return heads.index(head), int(size) if size.isdigit() else 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    arguments = argparse.ArgumentParser(
        "python -m benchmarks.canvas", None, __doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--part", choices=("all", "tune", "test", "both"), default="both", help="which pen paths")
    arguments.add_argument("--seed", type=int, default=7, help="another hand (default: 7)")
    arguments.add_argument(
        "--model", type=Path, default=None, metavar="FILE", help="a .tflite; default: the shipped one"
    )
    arguments.add_argument("--times", action="store_true", help="how long reading takes, too")
    arguments.add_argument("--out", type=Path, default=Path("runs/canvas"), metavar="DIR", help="for error sheets")
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit status."""
    options = parser().parse_args(argv)
    try:
        from digitrec.recognizer import Recognizer

        reader = Recognizer(options.model)
        start = time.perf_counter()
        parts = ("tune", "test") if options.part == "both" else (options.part,)
        outcomes = [measure_canvas(reader, part, options.seed) for part in parts]
        print(table(row for outcome in outcomes for row in outcome.rows))
        if options.times:
            print("\n".join(reading_times(reader, part, options.seed) for part in parts))
        for outcome in outcomes:
            for name, mistakes in outcome.mistakes.items():
                if mistakes:
                    write_sheet(options.out / f"{name}.png", mistakes)
                    print(f"{len(mistakes)} errors: {options.out / name}.png", file=sys.stderr)
        print(f"{time.perf_counter() - start:.1f} s", file=sys.stderr)
    except DigitrecError as error:
        print(error.message, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
