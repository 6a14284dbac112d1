"""What was read in one frame, in those after it: each digit is followed, while the next frame is being read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from digitrec.results import Box, Digit, Reading
from digitrec.tracking.agreement import NO_COURSE, Course, View
from digitrec.tracking.glyphs import Bools, Floats, box_at
from digitrec.tracking.motion import Motion, fit_motion

SPREAD = np.array([(x, y) for y in (-0.3, 0.0, 0.3) for x in (-0.3, 0.0, 0.3)])
"""Points of a digit that are followed, in shares of its extent from its middle: in the middle of a large 0 is nothing
to hold on to."""

ALIKE = 0.8
"""A digit is where its patch correlates so much with its own. Nothing is known of the frames after it, as it is between
two that were read: less may be the digit beside it."""

STILL = Motion(np.eye(2), np.zeros(2), 1.0)


class Onward:
    """Follows the digits of a frame that was read.

    Args:
        view: the frame, and what the tracker made of its reading.
        others: what else was read in it, and is not shown yet.
    """

    def __init__(self, view: View, others: Sequence[Box] = ()) -> None:
        self._view = view
        self._others = others
        self._places = view.glyphs.centers
        self._motion = STILL
        self._found = np.ones(len(view.glyphs), bool)

    def course_to(self, view: View) -> Course:
        """How those that are found went from the frame that was read to ``view``, which was followed last."""
        if view.frame.size != self._view.frame.size:
            return NO_COURSE
        return Course(self._view.glyphs.centers[self._found], self._places[self._found], (), ())

    def follow(self, view: View) -> None:
        """Find the digits in a later frame; what moves far is found if it is followed from frame to frame.

        Nothing is found in a frame of another size.
        """
        if len(self._places) == 0 or view.frame.size != self._view.frame.size:
            return
        glyphs, before = self._view.glyphs, self._places
        points = (glyphs.centers[:, None] + SPREAD * glyphs.extents[:, None, None]).reshape(-1, 2)
        guesses = np.repeat(before - self._motion(glyphs.centers), len(SPREAD), axis=0) + self._motion(points)
        flown = self._view.followed(points, view, guesses)
        ways = np.median((flown - guesses).reshape(-1, *SPREAD.shape), axis=1)
        met = np.repeat(self._likeness(view, before + ways) >= ALIKE, len(SPREAD))
        motion = fit_motion(points[met], flown[met], np.repeat(glyphs.extents, len(SPREAD))[met])
        self._motion = motion or self._motion
        tried = np.stack([before + ways, before, self._motion(glyphs.centers)])
        alike = np.stack([self._likeness(view, places) for places in tried])
        self._found = alike.max(axis=0) >= ALIKE
        best = np.where(self._found, alike.argmax(axis=0), len(tried) - 1)
        self._places = tried[best, np.arange(len(before))]

    def _likeness(self, view: View, places: Floats) -> Floats:
        """(N,) how much what lies at ``places`` of a frame is like the digits."""
        return view.likeness(places, self._view.glyphs.extents * self._motion.scale, self._view.own_patches)

    def reading_in(self, view: View) -> Reading:
        """The reading, with the digits where they are in a later frame; those that are not found there are left out."""
        if view.frame.size != self._view.frame.size:
            return Reading((), (), view.frame.size)
        self.follow(view)
        return _moved(self._view.reading, self._own_boxes(), self._found, self._motion)

    def boxes_in(self, view: View) -> list[Box]:
        """Where all digits may be in ``view``, followed last: those too that are covered or not found there."""
        if view.frame.size != self._view.frame.size:
            return []
        shown = {d.id for d in self._view.reading.digits}
        covered = (d.box for n in self._view.reading.numbers for d in n.digits if d.id not in shown)
        return self._own_boxes() + [_with_the_rest(box, self._motion) for box in (*covered, *self._others)]

    def _own_boxes(self) -> list[Box]:
        sizes = self._view.glyphs.sizes * self._motion.scale
        return [box_at(*place) for place in zip(self._places, sizes, strict=True)]


def _moved(reading: Reading, boxes: Sequence[Box], found: Bools, motion: Motion) -> Reading:
    """A reading with its visible digits elsewhere, of which only some are found; a number goes with the last of its.

    What is no digit goes as most digits do.
    """
    visible = {d.id: d.at(box) for d, box in zip(reading.digits, boxes, strict=True)}
    digits = tuple(d for d, is_found in zip(visible.values(), found, strict=True) if is_found)
    shown = {d.id for d in digits}
    numbers = []
    for number in reading.numbers:
        own = tuple(visible.get(d.id) or _carried(d, motion) for d in number.digits)
        if any(d.id in shown for d in own):
            numbers.append(number.of(own))
    rejects = tuple(replace(r, box=_with_the_rest(r.box, motion)) for r in reading.rejects)
    return replace(reading, digits=digits, numbers=tuple(numbers), rejects=rejects)


def _carried(digit: Digit, motion: Motion) -> Digit:
    """One that is covered goes as all others do."""
    return digit.at(_with_the_rest(digit.box, motion))


def _with_the_rest(box: Box, motion: Motion) -> Box:
    return box_at(motion(np.array([box.center]))[0], np.array(box[2:], np.float64) * motion.scale)
