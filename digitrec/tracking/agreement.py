"""Whether two frames of a video, and all between, show the same digits; and where those lie in each.

The digits' own patches are followed (pyramidal Lucas-Kanade, Bouguet 2000) and compared, in small pictures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import cv2
import numpy as np

from digitrec.results import Digit, Frame, Image, Reading
from digitrec.thumbnail import thumbnail
from digitrec.tracking.glyphs import Floats, Glyphs
from digitrec.tracking.meeting import Known, meet

CELLS, WIDER = 8, 1.3
"""A patch holds so many means along each side of a square that is so many times as large as the digit."""

FOUND = 0.6
"""A digit is where its patch correlates so much with what it is before and after: nine in ten do by more than 0.8, and
where something covers it about 0."""

PLAIN = 0.93
"""Where all do by so much on the straight way, they are not followed."""

GROWN = 1.25
"""A digit whose size differs by more than this factor was read otherwise."""

_UNREAD = Reading((), (), (0, 0))
_WINDOW = (15, 15)
_STOP = cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 6, 0.05


class View:
    """A frame, in small, and what was read in it.

    Args:
        frame: the frame.
    """

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.reading = _UNREAD

    @cached_property
    def small(self) -> Image:
        """The frame's thumbnail: uint8 (h, w)."""
        return thumbnail(self.frame.image) if self.frame.thumbnail is None else self.frame.thumbnail

    @property
    def is_passed_over(self) -> bool:
        """Whether the frame came without its picture."""
        return self.frame.fetch is not None

    def fetch(self, instead: Image) -> None:
        """Get the picture that was passed over, or another one of about the same time where that fails."""
        if self.frame.fetch is not None:
            image = self.frame.fetch()
            self.frame = replace(self.frame, image=instead if image is None else image, fetch=None)

    @property
    def digits(self) -> tuple[Digit, ...]:
        """Those that were read."""
        return self.reading.digits

    @cached_property
    def glyphs(self) -> Glyphs:
        """The same as arrays."""
        return Glyphs.of(self.digits)

    @cached_property
    def own_patches(self) -> Floats:
        """(N, 64): those of ``glyphs``."""
        return self.patches(self.glyphs.centers, self.glyphs.extents)

    def likeness(self, centers: Floats, extents: Floats, wanted: Floats) -> Floats:
        """(N,) the correlation of what lies at some places with ``wanted`` patches."""
        return np.asarray(np.einsum("ij,ij->i", self.patches(centers, extents), wanted), np.float64)

    def patches(self, centers: Floats, extents: Floats) -> Floats:
        """(N, 64) what lies at some places, zero mean, unit length."""
        grid = WIDER * ((np.arange(CELLS) + 0.5) / CELLS - 0.5)
        shape = len(centers), CELLS, CELLS
        across = self.to_small(centers[:, :1] + extents[:, None] * grid)
        down = self.to_small(centers[:, 1:] + extents[:, None] * grid)
        x = np.broadcast_to(across[:, None, :], shape).reshape(-1, CELLS).astype(np.float32)
        y = np.broadcast_to(down[:, :, None], shape).reshape(-1, CELLS).astype(np.float32)
        found = cv2.remap(self.small, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        flat = found.reshape(len(centers), -1).astype(np.float32)
        flat -= flat.mean(axis=1, keepdims=True)
        return np.asarray(flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 1e-6), np.float64)

    def to_small(self, places: Floats) -> Floats:
        """Pixels of the frame in pixels of ``small``."""
        places_px: Floats = places * (self.small.shape[1] / self.frame.image.shape[1]) - 0.5
        return places_px

    def followed(self, starts: Floats, other: View, guesses: Floats) -> Floats:
        """(N, 2) where the ``starts`` of this frame lie in another, ``guesses`` where they are not found."""
        first, last = (view.astype(np.float32)[:, None] for view in (self.to_small(starts), self.to_small(guesses)))
        found, status, _ = cv2.calcOpticalFlowPyrLK(
            self.small, other.small, first, last.copy(), winSize=_WINDOW, maxLevel=1,
            flags=cv2.OPTFLOW_USE_INITIAL_FLOW, criteria=_STOP,
        )  # fmt: skip
        moved = np.where(status > 0, (found - last)[:, 0], 0) * (self.frame.image.shape[1] / self.small.shape[1])
        return np.asarray(guesses + moved, np.float64)


