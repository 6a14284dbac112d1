"""The digits that are being followed: how they begin, go on, hide and end."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from digitrec.results import Digit, Reading, Reject
from digitrec.tracking.agreement import NO_COURSE, Course
from digitrec.tracking.evidence import Evidence, add_looks
from digitrec.tracking.glyphs import CLASSES, LOOK, Floats, Glyphs, blended, box_at, is_near
from digitrec.tracking.meeting import Known, find_weak, meet
from digitrec.tracking.motion import Motion
from digitrec.tracking.track import Seen, Sighting, Track

MEMORY_S = 0.75
"""A track unseen for so long may come back looking somewhat different; half a second, and some frames on top."""

DORMANT_S = 10.0
"""And for so long if it comes back looking the same."""

MAX_TRACKS = 600
"""More are not kept: a picture of noise gives new ones with every frame."""


PATIENCE = 1
"""A digit that is not believed yet is given up when more frames than this pass without it: read in a frame and the one
after the next, it is believed."""

COAST = 3
"""So many frames a lost track goes on as it went, where nothing else tells how the page moves."""

MAX_AHEAD_S = 0.6
"""Over longer gaps nothing is expected to have gone on moving as it did."""

ODD = 0.3
"""A digit that differs from one frame to the next by more than this factor (logarithm), beyond what all others do, was
cut out of its surroundings badly: a line of the paper clings to it, or a part is missing ..."""

ODD_FRAMES = 3
"""... unless it goes on like this: then its writer went on writing."""

PART_NEEDED = 8
"""A digit inside one that was read just before, and still is beside it, is a part of that one, read otherwise for a
moment, until it was read so often: touching digits are parted in one way and another from frame to frame."""

WIDER, STEADY = 1.35, 0.6
"""Two digits that touch are read as one now and then. Where a digit is suddenly so many times as wide, and another one
that was read in so many of the last frames is not met but lies inside it, both are as they were."""

_Pairs = Sequence[tuple[Track, int]]
_Found = tuple[Sequence[Digit | Reject], Glyphs]
_When = tuple[int, float]
"""Frame, and seconds since the frame before."""


class TrackBook:
    """All tracks.

    Args:
        history: so many frames are remembered by each track.
    """

    def __init__(self, history: int) -> None:
        self.tracks: list[Track] = []
        self._history = history
        self._clock_s = 0.0
        self._typical_s = 1 / 30
        self._time_s: float | None = None
        self._picture: tuple[int, int] | None = None
        self._next_id = 1

    def step(self, reading: Reading, time_s: float, frame: int, frames: int = 1, course: Course = NO_COURSE) -> None:
        """Take the reading of the next frame.

        Args:
            reading: of the frame alone.
            time_s: its time.
            frame: its number; it counts up.
            frames: so many frames it stands for: those just before it, which show the same, and itself.
            course: how the digits went to it from the last one, as far as that is known.
        """
        dt_s = self._elapsed_s(time_s)
        self._fit_picture(reading.size)
        seen = Glyphs.of(reading.digits)
        before = as_glyphs(self.tracks)
        meeting = meet(self._known(dt_s, course), seen)
        met = {t for t, _ in meeting.pairs}
        lost = [track for t, track in enumerate(self.tracks) if t not in met]
        pairs = [(self.tracks[t], d) for t, d in meeting.pairs]
        swallowed = self._swallowed(pairs, lost, seen, meeting.motion, dt_s)
        settled = before.take([t for t in met if self.tracks[t].shown and self.tracks[t].confirmed])
        self._meet(pairs, (reading.digits, seen), meeting.motion, (frame, dt_s), set(swallowed.values()))
        for track, _ in pairs:
            track.reads += frames - 1
        for track in swallowed:
            self._keep(track, meeting.motion, (frame, dt_s))
        lost = [track for track in lost if track not in swallowed]
        for track in lost:
            track.adrift |= meeting.cut
        self._without(lost, meeting.motion, reading.rejects, (frame, dt_s))
        taken = {d for _, d in meeting.pairs}
        contested = [t for t in lost if t.shown and t.confirmed and self.is_recent(t)]
        for d, digit in enumerate(reading.digits):
            if d not in taken:
                self._begin(digit, seen.take([d]), contested, frame)
                if not meeting.cut and _is_part(seen.centers[d], settled):
                    self.tracks[-1].needed = PART_NEEDED
        self._forget()

    def is_recent(self, track: Track) -> bool:
        """Seen within ``MEMORY_S``."""
        return self._clock_s - track.last_s <= MEMORY_S

    def _elapsed_s(self, time_s: float) -> float:
        """Since the last frame; a plausible time where the source's clock stands still or jumps back."""
        dt_s = self._typical_s if self._time_s is None else time_s - self._time_s
        if dt_s < 1e-3 or not math.isfinite(dt_s):
            dt_s = self._typical_s
        elif self._time_s is not None and dt_s < 2:
            self._typical_s += 0.3 * (dt_s - self._typical_s)
        self._time_s = time_s
        self._clock_s += dt_s
        return dt_s

    def _fit_picture(self, size: tuple[int, int]) -> None:
        """Cameras change the size of their pictures in mid-stream: what is followed is scaled with them."""
        if self._picture not in (None, size):
            ratio = np.array(size, float).clip(1) / np.array(self._picture, float).clip(1)
            for track in self.tracks:
                track.center, track.size, track.velocity = track.center * ratio, track.size * ratio, track.velocity * 0
        self._picture = size

    def _known(self, dt_s: float, course: Course) -> Known:
        last = as_glyphs(self.tracks)
        ahead_s = dt_s if dt_s < MAX_AHEAD_S else 0.0
        velocity = np.array([t.velocity for t in self.tracks]).reshape(-1, 2)
        expected = course.carried(last.centers) if len(course.starts) else last.centers + ahead_s * velocity
        recent = np.array([self.is_recent(t) for t in self.tracks], bool)
        seen = np.array([t.missed == 0 for t in self.tracks], bool)
        shown = seen & np.array([t.shown and t.confirmed for t in self.tracks], bool)
        return Known(last, expected, recent, shown if shown.any() else seen)

    def _swallowed(
        self, pairs: _Pairs, lost: Sequence[Track], seen: Glyphs, motion: Motion | None, dt_s: float
    ) -> dict[Track, Track]:
        """Lost tracks that lie inside the glyph of another, which was not so wide, each with the other."""
        wider = [(t, d) for t, d in pairs if t.confirmed and seen.sizes[d, 0] > WIDER * t.size[0]]
        waiting = [t for t in lost if t.confirmed and t.shown and t.steadiness >= STEADY and self.is_recent(t)]
        found: dict[Track, Track] = {}
        if not wider or not waiting:
            return found
        for track, place in zip(waiting, self._carried(waiting, motion, dt_s), strict=True):
            inside = (t for t, d in wider if (abs(seen.centers[d] - place) < 0.5 * seen.sizes[d]).all())
            other = next(inside, None)
            if other is not None:
                found[track] = other
        return found

    def _keep(self, track: Track, motion: Motion | None, when: _When) -> None:
        """A track that was not met goes on as all else does, as if it had been."""
        frame, dt_s = when
        _move(track, self._carried([track], motion, dt_s)[0], motion, dt_s)
        track.missed, track.last_s, track.adrift = 0, self._clock_s, False
        sighting = Sighting(frame, 0.0, Seen.WEAK, box_at(track.center, track.size), track.sightings[-1].crop)
        track.note(sighting, dt_s)

    def _meet(
        self, pairs: _Pairs, found: _Found, motion: Motion | None, when: _When, wide: Collection[Track] = ()
    ) -> None:
        """Tracks that were found, with the index of their glyph; ``wide``: of which the glyph is more than them."""
        if not pairs:
            return
        (items, seen), (frame, dt_s) = found, when
        tracks, rows = [t for t, _ in pairs], [row for _, row in pairs]
        add_looks(
            [t.evidence for t in tracks],
            np.log(seen.probabilities[rows]),
            [self._clock_s - t.last_s for t in tracks],
            [not t.confirmed for t in tracks],
        )
        before, carried = as_glyphs(tracks), self._carried(tracks, motion, dt_s)
        scale = 1.0 if motion is None else motion.scale
        odd = abs(np.log(seen.extents[rows] / (before.extents * scale))) > ODD
        looks = blended(before.looks, seen.looks[rows])
        for i, (track, row) in enumerate(pairs):
            item = items[row]
            too_wide = track in wide
            if too_wide or (odd[i] and track.confirmed and track.odd < ODD_FRAMES):
                center, track.size, box = carried[i], track.size * scale, box_at(carried[i], track.size * scale)
                track.odd += not too_wide
            else:
                center, track.size, box, track.odd = seen.centers[row], seen.sizes[row], item.box, 0
                if isinstance(item, Digit):  # a glyph was not answered because it looks strange just now
                    track.look = looks[i]
            track.velocity = 0.5 * track.velocity + 0.5 * (center - track.center) / dt_s
            track.center = center
            track.missed, track.last_s, track.adrift = 0, self._clock_s, False
            how = Seen.READ if isinstance(item, Digit) else Seen.WEAK
            track.note(Sighting(frame, 0.0, how, box, item.crop), dt_s)

    def _without(self, lost: Sequence[Track], motion: Motion | None, rejects: Sequence[Reject], when: _When) -> None:
        """Tracks that no digit matched: looked for among what was not answered, else moved along."""
        frame, dt_s = when
        places = self._carried(lost, motion, dt_s)
        recent = [i for i, t in enumerate(lost) if self.is_recent(t)]
        waiting = replace(as_glyphs([lost[i] for i in recent]), centers=places[recent])
        others = [r for r, near in zip(rejects, is_near(waiting, rejects), strict=True) if near]
        seen = Glyphs.of(others)
        weak = {recent[t]: r for t, r in find_weak(waiting, seen)}
        self._meet([(lost[i], r) for i, r in weak.items()], (others, seen), motion, when)
        for i, track in enumerate(lost):
            if i in weak:
                continue
            _move(track, places[i], motion, dt_s)
            track.missed += 1
            box, crop = box_at(track.center, track.size), track.sightings[-1].crop
            track.note(Sighting(frame, self._clock_s - track.last_s, Seen.MISSED, box, crop), dt_s)

    @staticmethod
    def _carried(lost: Sequence[Track], motion: Motion | None, dt_s: float) -> Floats:
        """(N, 2) where lost tracks are expected: moved as all else, or for a while as they moved before."""
        places = np.array([t.center for t in lost]).reshape(-1, 2)
        if motion is not None:
            return motion(places)
        velocity = np.array([t.velocity if t.missed < COAST else t.velocity * 0 for t in lost]).reshape(-1, 2)
        return places + (dt_s if dt_s < MAX_AHEAD_S else 0.0) * velocity

    def _begin(self, digit: Digit, seen: Glyphs, contested: Sequence[Track], frame: int) -> None:
        """A new track; where another was a moment ago it takes one reading more to be believed."""
        center, reach = seen.centers[0], 0.5 * float(seen.extents[0])
        disputed = any(float(np.hypot(*(t.center - center))) < reach for t in contested)
        evidence = Evidence(np.log(seen.probabilities[0]))
        first = Sighting(frame, 0.0, Seen.READ, digit.box, digit.crop)
        track = Track(self._next_id, center, seen.sizes[0], seen.looks[0], evidence, self._clock_s)
        track.needed = 3 if disputed else 2
        track.sightings = deque(maxlen=self._history)
        track.note(first, 0.0)
        self.tracks.append(track)
        self._next_id += 1

    def _forget(self) -> None:
        self.tracks = [t for t in self.tracks if self._is_kept(t)]
        if len(self.tracks) > MAX_TRACKS:
            self.tracks = sorted(self.tracks, key=lambda t: (t.last_s, t.confirmed))[-MAX_TRACKS:]

    def _is_kept(self, track: Track) -> bool:
        if not track.confirmed:
            return track.missed <= PATIENCE
        return self._clock_s - track.last_s <= DORMANT_S or track.missed < self._history


def _move(track: Track, place: Floats, motion: Motion | None, dt_s: float) -> None:
    """Take a track that was not met to where it is expected."""
    track.velocity = (place - track.center) / dt_s
    track.center = place
    if motion is not None:
        track.size = track.size * motion.scale


def _is_part(center: Floats, settled: Glyphs) -> bool:
    """Whether a place lies inside one of the digits of the frame before."""
    return bool((abs(settled.centers - center) < 0.5 * settled.sizes).all(axis=1).any())


def as_glyphs(tracks: Sequence[Track]) -> Glyphs:
    """The tracks as they were last seen."""
    return Glyphs(
        np.array([t.center for t in tracks]).reshape(-1, 2),
        np.array([t.size for t in tracks]).reshape(-1, 2),
        np.array([t.evidence.probabilities for t in tracks]).reshape(-1, CLASSES),
        np.array([t.look for t in tracks]).reshape(-1, LOOK),
    )
