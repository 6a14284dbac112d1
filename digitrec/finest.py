"""The finest level of a picture: which of its looks suits the writing."""

from __future__ import annotations

from collections.abc import Callable

from digitrec.ink import InkLevel
from digitrec.levels import LevelReader
from digitrec.pyramid import Pyramid

SMALL_PX = 31
"""Writing of less than this height, in pixels of its level, is read without a blur, ..."""

TINY_PX = 17
"""... and of less than this its gaps are not closed: most are paper between strokes."""


def finest(pyramid: Pyramid, reader_of: Callable[[InkLevel, bool], LevelReader], drawn: bool = False) -> LevelReader:
    """Who reads the finest level: without the blur against the paper's grain where the writing is small.

    Args:
        pyramid: the ink.
        reader_of: makes one of a level that is known to be bare of rules, or not.
        drawn: it is known from the first.
    """
    reader = reader_of(pyramid.fine(), drawn)
    clearer = None if reader.is_bare else pyramid.without_colour(reader.found, reader.level)
    if clearer is not None:
        reader = reader_of(clearer, drawn)  # others may be left: a margin in red beside rules in blue
    height = reader.usual_height()
    if not 0 < height < SMALL_PX:
        return reader
    return reader_of(pyramid.fine(blurred=False, closed=height >= TINY_PX), drawn)
