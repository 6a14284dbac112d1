"""Which of very many shapes are looked at first, to find out whether there is any digit among them."""

from __future__ import annotations

from collections.abc import Sequence

from digitrec.glyphs import Piece

PROBED = 16
"""Of a speckled level so many of the largest shapes are looked at first, as many of the others, and twice as many of
those whose stroke winds: if none of them is surely a digit, none is looked for."""

WINDS = (1.55, 5.0)
"""The stroke of most digits is so many times as long as the larger side of its box; grain and specks are straight."""


def sample(likely: Sequence[int], pieces: Sequence[Piece]) -> list[int]:
    """Those that are looked at first; none where so few are likely that all can be.

    Args:
        likely: indices of the pieces that could be digits, largest first.
        pieces: the ink of a level.
    """
    if len(likely) <= 2 * PROBED:
        return []
    rest = likely[PROBED:]
    winding = [i for i in rest if _winds(pieces[i])]
    return [*likely[:PROBED], *sorted({*_spread(rest, PROBED), *_spread(winding, 2 * PROBED)})]


def _winds(piece: Piece) -> bool:
    """Whether the stroke of a piece is longer than a straight one would be, and no tangle."""
    return WINDS[0] <= piece.area / piece.stroke / max(piece.box.width, piece.box.height) <= WINDS[1]


def _spread(indices: Sequence[int], count: int) -> Sequence[int]:
    """About ``count`` of them, evenly."""
    return indices[:: max(1, len(indices) // count)]
