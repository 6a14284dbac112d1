"""One digit that is followed, and how it was met in the last frames."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from digitrec.results import Box, Image
from digitrec.tracking.evidence import FADE_S, Evidence
from digitrec.tracking.glyphs import Floats

APPEAR, VANISH = 0.5, 0.35
"""A digit appears when its mean probability exceeds the first, and vanishes when it falls below the second."""


TOGETHER = 1.5
"""So many frames in which two digits are read tell that they are two; older ones fade."""


class Seen(Enum):
    """How a track was met in a frame."""

    READ = 1
    """As a digit."""
    WEAK = 2
    """As a glyph that was not answered."""
    MISSED = 3
    """Not at all: its place is where it is expected."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A track in one frame; ``away_s``: not met for so long, seconds, 0 where it was met."""

    frame: int
    away_s: float
    seen: Seen
    box: Box
    crop: Image | None


@dataclass(slots=True, eq=False)
class Track:
    """One digit on the paper.

    Attributes:
        id: 1, 2, 3 ...
        center, size: (2,) pixels, in the last frame.
        velocity: (2,) pixels a second.
        look: (196,) a mean of its last looks, see ``Glyphs.looks``.
        evidence: what it is.
        needed: so often it must be read before it is believed.
        shown: believed to be a digit, by all looks at it.
        sightings: the last frames, oldest first.
        last_s: when it was last met, on the book's clock.
        reads: how often it was read.
        missed: frames since it was met.
        adrift: another page has come since it was met.
        odd: frames in a row in which its box was not to be believed.
    """

    id: int
    center: Floats
    size: Floats
    look: Floats
    evidence: Evidence
    last_s: float
    velocity: Floats = field(default_factory=lambda: np.zeros(2))
    needed: int = 2
    sightings: deque[Sighting] = field(default_factory=deque)
    reads: int = 0
    missed: int = 0
    shown: bool = False
    adrift: bool = False
    odd: int = 0
    _frames: float = 0.0
    _read_frames: float = 0.0

    @property
    def confirmed(self) -> bool:
        """Read often enough to be believed."""
        return self.reads >= self.needed

    @property
    def steadiness(self) -> float:
        """The share of the last frames in which it was read, 0-1; older ones fade."""
        return self._read_frames / self._frames

    def stood_beside(self, other: Track) -> bool:
        """Both were read in the same frames not long ago, as follows from how often each was."""
        return self._read_frames + other._read_frames - max(self._frames, other._frames) >= TOGETHER

    def note(self, sighting: Sighting, dt_s: float) -> None:
        """Take one more frame, ``dt_s`` seconds after the last; the evidence is up to date already."""
        was_read = sighting.seen is Seen.READ
        keep = math.exp(-dt_s / FADE_S)
        self._frames = self._frames * keep + 1
        self._read_frames = self._read_frames * keep + was_read
        self.reads += was_read
        self.sightings.append(sighting)
        confidence = self.evidence.confidence
        self.shown = confidence >= APPEAR or (self.shown and confidence >= VANISH)

    def at(self, frame: int) -> Sighting | None:
        """Its sighting in a frame."""
        for sighting in reversed(self.sightings):
            if sighting.frame == frame:
                return sighting
        return None
