"""Moving pictures: the rendered clips, and the table that a robot drives over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from benchmarks.clips import clip_specs, iter_clip
from benchmarks.crops import Reader
from benchmarks.matching import Labelled, Score, match, same_place, score
from benchmarks.pictures import mistakes_of, note_confidence, predictions
from benchmarks.report import Outcome, Row
from benchmarks.sheets import region
from digitrec.errors import SourceError
from digitrec.results import Box, Image, Reading
from digitrec.training.scenes import Scene

EVERY = 3
"""Each clip's every third frame is read: neighbours differ little."""

ROBOT_DIGITS = (
    Labelled(Box(217, 27, 17, 24), 2),
    Labelled(Box(393, 38, 10, 20), 3),
    Labelled(Box(144, 154, 17, 20), 7),
    Labelled(Box(476, 118, 17, 19), 7),
    Labelled(Box(276, 220, 17, 25), 2),
    Labelled(Box(462, 225, 11, 21), 3),
)
"""What stands on the robot's table in ``robot_parcours_1_rebuilt.avi``, boxes measured on its median frame."""

ROBOT_OPERATORS = (Box(150, 84, 19, 20), Box(285, 98, 20, 14), Box(361, 194, 19, 22), Box(187, 277, 21, 20))
"""``* = / +`` on the same table."""


def measure_clips(reader: Reader, data_dir: Path) -> Outcome:
    """F1 of each clip and of all; the share of numbers that are read exactly; digits seen on the empty desk."""
    outcome, total = Outcome(), Score()
    exact = numbers = 0
    for name in clip_specs():
        part, mistakes = Score(), []
        for index, scene in enumerate(iter_clip(name, data_dir)):
            if index % EVERY:
                continue
            reading = reader.read(scene.image)
            truth = [Labelled(d.box, d.digit) for d in scene.digits]
            matches = match(truth, predictions(reading), scene.ignored)
            part += score(matches)
            mistakes += mistakes_of(scene.image, matches, f"{name} {index}")
            note_confidence(outcome, matches)
            right, shown = exact_numbers(scene, reading)
            exact, numbers = exact + right, numbers + shown
        total += part
        if part.true:
            outcome.rows.append(Row(f"clip {name}: F1", part.f1, part.true, 0.95))
        else:
            outcome.rows.append(Row(f"clip {name}: digits answered", part.predicted, 0, 0, at_least=False, unit=""))
        outcome.mistakes[f"clip_{name}"] = mistakes
    outcome.rows.append(Row("clips, all: F1", total.f1, total.true, 0.98))
    outcome.rows.append(Row("clips, all: numbers exactly right", exact / max(1, numbers), numbers, 0.95))
    return outcome


def exact_numbers(scene: Scene, reading: Reading) -> tuple[int, int]:
    """How many of the scene's numbers a number of the reading gives exactly, in its place; how many there are."""
    right = 0
    for number, text in scene.texts.items():
        box = Box.around([d.box for d in scene.digits if d.number == number])
        right += any(n.text == text and same_place(n.box, box) for n in reading.numbers)
    return right, len(scene.texts)


ROBOT_CLIPS = (("rebuilt", 0.0, 0.98), ("rot30", 30.0, None), ("rot60", 60.0, None), ("rot300", 300.0, None))
"""Name, by how much it is turned against the clock, degrees, and the goal."""


def measure_robot(reader: Reader, data_dir: Path) -> Outcome:
    """The six digits of the table wherever nothing covers them, and how often an operator is answered."""
    outcome = Outcome()
    for name, turn_deg, goal in ROBOT_CLIPS:
        frames = list(_read_video(data_dir / "videos" / f"robot_parcours_1_{name}.avi"))
        every = [Labelled(_turned(d.box, turn_deg, frames[0]), d.digit) for d in ROBOT_DIGITS]
        size = frames[0].shape[1], frames[0].shape[0]
        truth = [t for t in every if t.box.grown(0, size) == t.box]
        operators = [_turned(box, turn_deg, frames[0]) for box in ROBOT_OPERATORS]
        still = np.median(np.stack(frames), axis=0).astype(np.uint8)
        counts, answered, mistakes = Score(), 0, []
        for index, frame in enumerate(frames):
            seen = [t for t in truth if uncovered(frame, still, t.box)]
            hidden = [t.box for t in every if t not in seen]
            found = predictions(reader.read(frame))
            matches = match(seen, found, hidden)
            counts += score(matches)
            answered += sum(any(same_place(p.box, box) for box in operators) for p in found)
            mistakes += mistakes_of(frame, matches, f"robot {name} {index}")
            note_confidence(outcome, matches)
        outcome.rows.append(Row(f"robot table, {name}: digits read", counts.recall, counts.true, goal))
        outcome.rows.append(Row(f"robot table, {name}: precision", counts.precision, counts.predicted))
        share = answered / max(1, counts.true)
        bound = 0.02 if goal else None
        outcome.rows.append(Row(f"robot table, {name}: operators answered", share, counts.true, bound, at_least=False))
        outcome.mistakes[f"robot_{name}"] = mistakes
    return outcome


def uncovered(frame: Image, still: Image, box: Box) -> bool:
    """Whether the surroundings of ``box`` look as they do in most frames (their correlation, free of exposure)."""
    now, usual = (np.asarray(region(image, box, 0.3), np.float32).ravel() for image in (frame, still))
    return bool(np.corrcoef(now, usual)[0, 1] > 0.8)


def _turned(box: Box, turn_deg: float, frame: Image) -> Box:
    """The box around ``box`` after turning the picture anticlockwise about its middle."""
    if turn_deg == 0:
        return box
    middle = np.array([frame.shape[1], frame.shape[0]]) / 2
    c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    centre = np.array([[c, s], [-s, c]]) @ (np.array(box.center) - middle) + middle
    # Ink seldom reaches the corners of its box: the mean of the upright and the corners' extent.
    c, s = abs(c), abs(s)
    size = np.array([[1 + c, s], [s, 1 + c]]) @ np.array([box.width, box.height]) / 2
    low = np.rint(centre - size / 2).astype(int)
    return Box(int(low[0]), int(low[1]), round(float(size[0])), round(float(size[1])))


def _read_video(path: Path) -> Iterator[Image]:
    if not path.is_file():
        raise SourceError(f"{path} is not there. Check --data-dir.")
    capture = cv2.VideoCapture(str(path))
    try:
        while True:
            ok, frame = capture.read()
            if not ok:
                return
            yield np.asarray(frame, np.uint8)
    finally:
        capture.release()
