"""Which of the proposed cuts to believe: the parts must be likelier digits than the whole."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from digitrec.candidates import Candidate
from digitrec.cuts import Cuts, Part, best_path
from digitrec.glyphs import Glyph

PATH = 0.65
"""The parts of a shape that is cut have at least this probability of their digits, in the mean over their ink."""

PART = 0.15
"""A part with less than this probability is not read; few may be, ..."""

UNREAD = 0.1
"""... each is explained as if it had this probability, ..."""

READ = 3
"""... and so many others must be digits of at least the probability SURE_PART."""

SURE_PART = 0.9

PROMISING = 0.4
"""Where no part at either end is a digit with this probability, those between are not asked."""

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
    least = {piece: math.log(max(whole.confidence, PATH)) for piece, whole in wholes.items()}
    return {piece: parts for piece, (score, parts) in best.items() if piece in least and score > least[piece]}


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
    return (path[0], taken) if _are_digits(taken) else None


def _are_digits(parts: list[Candidate]) -> bool:
    """Whether the parts are digits, all or nearly, and more than strokes: every letter is made of strokes."""
    if not any(p.digit != 1 and p.confidence >= PATH for p in parts):
        return False
    return all(p.confidence >= PART for p in parts) or sum(p.confidence >= SURE_PART for p in parts) >= READ
