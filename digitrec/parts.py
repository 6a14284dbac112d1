"""A part of a picture is read: a sheet without the room behind it, which is no work then and confuses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from statistics import median

from digitrec.bars import moved
from digitrec.candidates import SURE, Candidate
from digitrec.results import NOT_A_DIGIT, Box, Digit, Image, Reading, Reject

MARGIN, CLOSER, LEAST_PX = 1.0, 1.5, 16
"""So many heights of a digit are read around all of them, so many where they may not be all, and at least so many
pixels."""

OWN = 0.75
"""And at least so many of each digit's own height around it."""

LARGEST = 0.5
"""A part that is more of the picture than this is no gain."""

EDGE = 0.5
"""What stands nearer to the edge of the part than so many of its heights may go on beyond it and is not believed ..."""

LIKELY = 0.5
"""... nor what was not answered, but is a digit with this probability."""

ROOM, FEW = 60, 2
"""So many shapes that are no digits, beside so many that are, are a room around a sheet."""

Read = Callable[[Image], Reading]
"""``Recognizer.read``."""


def is_room(shapes: Iterable[Candidate], size: tuple[int, int]) -> bool:
    """Whether some shapes in a picture, (width, height) pixels, are surely the digits of a sheet, and most a room's."""
    every = list(shapes)
    sure = [c.box for c in every if c.confidence >= SURE and c.digit != 1]
    others = sum(c.confidence < LIKELY for c in every)
    return len(sure) >= FEW and others >= ROOM and part_around(sure, size, CLOSER) is not None


def part_around(boxes: Sequence[Box], size: tuple[int, int], heights: float = MARGIN) -> Box | None:
    """The part of a picture that is read for digits in these boxes; None: the whole.

    Args:
        boxes: of digits.
        size: (width, height) of the picture, pixels.
        heights: so many of a digit's are read around them.
    """
    if not boxes:
        return None
    margin = max(LEAST_PX, round(heights * median(box.height for box in boxes)))
    # Of a digit larger than most, too, nothing is near the edge.
    part = Box.around([box.grown(max(margin, round(OWN * box.height)), size) for box in boxes])
    return part if 0 < part.width * part.height <= LARGEST * size[0] * size[1] else None


def read_part(read: Read, image: Image, part: Box) -> tuple[Reading, list[Box]]:
    """The reading of a part, and what may go on beyond its edge, which is not believed; boxes in pixels of the whole.

    Why nothing was read in it is not told.
    """
    inside = read(image[part.y : part.y + part.height, part.x : part.x + part.width])
    found = moved(inside, part, (image.shape[1], image.shape[0]))
    beyond = {digit.box for digit in found.digits if _is_near_edge(digit, part, found.size)}
    digits = tuple(digit for digit in found.digits if digit.box not in beyond)
    numbers = tuple(n for n in found.numbers if not any(digit.box in beyond for digit in n.digits))
    cut = [r.box for r in found.rejects if _is_likely(r) and _is_near_edge(r, part, found.size)]
    return Reading(digits, numbers, found.size, found.rejects, quarters=found.quarters), [*beyond, *cut]


def read_closer(read: Read, image: Image, reading: Reading) -> Reading:
    """The reading of a picture, of which the part with digits is read once more where the rest is a room."""
    if len(reading.digits) < FEW or len(reading.rejects) < ROOM:
        return reading
    part = part_around([digit.box for digit in reading.digits], reading.size, CLOSER)
    if part is None:
        return reading
    closer, _ = read_part(read, image, part)
    if not closer.digits:
        return reading
    outside = tuple(r for r in reading.rejects if not part.holds(r.box))
    return replace(closer, rejects=closer.rejects + outside)


def _is_likely(reject: Reject) -> bool:
    """By itself it would be a digit."""
    return max(reject.probabilities[:NOT_A_DIGIT], default=0.0) >= LIKELY


def _is_near_edge(glyph: Digit | Reject, part: Box, size: tuple[int, int]) -> bool:
    """Whether there may be more of it, or beside it, outside of the part but inside of the picture."""
    box = glyph.box
    margin = EDGE * box.height
    return (
        (box.x - part.x < margin and part.x > 0)
        or (box.y - part.y < margin and part.y > 0)
        or (part.x + part.width - box.x - box.width < margin and part.x + part.width < size[0])
        or (part.y + part.height - box.y - box.height < margin and part.y + part.height < size[1])
    )
