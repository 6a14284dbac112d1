"""Picture -> Reading: composes ink, glyphs, hypotheses, classifier and numbers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.arguments import checked_confidence, checked_picture, checked_threads
from digitrec.bands import without_bands
from digitrec.bars import moved, picture_area
from digitrec.candidates import SURE, Candidate, as_digit, as_reject, count_sure, doubt
from digitrec.classifier import DIGITS, open_classifier
from digitrec.coarser import reduced_to
from digitrec.context import CLUTTER, drop_doubtful, is_cut_off
from digitrec.enclosing import part_enclosing, part_marked
from digitrec.finest import finest
from digitrec.ghosts import drop_ghosts
from digitrec.glare import keep_in_glare
from digitrec.hints import explain_limit, explain_nothing
from digitrec.ink import InkLevel
from digitrec.levels import LevelReader
from digitrec.marked import with_marked
from digitrec.merging import merge
from digitrec.pale import PALE, may_be_pale
from digitrec.panels import with_panels
from digitrec.parts import read_closer
from digitrec.pyramid import Pyramid
from digitrec.quarters import read_turned
from digitrec.results import Box, Image, Reading, cut
from digitrec.scratch import Scratch
from digitrec.shadows import NEAR, has_broad_ink
from digitrec.sheet import drop_off_sheet
from digitrec.signs import drop_signs, grouped
from digitrec.spelled import NO_INK, drop_in_words
from digitrec.strings import StringReader
from digitrec.views import judge

DEFAULT_MODEL = Path(__file__).resolve().parent.parent / "models" / DIGITS

DEFAULT_MIN_CONFIDENCE = 0.5


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the stages saw, for the debug view: the ink mask (uint8 (H, W), 255 ink) and all candidates' boxes."""

    mask: Image
    candidates: tuple[Box, ...]
    reading: Reading


PLAIN = 0.3
"""Where the polarity is in doubt, light writing is believed by a sure digit of so much of the picture's height."""

NUMBER = 2
"""Where nothing dark is read, light writing is believed by so many sure digits that are no strokes: of many things in a
room one is bound to look like a digit."""


class _How(Enum):
    """How a picture is read."""

    DRAWN = 1
    """All of it is writing, on a bare ground."""
    SKETCH = 2
    """A sheet in a room is only looked for."""
    WHOLE = 3


@dataclass(frozen=True, slots=True)
class _Seen:
    """The reading, all candidates, and the finest level.

    Attributes:
        is_sketch: of a sheet in a room, which is only found.
        is_light: the writing is lighter than its ground.
        is_faint: all of it is read in ink that is paler than ink usually is.
    """

    reading: Reading
    candidates: list[Candidate]
    level: InkLevel
    is_sketch: bool
    is_light: bool
    is_faint: bool = False


