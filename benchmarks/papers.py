"""``python -m benchmarks.papers``: papers of any colour, boxes, tables, bent sheets, rooms, data sets' pictures.

Simpler than the rendered scenes and composed otherwise: digits of MNIST are laid on even paper, in flat colours.
``--part validation`` may be looked at while the reader is improved; ``test`` is for measuring only.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy import make_parser, report
from benchmarks.crops import Reader
from benchmarks.doodles import DOODLES
from benchmarks.forms import MARKED
from benchmarks.laid import COLOURS, INK, Color, Made, Rng, Sheet, Situation, box_of, put_line
from benchmarks.matching import Labelled, Score, match, score
from benchmarks.notation import NOTATION
from benchmarks.pictures import mistakes_of, predictions
from benchmarks.report import Outcome, Row
from benchmarks.rooms import ROOMS, held
from benchmarks.spoiled import LATER, SPOILED
from digitrec.geometry import turned_box
from digitrec.training.data import MNIST_VALIDATION, Samples, load_mnist

PAGES = 6
"""Of each situation."""


def _strewn(sheet: Sheet, scale: float, share: float = 0.6) -> None:
    """Digits at some of the places of a grid."""
    height, width = sheet.size
    for y in np.arange(16 + 14 * scale, height - 14 * scale - 10, 34 * scale):
        for x in np.arange(16 + 14 * scale, width - 14 * scale - 10, 29 * scale):
            if sheet.rng.random() < share:
                sheet.put((float(x), float(y)), scale)


def any_colours(digits: Samples, rng: Rng) -> Made:
    """Ink of one colour on paper of another."""
    ink, paper = rng.choice(list(COLOURS), 2, replace=False)
    sheet = Sheet((480, 640), digits, rng)
    _strewn(sheet, 3.0)
    return sheet.picture(COLOURS[ink], COLOURS[paper]), sheet.truth


def full_page(digits: Samples, rng: Rng) -> Made:
    """Some 600 digits."""
    sheet = Sheet((1080, 1920), digits, rng)
    _strewn(sheet, 1.4)
    return sheet.picture(), sheet.truth


def boxes(digits: Samples, rng: Rng, scale: float = 2.4, aside: float = 0.0) -> Made:
    """Rows of joined boxes, a digit in each."""
    sheet, cell = Sheet((720, 960), digits, rng), 70
    for y in range(60, 640, 112):
        x = 50
        while x + cell < 900:
            count = min(int(rng.integers(1, 9)), (900 - x) // cell)
            for left in range(x, x + count * cell, cell):
                cv2.rectangle(sheet.lines, (left, y), (left + cell, y + cell), 1, 2)
                off = rng.normal(0, aside * cell, 2)
                sheet.put((left + cell / 2 + off[0], y + cell / 2 + off[1]), scale)
            x += count * cell + 60
    return sheet.picture(), sheet.truth


def tight_boxes(digits: Samples, rng: Rng) -> Made:
    """Boxes whose lines many of the digits touch."""
    return boxes(digits, rng, 2.8, 0.05)


def sudoku(digits: Samples, rng: Rng) -> Made:
    """A nine by nine table with thick and thin lines, half full."""
    sheet, cell = Sheet((720, 720), digits, rng), 72
    for i in range(10):
        for ends in (((30 + i * cell, 30), (30 + i * cell, 678)), ((30, 30 + i * cell), (678, 30 + i * cell))):
            cv2.line(sheet.lines, *ends, 1, 5 if i % 3 == 0 else 2)
    for place in rng.permutation(81)[:40]:
        row, column = divmod(int(place), 9)
        off = rng.normal(0, 3, 2)
        sheet.put((30 + (column + 0.5) * cell + off[0], 30 + (row + 0.5) * cell + off[1]), 2.0)
    return sheet.picture(line=INK), sheet.truth


def circled(digits: Samples, rng: Rng) -> Made:
    """Digits with a ring around each."""
    sheet = Sheet((720, 960), digits, rng)
    for y in range(100, 700, 150):
        for x in range(100, 900, 150):
            sheet.put((x, y), 2.4)
            axes = int(rng.integers(48, 62)), int(rng.integers(46, 58))
            turn, last = float(rng.uniform(0, 180)), int(rng.integers(340, 380))
            cv2.ellipse(sheet.ink, (x, y), axes, turn, 0, last, 1, 4, cv2.LINE_AA)
    return sheet.picture(), sheet.truth


def underlined(digits: Samples, rng: Rng) -> Made:
    """Numbers with a stroke below, which some of the digits touch."""
    sheet, scale = Sheet((720, 960), digits, rng), 2.4
    for y in range(90, 680, 120):
        x = 70.0
        while x < 780:
            first = x
            for _ in range(int(rng.integers(2, 5))):
                sheet.put((x, y), scale)
                x += 24 * scale
            ends = (round(first - 30), y + 34), (round(x - 20), y + 34 + int(rng.normal(0, 3)))
            cv2.line(sheet.ink, *ends, 1, 4, cv2.LINE_AA)
            x += 60
    return sheet.picture(), sheet.truth


BLUE, GREEN, PENCIL = (215, 165, 120), (190, 215, 170), (95, 95, 95)
"""Of rules, and of a pencil."""

VIOLET, MARGIN = (205, 150, 150), (150, 140, 240)
"""Of a school book's rules, and of its margin."""


