"""Which of the proposed cuts to believe: the parts must be likelier digits than the whole."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from digitrec.candidates import Candidate
from digitrec.cuts import Cuts, Part, best_path
from digitrec.glyphs import Glyph
from digitrec.results import NOT_A_DIGIT, Box

PATH = 0.58
"""The parts of a shape that is cut have at least this probability of their digits, in the mean over their ink."""

PART = 0.15
"""A part with less than this probability is not read; few may be, ..."""

UNREAD = 0.2
"""... each is explained as if it had this probability, ..."""

READ = 2
"""... and so many others must be digits of at least the probability SURE_PART."""

SURE_PART = 0.9

SLIVER = 0.3
"""An unread part that is narrower than this share of its height is what two digits left between them, no third."""

PROMISING = 0.4
"""Where no part at either end is a digit with this probability, those between are not asked."""

ROW = 3
"""A piece with so many digits beyond doubt in it is a number ..."""

ROW_PATH = 0.45
"""... of which some may be hard to read: this is enough for all, in the mean."""

PAIR = 0.95
"""Among letters, two halves by themselves need this probability: an n is a 7 and a 2 as well."""

LETTER = 0.7
"""A shape is a letter with at least this probability of being no digit ..."""

LETTERS = 3
"""... and so many of them make the others letters, too."""

Judge = Callable[[list[Glyph]], list[Candidate]]
Judged = list[tuple[Part, Candidate | None]]


def split(proposals: Sequence[Cuts], wholes: Mapping[int, Candidate], judge: Judge) -> dict[int, list[Candidate]]:
    """The parts that replace each piece that is better explained as several digits.

    Args:
        proposals: ways to cut pieces.
        wholes: by piece, what the network says of it uncut.
        judge: asks the network about glyphs, all in one batch.
    """
    judged = _ask([cuts.ends() for cuts in proposals], judge)
    likely = [i for i, parts in enumerate(judged) if _is_promising(parts)]
    for i, parts in zip(likely, _ask([proposals[i].middle() for i in likely], judge), strict=True):
        judged[i] += parts
    best: dict[int, tuple[float, list[Candidate]]] = {}
    for i in likely:
        found = _read(proposals[i].last, judged[i])
        piece = proposals[i].piece
        if found is not None and (piece not in best or found[0] > best[piece][0]):
            best[piece] = found
    return {
        piece: parts
        for piece, (score, parts) in best.items()
        if piece in wholes and math.exp(score) > max(wholes[piece].confidence, _needed(piece, parts, wholes))
    }


def _needed(piece: int, parts: Sequence[Candidate], wholes: Mapping[int, Candidate]) -> float:
    """The probability that the parts of a piece need, by their number and by what stands around it."""
    if sum(p.confidence >= SURE_PART for p in parts) >= ROW:
        return ROW_PATH
    own = wholes[piece].box
    others = [c for i, c in wholes.items() if i != piece and 0.5 * own.height < c.box.height < 2 * own.height]
    letters = [c for c in others if c.probabilities[NOT_A_DIGIT] >= LETTER and c.box.width <= 1.2 * c.box.height]
    digits = [c for c in others if c.confidence >= SURE_PART and c.digit != 1 and _beside(own, c.box)]
    return PAIR if len(parts) <= 2 and not digits and len(letters) >= LETTERS else PATH


def _beside(a: Box, b: Box) -> bool:
    gap = max(a.x, b.x) - min(a.x + a.width, b.x + b.width)
    return gap < a.height and abs(a.center[1] - b.center[1]) < 0.7 * max(a.height, b.height)


def _ask(groups: list[list[Part]], judge: Judge) -> list[Judged]:
    """One batch for all groups."""
    candidates = iter(judge([part.glyph for group in groups for part in group if part.glyph is not None]))
    return [[(part, None if part.glyph is None else next(candidates)) for part in group] for group in groups]


def _is_promising(parts: Judged) -> bool:
    return any(c is not None and c.confidence >= PROMISING for _, c in parts)


def _read(last: int, judged: Judged) -> tuple[float, list[Candidate]] | None:
    """The best path's mean log-probability and parts, where these are several digits."""
    log_p = [0.0 if c is None else math.log(max(c.confidence, UNREAD)) for _, c in judged]
    path = best_path(last, [part for part, _ in judged], log_p)
    if path is None:
        return None
    taken = [c for i in path[1] if (c := judged[i][1]) is not None]
    if not _are_digits(taken):
        return None
    return path[0], [c for c in taken if c.confidence >= PART or c.box.width >= SLIVER * c.box.height]


def _are_digits(parts: list[Candidate]) -> bool:
    """Whether the parts are digits, all or nearly, and more than strokes: every letter is made of strokes."""
    if not any(p.digit != 1 and p.confidence >= PATH for p in parts):
        return False
    return all(p.confidence >= PART for p in parts) or sum(p.confidence >= SURE_PART for p in parts) >= READ