class Recognizer:
    """Reads the digits of a picture, one after the other whatever threads ask.

    Args:
        model: a ``.tflite`` file; None: the shipped one.
        min_confidence: digits below it are rejected, 0-1; None: the shipped default.
        threads: of the network, 1 or more; None: up to two.

    Raises:
        ModelError: the model is missing, damaged or of the wrong shape.
        ValueError: ``min_confidence`` or ``threads`` is out of its range.
    """

    def __init__(
        self, model: Path | str | None = None, min_confidence: float | None = None, threads: int | None = None
    ) -> None:
        self.model = Path(model) if model is not None else DEFAULT_MODEL
        self.min_confidence = checked_confidence(DEFAULT_MIN_CONFIDENCE if min_confidence is None else min_confidence)
        threads = checked_threads(threads)
        self._classifier = open_classifier(self.model, threads)
        self._strings = StringReader(threads=threads)
        self._scratch = Scratch()
        self._lock = threading.Lock()

    def read(self, image: Image, drawn: bool = False) -> Reading:
        """Read a picture of any size from 1x1 up.

        Args:
            image: uint8 (H, W, 3) BGR or (H, W) grey; (H, W, 4) BGRA is put on white first, on black where all its
                ink is light.
            drawn: it was not taken but drawn, dark on a bare ground: all of it is writing, and no stroke is broken.

        Raises:
            ValueError: ``image`` is something else, or empty.
        """
        image = checked_picture(image)
        area = picture_area(image)
        with self._lock:
            reading = self._read(cut(image, area), drawn).reading
        return moved(reading, area, (image.shape[1], image.shape[0]))

    def explain(self, image: Image) -> Explanation:
        """Like ``read``, and keeps what the stages saw.

        Raises:
            ValueError: as ``read``.
        """
        image = checked_picture(image)
        height, width = image.shape[:2]
        x, y, wide, high = area = picture_area(image)
        with self._lock:
            seen = self._read(cut(image, area))
        mask = np.zeros((height, width), np.uint8)
        mask[y : y + high, x : x + wide] = cv2.resize(seen.level.mask, (wide, high), interpolation=cv2.INTER_NEAREST)
        boxes = (c.box for c in seen.candidates)
        places = tuple(Box(b.x + x, b.y + y, b.width, b.height) for b in boxes)
        return Explanation(mask, places, moved(seen.reading, area, (width, height)))

    def classify(self, crops: Image) -> NDArray[np.float32]:
        """uint8 (N, 28, 28), bright ink on black, MNIST geometry -> float32 (N, 11) probabilities."""
        with self._lock:
            return judge(self._classifier, crops)

    def forget(self) -> None:
        """Forget what was answered before: for who measures how long a picture takes."""
        self._classifier.forget()
        self._strings.forget()

    def _read(self, image: Image, drawn: bool = False) -> _Seen:
        """What is seen, without a lamp's flicker; turned where it does not stand upright."""
        if drawn:
            return self._read_shadows(image, _How.DRAWN)
        image = without_bands(image)
        seen = self._read_standing(image)
        reading = read_turned(lambda turned: self._read_standing(turned).reading, image, seen.reading, self._classifier)
        return replace(seen, reading=reading)

    def _read_standing(self, image: Image) -> _Seen:
        """What is seen; a sheet in a room is read once more without that."""

        def read(part: Image) -> Reading:
            return self._read_shadows(np.ascontiguousarray(part), _How.WHOLE).reading

        seen = self._read_shadows(image, _How.SKETCH)
        closer = read_closer(read, image, seen.reading)
        if closer is seen.reading and seen.is_sketch:
            return self._read_shadows(image, _How.WHOLE)
        panelled = with_panels(read, image, closer, seen.is_light)
        return replace(seen, reading=with_marked(read, image, panelled))

    def _read_shadows(self, image: Image, how: _How) -> _Seen:
        """What is seen; looked at once more where there may be narrow shadows."""
        seen, is_light = self._read_polarity(image, how)
        if how is _How.DRAWN or not (
            has_broad_ink(seen.level) or (is_light and not count_sure(seen.reading.digits, (0, 1)))
        ):
            return seen
        other = self._look(image, Pyramid(image, self._scratch, False, NEAR), how)
        return other if count_sure(other.reading.digits) >= max(NUMBER, count_sure(seen.reading.digits) + 1) else seen

    def _read_polarity(self, image: Image, how: _How) -> tuple[_Seen, bool]:
        """What is seen of dark writing, or of light, and whether it is that; of both where it is doubtful."""
        pyramid = Pyramid(image, self._scratch, False if how is _How.DRAWN else None)
        seen, polarity = self._look_paler(image, pyramid, how), pyramid.polarity
        first, is_light = seen.reading, polarity.light_on_dark
        if not polarity.doubtful and ((count_sure(first.digits) and not seen.is_faint) or not polarity.may_be_light):
            return seen, is_light
        if is_light and (_is_plain(first) or count_sure(first.digits, but=(0, 1)) > NUMBER):
            return seen, True
        other = self._look_paler(image, Pyramid(image, self._scratch, not is_light), how)
        if not (polarity.doubtful or seen.is_faint):
            takes_other = _is_plain(other.reading) or count_sure(other.reading.digits) >= NUMBER
        elif not is_light and _has_plain(other.reading):
            takes_other = True
        else:
            takes_other = _written(other.reading) > _written(first)
        return (other, not is_light) if takes_other else (seen, is_light)

    def _look_paler(self, image: Image, pyramid: Pyramid, how: _How) -> _Seen:
        """What is seen in a picture when its ink is that of the pyramid; looked at once more where that is pale."""
        seen = self._look(image, pyramid, how)
        if how is _How.DRAWN or not may_be_pale(seen.level, seen.candidates):
            return seen
        other = self._look(image, Pyramid(image, self._scratch, pyramid.polarity.light_on_dark, PALE), how)
        before = count_sure(seen.reading.digits)
        if count_sure(other.reading.digits) < max(NUMBER, before):
            return seen
        return replace(other, is_faint=before < NUMBER)

    def _look(self, image: Image, pyramid: Pyramid, how: _How) -> _Seen:
        """What is seen in a picture when its ink is that of the pyramid."""
        size, drawn = (image.shape[1], image.shape[0]), how is _How.DRAWN

        def reader_of(level: InkLevel, bare: bool, known: Sequence[Candidate] = ()) -> LevelReader:
            return LevelReader(level, size, self._classifier, self._strings, known, bare)

        is_light = pyramid.polarity.light_on_dark
        fine = finest(pyramid, reader_of, drawn)
        candidates = merge([], fine.candidates(sketch=how is _How.SKETCH), self.min_confidence)
        fainter = None if drawn else fine.fainter(candidates)
        if fine.is_sketch and fainter is None:  # who would have read what touches
            candidates = merge([], fine.candidates(), self.min_confidence)
        if fainter is not None:
            candidates = merge(candidates, fainter.candidates(), self.min_confidence, fuller=True)
        open_ = fine.left_open()
        coarse = pyramid.coarse() if open_ is not None else None
        if coarse is not None and open_ is not None:
            more = reader_of(reduced_to(coarse, open_), fine.is_bare, candidates).candidates()
            candidates = merge(candidates, more, self.min_confidence)
        rejects = [c for c in candidates if c.confidence < self.min_confidence]
        whole: list[Candidate] = []
        cut: list[Candidate] = []
        for c in candidates:
            if c.confidence >= self.min_confidence:
                (cut if is_cut_off(c.box, size, len(rejects)) else whole).append(c)
        whole, around = part_enclosing(whole)
        whole, faces = part_marked(whole, fine.ink() if any(c.digit == 0 for c in whole) else NO_INK, fine.contrast)
        digits, doubtful = keep_in_glare(image, *drop_doubtful(whole, rejects), is_light)
        digits, ghosts = drop_ghosts(digits, rejects)
        digits, letters = drop_in_words(digits, fine.ink() if rejects else NO_INK, fine.contrast)
        digits, off = drop_off_sheet(image, digits, len(rejects) >= CLUTTER, is_light)
        digits, signs = drop_signs(digits, rejects)
        others = [c.box for c in rejects] + [c.box for c, _ in signs]
        ordered, numbers, slashes = grouped([as_digit(c) for c in digits], others, drawn)
        notes = [as_reject(c, doubt(c)) for c in rejects] + [as_reject(c, why) for c, why in doubtful + off]
        notes += [as_reject(c, "cut off by the edge of the picture") for c in cut]
        notes += [as_reject(c, "drawn around other digits") for c in around]
        notes += [as_reject(c, "a ring with marks in it") for c in faces]
        notes += [as_reject(c, "it shows through from the other side") for c in ghosts]
        notes += [as_reject(c, "a letter of a word") for c in letters]
        notes += [as_reject(c, why, is_sign=True) for c, why in signs] + slashes
        if ordered:
            return _Seen(
                Reading(ordered, numbers, size, tuple(notes)), candidates, fine.found, fine.is_sketch, is_light
            )
        unsure = [c.confidence for c in rejects if c.confidence >= DEFAULT_MIN_CONFIDENCE]
        hint, detail = (
            explain_limit(unsure, self.min_confidence)
            if unsure
            else explain_nothing(image, fine.found, fine.pieces, len(candidates))
        )
        return _Seen(
            Reading((), (), size, tuple(notes), hint, detail), candidates, fine.found, fine.is_sketch, is_light
        )


def _has_plain(reading: Reading) -> bool:
    """Whether a large sure digit is among those that were read."""
    return any(d.confidence >= SURE and d.box.height >= PLAIN * reading.size[1] for d in reading.digits)


def _is_plain(reading: Reading) -> bool:
    """Whether it is, and hardly anything else is in the picture."""
    return _has_plain(reading) and len(reading.rejects) < CLUTTER


def _written(reading: Reading) -> tuple[int, int, int]:
    """How much of the picture is writing, pixels: of sure digits that no mere stroke is, of unsure ones too, of all."""
    areas = [(d.box.width * d.box.height, d) for d in reading.digits]
    plain = [(area, d.confidence >= SURE) for area, d in areas if d.digit != 1]
    return sum(area for area, sure in plain if sure), sum(area for area, _ in plain), sum(area for area, _ in areas)