def bent_ruled(digits: Samples, rng: Rng, pitch: tuple[int, int] = (84, 0), line: Color = BLUE) -> Made:
    """A sheet in a hand, whose rules are curves; pen and pencil by turns.

    Args:
        digits: what is laid.
        rng: of everything random.
        pitch: between rules that lie, and such that stand, pixels; 0: there are none.
        line: their colour.
    """
    sheet = Sheet((720, 1280), digits, rng)
    bend, turn = rng.uniform(0, 28), rng.uniform(0, 6, 2)

    def beside(along: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(bend * (np.sin(along / 400 + turn[0]) + 0.4 * np.sin(along / 180 + turn[1])))

    for level, step in enumerate(pitch):
        long, wide = np.arange(-80.0, 1360.0), sheet.size[1 if level else 0]
        for at in range(20, wide, step) if step else ():
            way = np.stack([long, at + beside(long)] if not level else [at + 0.5 * beside(long), long], axis=1)
            cv2.polylines(sheet.lines, [np.rint(way * 8).astype(np.int32)], False, 1, 2, cv2.LINE_AA, 3)
    for y in range(20 + 84, 690, 126):
        for x in np.arange(70.0, 1230.0, 52.0):
            if rng.random() < 0.8:
                sheet.put((float(x), y - 20 + float(beside(np.array([x]))[0])), 2.0)
    return sheet.picture(ink=PENCIL if rng.random() < 0.5 else INK, line=line), sheet.truth


def bent_squared(digits: Samples, rng: Rng) -> Made:
    """The same on squares."""
    return bent_ruled(digits, rng, (30, 30))


def bent_graph(digits: Samples, rng: Rng) -> Made:
    """The same on graph paper."""
    return bent_ruled(digits, rng, (13, 13), GREEN)


def school_ruled(digits: Samples, rng: Rng) -> Made:
    """Squares with three fainter rules in each, as French school books have them, and a margin."""
    sheet, square = Sheet((720, 1280), digits, rng), int(rng.integers(64, 120))
    faint = np.zeros(sheet.size, np.float32)
    top = int(rng.integers(0, square))
    for y in range(top - square, 720, square):
        cv2.line(sheet.lines, (0, y), (1280, y), 1, 2, cv2.LINE_AA)
        for part in (1, 2, 3):
            cv2.line(faint, (0, y + part * square // 4), (1280, y + part * square // 4), 1, 1, cv2.LINE_AA)
    for x in range(int(rng.integers(0, square)), 1280, square):
        cv2.line(sheet.lines, (x, 0), (x, 720), 1, 1, cv2.LINE_AA)
    sheet.lines = np.maximum(sheet.lines, float(rng.uniform(0.4, 0.8)) * faint)
    scale = square * float(rng.uniform(0.5, 0.75)) / 20
    for y in range(top, 720, square):
        if y - square > 0:
            put_line(sheet, 130 + float(rng.uniform(0, 60)), y - 10 * scale, int(rng.integers(4, 12)), scale)
    margin = np.zeros((*sheet.size, 1), np.float32)
    cv2.line(margin, (100, 0), (100, 720), 1, 2, cv2.LINE_AA)
    flat = sheet.flat((110, 50, 30) if rng.random() < 0.6 else INK, line=VIOLET)
    flat *= 1 - margin * (1 - np.array(MARGIN, np.float32) / 255)
    return sheet.seen(flat), sheet.truth


def data_set_picture(digits: Samples, rng: Rng, light: bool = True) -> Made:
    """A 28x28 picture as it lies in a data set, enlarged by up to twenty times."""
    index, scale = int(rng.integers(len(digits))), int(rng.choice([1, 2, 4, 8, 20]))
    picture = cv2.resize(digits.x[index], None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    box = box_of(picture.astype(np.float32) / 255)
    seen: NDArray[np.uint8] = picture if light else 255 - picture
    return np.asarray(seen, np.uint8), [Labelled(box, int(digits.y[index]))]


def dark_data_set_picture(digits: Samples, rng: Rng) -> Made:
    """The same, black on white."""
    return data_set_picture(digits, rng, light=False)


def on_its_side(digits: Samples, rng: Rng) -> Made:
    """A sheet that lies on its side or upside down."""
    make: Situation = (underlined, boxes, bent_ruled, held)[int(rng.integers(4))]
    image, truth = make(digits, rng)
    quarters, size = int(rng.integers(1, 4)), (image.shape[1], image.shape[0])
    turned = [replace(t, box=turned_box(t.box, quarters, size)) for t in truth]
    return np.ascontiguousarray(np.rot90(image, quarters)), turned


SITUATIONS: dict[str, tuple[Situation, int]] = {
    "any_colours": (any_colours, 25 * PAGES), "boxes": (boxes, PAGES), "tight_boxes": (tight_boxes, PAGES),
    "sudoku": (sudoku, PAGES), "circled": (circled, PAGES), "underlined": (underlined, PAGES),
    "full_page": (full_page, 2), "data_set_picture": (data_set_picture, 50 * PAGES),
    "dark_data_set_picture": (dark_data_set_picture, 50 * PAGES), "bent_ruled": (bent_ruled, PAGES),
    "bent_squared": (bent_squared, PAGES), "bent_graph": (bent_graph, PAGES),
}  # fmt: skip
SITUATIONS |= {name: (make, 8 * PAGES) for name, make in ROOMS.items()}
SITUATIONS |= {name: (make, 2 * PAGES) for name, make in SPOILED.items()}
SITUATIONS |= {name: (make, 2 * PAGES) for name, make in NOTATION.items()}
SITUATIONS |= {name: (make, 2 * PAGES) for name, make in MARKED.items()}
SITUATIONS["school_ruled"] = (school_ruled, 2 * PAGES)
SITUATIONS["on_its_side"] = (on_its_side, 4 * PAGES)
SITUATIONS |= {name: (make, 2 * PAGES) for name, make in (DOODLES | LATER).items()}
"""Name -> how a picture is made, and how many."""


def measure(reader: Reader, digits: Samples, names: Sequence[str]) -> Outcome:
    """F1 of each situation."""
    outcome = Outcome()
    for name in names:
        make, count = SITUATIONS[name]
        total, mistakes = Score(), []
        for index in range(count):
            image, truth = make(digits, np.random.default_rng([91, list(SITUATIONS).index(name), index]))
            matches = match(truth, predictions(reader.read(image)))
            total += score(matches)
            mistakes += mistakes_of(image, matches, f"{name} {index}")
        outcome.rows.append(Row(f"{name}: F1", total.f1, total.true))
        outcome.mistakes[f"papers_{name}"] = mistakes
    return outcome


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit status."""
    parser = make_parser("papers", __doc__, SITUATIONS, "runs/papers")
    parser.add_argument("--part", choices=("validation", "test"), default="validation", help="of MNIST")
    options = parser.parse_args(argv)

    def measure_part(reader: Reader, data_dir: Path, names: list[str]) -> Outcome:
        train, test = load_mnist(data_dir)
        return measure(reader, test if options.part == "test" else train.take(slice(-MNIST_VALIDATION, None)), names)

    return report(options, SITUATIONS, measure_part)


if __name__ == "__main__":
    sys.exit(main())