@dataclass(frozen=True, slots=True)
class Course:
    """How N digits went from one frame to another.

    Attributes:
        starts, ends: (N, 2) their centres in the first and in the other, pixels.
        shares: of each frame in between, how much of the way to the other it is, in time, 0-1.
        astray: and how far the digits lie from the straight way, (N, 2).
    """

    starts: Floats
    ends: Floats
    shares: tuple[float, ...]
    astray: tuple[Floats, ...]

    def carried(self, places: Floats) -> Floats:
        """(M, 2) where other places went: as the digit next to each, of which there must be one."""
        apart = places[:, None] - self.starts[None]
        went: Floats = (self.ends - self.starts)[np.hypot(apart[..., 0], apart[..., 1]).argmin(axis=1)]
        return np.asarray(places + went, np.float64)


NO_COURSE = Course(np.zeros((0, 2)), np.zeros((0, 2)), (), ())
"""Of digits to the very next frame."""


def find_course(first: View, between: Sequence[View], last: View) -> Course | None:
    """How the digits went; None where two frames do not agree, or a digit is not found in one between.

    Args:
        first: a frame with its reading.
        between: those that follow, in order, without; those that were passed over are taken for what lies around them.
        last: the next one with its reading.
    """
    if any(view.frame.size != first.frame.size for view in (*between, last)) or len(first.glyphs) != len(last.glyphs):
        return None
    if len(first.glyphs) == 0:
        none = first.glyphs.centers
        return Course(none, none, _shares(first, between, last), (none,) * len(between))
    pairs = _pairs(first, last)
    if len(pairs) < len(first.glyphs):
        return None
    rows, columns = [t for t, _ in pairs], [d for _, d in pairs]
    a, b = first.glyphs.take(rows), last.glyphs.take(columns)
    if (abs(np.log(a.extents / b.extents)) > math.log(GROWN)).any():
        return None
    patches = first.own_patches[rows], last.own_patches[columns]
    astray, before = {0.0: np.zeros_like(a.centers), 1.0: np.zeros_like(a.centers)}, 0.0
    shares = _shares(first, between, last)
    for share, view in zip(shares, between, strict=True):
        if view.is_passed_over:
            continue
        straight, extents = mixed(a.centers, b.centers, share), mixed(a.extents, b.extents, share)
        wanted = mixed(*patches, share)
        off, alike = np.zeros_like(straight), view.likeness(straight, extents, wanted)
        if alike.min() < PLAIN:
            # The flow errs where the light jumps, the straight way where the hand shakes.
            flown = first.followed(a.centers, view, straight + astray[before])
            others = view.likeness(flown, extents, wanted)
            off[others > alike] = (flown - straight)[others > alike]
            alike = np.maximum(alike, others)
        if alike.min() < FOUND:
            return None
        before, astray[share] = share, off
    return Course(a.centers, b.centers, shares, _with_those_between(astray, shares))


def _shares(first: View, between: Sequence[View], last: View) -> tuple[float, ...]:
    """How much of the way each frame is: by its time, for a picture may stand for seconds, else by its turn."""
    begin_s, end_s = first.frame.time_s, last.frame.time_s
    times_s = [view.frame.time_s for view in between]
    runs = all(later > earlier for earlier, later in pairwise([begin_s, *times_s, end_s]))
    if not (runs and math.isfinite(end_s - begin_s)):
        return tuple(n / (len(between) + 1) for n in range(1, len(between) + 1))
    return tuple((time_s - begin_s) / (end_s - begin_s) for time_s in times_s)


def _with_those_between(astray: dict[float, Floats], shares: Sequence[float]) -> tuple[Floats, ...]:
    """Of each frame how far the digits are astray; of some, and of the first and the last at 0 and 1, it is known."""
    known = sorted(astray)
    after = np.clip(np.searchsorted(known, shares), 1, len(known) - 1)
    spans = [(share, known[k - 1], known[k]) for share, k in zip(shares, after, strict=True)]
    return tuple(mixed(astray[a], astray[b], (share - a) / (b - a)) for share, a, b in spans)


def mixed(first: Floats, last: Floats, share: float) -> Floats:
    """As the first where ``share`` is 0, as the last where it is 1."""
    return np.asarray((1 - share) * first + share * last, np.float64)


def _pairs(first: View, last: View) -> list[tuple[int, int]]:
    """The digits of a frame and of another that are the same, and are read the same."""
    every = np.ones(len(first.glyphs), bool)
    meeting = meet(Known(first.glyphs, first.glyphs.centers, every, every), last.glyphs)
    labels = [d.digit for d in first.digits], [d.digit for d in last.digits]
    return [(t, d) for t, d in meeting.pairs if not meeting.cut and labels[0][t] == labels[1][d]]
