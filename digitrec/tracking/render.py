"""Tracks -> Reading: what is shown of a frame."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from digitrec.geometry import as_array, overlap
from digitrec.numbers import group
from digitrec.results import NOT_A_DIGIT, Box, Digit, Number, Reading, Reject
from digitrec.tracking.chains import Chains
from digitrec.tracking.gaps import Gaps
from digitrec.tracking.glyphs import Bools
from digitrec.tracking.track import Seen, Sighting, Track
from digitrec.tracking.tracks import MEMORY_S, TrackBook

RARE, RARE_LIVE = 0.65, 0.5
"""A digit that is read in fewer of the last frames than this (the second where those after it are not known) ..."""

AGREE = 2
"""... is shown where it is also read in another frame within so many."""

STEADY, STEADY_WEAK = 0.65, 0.6
"""A digit that is read in so many of the last frames is also shown where it was missed, or not answered: clutter is
read as a digit now and then, and must not be made to last."""

SHARED = 0.5
"""Boxes that overlap in more than this share of the smaller one are in one place."""

BRIDGE_S = 0.25
"""A digit missed for less than this may be shown where it must be, seconds ..."""

BRIDGE = 3
"""... for this many frames, where it is known that it comes back ..."""

BRIDGE_LIVE = 1
"""... and for this many where it is not known yet."""


_Shown = tuple[Track, Sighting]


class Renderer:
    """Makes the readings that are shown; frames come in order, each once.

    Args:
        book: the tracks, which may be some frames ahead.
    """

    def __init__(self, book: TrackBook) -> None:
        self._book = book
        self._chains = Chains()
        self._gaps = Gaps()

    def render(self, reading: Reading, frame: int, newest: int, frames: int = 1) -> Reading:
        """The reading of ``frame`` as the tracks have it; ``reading`` is what the frame alone gave.

        ``newest`` is the last frame the tracks know; ``frames``: so many it stands for.
        """
        shown = [(t, s) for t in self._book.tracks if t.confirmed and t.shown and (s := t.at(frame)) is not None]
        visible = [(t, s) for t, s in shown if _is_visible(t, s, newest)]
        seen = {t.id for t, _ in visible}
        hidden = [(t, s) for t, s in shown if t.id not in seen and _is_hidden(t, s)]
        beaten = _rivals(visible, hidden)
        return self._compose(
            reading,
            frames,
            {t.id: _digit(t, s) for t, s in visible if t.id not in beaten},
            {t.id: _digit(t, s) for t, s in hidden if t.id not in beaten},
        )

    def _compose(self, reading: Reading, frames: int, visible: dict[int, Digit], hidden: dict[int, Digit]) -> Reading:
        both = visible | hidden
        shared = _shared_places([r.box for r in reading.rejects], [d.box for d in both.values()])
        rejects = tuple(r for r, places in zip(reading.rejects, shared, strict=True) if not places.any())
        others = [r.box for r in rejects if _is_other_ink(r)]
        ordered, groups = group(list(both.values()), others, self._gaps, reading.quarters)
        order = {d.id: i for i, d in enumerate(ordered)}
        wanted = [[d.id for d in number.digits if d.id is not None] for number in groups]
        alive = {t.id for t in self._book.tracks}
        chains = self._chains.update(wanted, alive, frames)
        self._gaps.forget_all_but(alive)
        chains = [(name, chain) for name, chain in chains if any(t in visible for t in chain)]
        chains.sort(key=lambda named: order[named[1][0]])
        numbers = tuple(_number(name, [both[t] for t in chain]) for name, chain in chains)
        digits = tuple(visible[t] for _, chain in chains for t in chain if t in visible)
        found = bool(digits or reading.digits)
        hint, detail = (None, "") if found else (reading.hint, reading.hint_detail)
        return replace(reading, digits=digits, numbers=numbers, rejects=rejects, hint=hint, hint_detail=detail)


def _digit(track: Track, sighting: Sighting) -> Digit:
    evidence = track.evidence
    probabilities = tuple(evidence.probabilities.tolist())
    confidence = probabilities[evidence.label]
    return Digit(sighting.box, evidence.label, confidence, track.id, probabilities, sighting.crop)


def _number(name: int, digits: list[Digit]) -> Number:
    return Number(
        box=Box.around([d.box for d in digits]),
        text="".join(str(d.digit) for d in digits),
        confidence=math.prod(d.confidence for d in digits),
        digits=tuple(digits),
        id=name,
    )


def _is_visible(track: Track, sighting: Sighting, newest: int) -> bool:
    """Whether a digit is shown in a frame: what was read is; what was not, if it is read in most frames.

    What is read only now and then is shown where frames close by agree.
    """
    if sighting.seen is Seen.READ:
        close = (s for s in track.sightings if 0 < abs(s.frame - sighting.frame) <= AGREE)
        rare = RARE if newest > sighting.frame else RARE_LIVE
        return track.steadiness >= rare or any(s.seen is Seen.READ for s in close)
    if sighting.seen is Seen.WEAK:
        return track.steadiness >= STEADY_WEAK
    return track.steadiness >= STEADY and _bridges(track, sighting, newest)


def _rivals(visible: list[_Shown], hidden: list[_Shown]) -> set[int]:
    """Ids of the less steady, where a digit that was not read has another in its place.

    In a blurred frame a part of a digit may be read as one; the digit itself is still there. On another page it has
    gone. Boxes of slanted neighbours share places, too: they have been read side by side.
    """
    unread = [(t, s) for t, s in visible if s.seen is not Seen.READ] + hidden
    beaten: set[int] = set()
    for i, j in np.argwhere(_shared_places([s.box for _, s in unread], [s.box for _, s in visible])).tolist():
        track, other = unread[i][0], visible[j][0]
        if track is not other and not track.stood_beside(other):
            beaten.add(min((track, other), key=lambda t: t.steadiness).id)
    return beaten


def _bridges(track: Track, gap: Sighting, newest: int) -> bool:
    """Whether a digit that was missed in a frame was there nevertheless."""
    if gap.away_s > BRIDGE_S:
        return False
    if newest > gap.frame:
        met = [s.frame for s in track.sightings if s.seen is not Seen.MISSED]
        last, following = max(f for f in (-BRIDGE - 9, *met) if f < gap.frame), [f for f in met if f > gap.frame]
        return bool(following) and following[0] - last <= BRIDGE + 1
    return not track.adrift and track.reads > track.needed and track.missed <= BRIDGE_LIVE


def _is_hidden(track: Track, sighting: Sighting) -> bool:
    """Missed for no longer than a hand takes to pass."""
    return not track.adrift and track.reads > track.needed and sighting.away_s <= MEMORY_S


def _is_other_ink(reject: Reject) -> bool:
    """Not a speck or a smudge that only looks like a digit: such do not part a number."""
    return reject.is_sign or max(reject.probabilities[:NOT_A_DIGIT], default=0.0) < 0.5


def _shared_places(first: Sequence[Box], second: Sequence[Box]) -> Bools:
    """(N, M): they overlap in most of the smaller one."""
    return overlap(as_array(first), as_array(second)) > SHARED
