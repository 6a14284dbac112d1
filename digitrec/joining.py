"""Which of the proposed joins are believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from digitrec.candidates import SURE, Candidate
from digitrec.enclosing import LARGE, part_enclosing, surrounds, usual_height
from digitrec.joins import Join
from digitrec.settling import LIKELY, Chosen

LEAST = 0.7
"""A join of pieces that are none by themselves is a digit from this probability."""

SURE_STROKE = 0.95
"""A 1 of two pieces that stand one on the other is one from this: many things lie end to end."""

SLENDER, EVEN = 1.9, 0.8
"""Two sure digits one below the other, both so many times as high as wide, and the lower of them at least this share of
the other's height, are no 8 that broke."""

Judged = tuple[Join, Candidate]
"""A join with what the network says of it."""


def take_joins(singles: Mapping[int, Candidate], joins: Sequence[Judged]) -> Chosen:
    """Believe a join that is surer than each of its parts, or sure of another digit; the surest first.

    Args:
        singles: what each piece is by itself.
        joins: the surest first.
    """
    chosen: Chosen = {(i,): c for i, c in singles.items()}
    used: set[int] = set()
    for join, candidate in joins:
        own = [singles[i] for i in join.pieces if i in singles]
        # A 9 without its foot is a sure 0; but a digit that stays what it is has only dust beside it.
        parts = [c.confidence if c.digit == candidate.digit else min(c.confidence, SURE) for c in own]
        whole = SURE_STROKE if candidate.digit == 1 else SURE
        needed = whole if join.strict else max([LEAST, *parts])
        if candidate.confidence < needed or used & set(join.pieces):
            continue
        used |= set(join.pieces)
        for i in join.pieces:
            chosen.pop((i,), None)
        chosen[join.pieces] = candidate
    return chosen


def possible_joins(singles: Mapping[int, Candidate], joins: Iterable[Judged]) -> list[Judged]:
    """Those that may be believed, the surest first: no unlikely ones, no digits of a column, none with a ring around.

    Args:
        singles: what each piece is by itself.
        joins: with what the network says of each.
    """
    usual = usual_height(singles.values())
    likely = ((j, c) for j, c in joins if c.confidence >= LIKELY and not _is_column(j, c, singles))
    possible = [(j, c) for j, c in likely if not _is_ringed(j, c, singles, usual)]
    return sorted(possible, key=lambda jc: -jc[1].confidence)


def _is_column(join: Join, candidate: Candidate, singles: Mapping[int, Candidate]) -> bool:
    """Whether two digits that stand one below the other are joined: each of them is as high as the other."""
    own = [singles[i] for i in join.pieces if i in singles and singles[i].confidence >= SURE]
    if len(own) != 2 or len(join.pieces) != 2 or candidate.digit == 1:
        return False
    upper, lower = sorted((c.box for c in own), key=lambda box: box.y)
    shorter, taller = sorted((upper.height, lower.height))
    slender = candidate.box.height > SLENDER * candidate.box.width
    return slender and upper.foot < lower.y and shorter >= EVEN * taller


def _is_ringed(join: Join, candidate: Candidate, singles: Mapping[int, Candidate], usual: float) -> bool:
    """Whether a ring around a digit is joined with that or with other shapes; digits are ``usual`` pixels high."""
    own = [singles[i] for i in join.pieces if i in singles]
    if part_enclosing(own, usual)[1]:
        return True
    large = candidate.box.height > LARGE * usual > 0
    if large and any(c.confidence >= SURE and c.digit != 1 and c.box.height <= LARGE * usual for c in own):
        return True
    return (large or join.strict) and any(surrounds(candidate, c, large=True) for c in singles.values())
