"""How steady readings are over a clip: flips, switched identities, numbers that stay right, how soon digits appear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.matching import Labelled, Score, match, same_place, score
from digitrec.results import Box, Digit, Reading
from digitrec.training.scenes import Scene, TrueDigit

SEEN_FRAMES = 5
"""Numbers are counted from when they have been in view for so many frames."""

NEAR = 2
"""A false detection that no frame within so many around it repeats is one of a single frame."""


@dataclass(slots=True)
class Steadiness:
    """Counts over the frames of one clip.

    Attributes:
        frames: how many.
        f1: digits per frame.
        digit_frames: true digits met by a prediction.
        flips: label of a true digit other than in the frame it was last met.
        switches: identity of a true digit other than in the frame it was last met.
        numbers, right: frames of true numbers in view for ``SEEN_FRAMES``, and those in which the text was right.
        delays: of each true digit, frames from when it could be read alone to when it was shown right there.
        flashes: predictions without truth where the frames around, each alone, read nothing.
        inherited: predicted number ids that were given to true numbers of more than one page.
    """

    frames: int = 0
    f1: Score = field(default_factory=Score)
    digit_frames: int = 0
    flips: int = 0
    switches: int = 0
    numbers: int = 0
    right: int = 0
    delays: list[int] = field(default_factory=list)
    flashes: int = 0
    inherited: int = 0

    @property
    def flips_per_1000(self) -> float:
        """Label flips per 1,000 digit-frames."""
        return 1000 * self.flips / max(1, self.digit_frames)

    @property
    def right_share(self) -> float:
        """Share of numbers' frames that are exactly right, 0-1; 1 where there are none."""
        return self.right / self.numbers if self.numbers else 1.0


def measure(clip: Sequence[tuple[Scene, Reading, Reading]]) -> Steadiness:
    """Count over (truth, reading of the frame alone, reading to be judged)."""
    found = Steadiness()
    digits, numbers = _Digits(found), _Numbers(found)
    for index, (scene, alone, reading) in enumerate(clip):
        found.frames += 1
        truth = [Labelled(d.box, d.digit) for d in scene.digits]
        matches = match(truth, [Labelled(d.box, d.digit, d.confidence) for d in reading.digits], scene.ignored)
        found.f1 += score(matches)
        digits.add(scene, alone, reading)
        numbers.add(scene, reading)
        around = [clip[i][1] for i in range(index - NEAR, index + NEAR + 1) if i != index and 0 <= i < len(clip)]
        read = [d.box for other in around for d in other.digits]
        found.flashes += sum(not any(_near(p.box, box) for box in read) for p in matches.invented)
    return found


def _near(a: Box, b: Box) -> bool:
    """Close enough to be one thing that moved."""
    reach = 0.7 * max(a.width, a.height, b.width, b.height)
    return abs(a.center[0] - b.center[0]) < reach and abs(a.center[1] - b.center[1]) < reach


class _Digits:
    """Follows each true digit's label and identity."""

    def __init__(self, found: Steadiness) -> None:
        self._found = found
        self._labels: dict[int, int] = {}
        self._names: dict[int, int | None] = {}
        self._readable: dict[int, int] = {}
        self._shown: set[int] = set()

    def add(self, scene: Scene, alone: Reading, reading: Reading) -> None:
        for true, digit in paired(scene.digits, reading.digits):
            self._found.digit_frames += 1
            self._found.flips += self._labels.get(true.id, digit.digit) != digit.digit
            self._found.switches += self._names.get(true.id, digit.id) != digit.id
            self._labels[true.id], self._names[true.id] = digit.digit, digit.id
        for true, digit in paired(scene.digits, alone.digits):
            if true.digit == digit.digit:
                self._readable.setdefault(true.id, self._found.frames)
        for true, digit in paired(scene.digits, reading.digits):
            if true.digit == digit.digit and true.id in self._readable and true.id not in self._shown:
                self._shown.add(true.id)
                self._found.delays.append(self._found.frames - self._readable[true.id])


class _Numbers:
    """Follows each true number's text."""

    def __init__(self, found: Steadiness) -> None:
        self._found = found
        self._seen = Counter[int]()
        self._pages: dict[int, set[int]] = {}

    def add(self, scene: Scene, reading: Reading) -> None:
        for name, text in scene.texts.items():
            self._seen[name] += 1
            box = Box.around([d.box for d in scene.digits if d.number == name])
            here = [n for n in reading.numbers if same_place(box, n.box)]
            if self._seen[name] > SEEN_FRAMES:
                self._found.numbers += 1
                self._found.right += any(n.text == text for n in here)
                for number in here:
                    if number.id is not None and number.text == text:
                        self._pages.setdefault(number.id, set()).add(name // 1000)
        self._found.inherited = sum(len(pages) > 1 for pages in self._pages.values())


def paired(truth: Iterable[TrueDigit], digits: Iterable[Digit]) -> list[tuple[TrueDigit, Digit]]:
    """True digits with the predictions in their place, whatever their class, the nearest first."""
    pairs = []
    trues, found = list(truth), list(digits)
    for i, true in enumerate(trues):
        for j, digit in enumerate(found):
            if same_place(true.box, digit.box):
                (ax, ay), (bx, by) = true.box.center, digit.box.center
                pairs.append(((ax - bx) ** 2 + (ay - by) ** 2, i, j))
    used_i: set[int] = set()
    used_j: set[int] = set()
    kept = []
    for _, i, j in sorted(pairs):
        if i not in used_i and j not in used_j:
            used_i.add(i)
            used_j.add(j)
            kept.append((trues[i], found[j]))
    return kept
