"""A level of ink -> its pieces, without what guides the hand, and with what broke mended."""

from __future__ import annotations

from digitrec.bridges import with_bridges
from digitrec.glyphs import Piece, find_pieces
from digitrec.ink import InkLevel
from digitrec.lines import without_lines


def without_guides(level: InkLevel, bare: bool = False) -> tuple[InkLevel, list[Piece], bool]:
    """The level without ruled lines and squares and with broken strokes mended, and its pieces of ink.

    Args:
        level: the ink.
        bare: it is known to have no such lines.

    Returns:
        The level, its pieces, and whether it had no such lines.
    """
    pieces = find_pieces(level)
    if not bare:
        unruled = without_lines(level, pieces)
        bare = unruled is level
        level, pieces = unruled, pieces if bare else find_pieces(unruled)
    mended = with_bridges(level, pieces)
    return mended, pieces if mended is level else find_pieces(mended), bare
