"""Which cuts are believed: the network's answers are given, the ink is drawn."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec.candidates import Candidate
from digitrec.cuts import propose_cuts
from digitrec.glyphs import Glyph, Piece, draw_glyph, find_pieces
from digitrec.ink import InkLevel
from digitrec.results import Box
from digitrec.seams import find_seams
from digitrec.splitting import split


def chain(count: int, radius: int = 20) -> InkLevel:
    """``count`` rings side by side that touch."""
    mask = np.zeros((4 * radius, (2 * count + 2) * radius), np.uint8)
    for i in range(count):
        cv2.circle(mask, ((2 * i + 2) * radius, 2 * radius), radius, 255, 5)
    return InkLevel(mask, mask, 1.0, 0.0, mask)


def candidate(box: Box, digit: int, confidence: float) -> Candidate:
    p = np.zeros(11, np.float32)
    p[digit], p[10] = confidence, 1 - confidence
    return Candidate(box, np.zeros((28, 28), np.uint8), p, contrast=150.0, stroke=5.0)


def rings(glyphs: list[Glyph], unread: int = -1, radius: int = 20) -> list[Candidate]:
    """Answers 0 for what has a ring's size and place, but for the ``unread`` one."""
    out = []
    for glyph in glyphs:
        place = round((glyph.box.center[0] / radius - 2) / 2)
        left, right = (2 * place + 1) * radius, (2 * place + 3) * radius
        whole = glyph.box.x <= left + 6 and glyph.box.x + glyph.box.width >= right - 6
        ring = whole and glyph.box.width <= 3.0 * radius
        out.append(candidate(glyph.box, 0, 0.97 if ring and place != unread else 0.01))
    return out


def the_piece(level: InkLevel) -> tuple[Piece, Glyph]:
    (piece,) = find_pieces(level)
    return piece, draw_glyph(level, [piece], (0,))


@pytest.mark.parametrize("count", [2, 3, 5])
def test_touching_rings_are_parted(count: int) -> None:
    piece, glyph = the_piece(chain(count))
    found = split(propose_cuts(piece, 0, glyph), {0: candidate(piece.box, 8, 0.2)}, rings)
    assert [c.digit for c in found[0]] == [0] * count


def test_a_row_may_have_an_unread_part_and_a_pair_may_not() -> None:
    for count, parted in ((6, True), (2, False)):
        piece, glyph = the_piece(chain(count))
        found = split(propose_cuts(piece, 0, glyph), {0: candidate(piece.box, 8, 0.2)}, lambda g: rings(g, unread=1))
        assert (0 in found) is parted
        if parted:
            read = {round((c.box.center[0] / 20 - 2) / 2) for c in found[0] if c.confidence > 0.5}
            assert read == {0, 2, 3, 4, 5}


def test_a_whole_that_is_likelier_is_not_cut() -> None:
    piece, glyph = the_piece(chain(2))
    assert split(propose_cuts(piece, 0, glyph), {0: candidate(piece.box, 8, 0.99)}, rings) == {}


def test_two_halves_among_letters_are_a_letter_and_beside_digits_a_number() -> None:
    piece, glyph = the_piece(chain(2))

    def unsure(glyphs: list[Glyph]) -> list[Candidate]:
        return [candidate(c.box, c.digit, min(c.confidence, 0.85)) for c in rings(glyphs)]

    letters = {i: candidate(Box(300 + 200 * i, 20, 30, 45), 0, 0.05) for i in range(1, 5)}
    wholes = {0: candidate(piece.box, 8, 0.2)}
    assert 0 in split(propose_cuts(piece, 0, glyph), wholes, unsure)
    assert 0 not in split(propose_cuts(piece, 0, glyph), wholes | letters, unsure)
    beside = {9: candidate(Box(piece.box.x + piece.box.width + 10, 20, 30, 45), 5, 0.99)}
    assert 0 in split(propose_cuts(piece, 0, glyph), wholes | letters | beside, unsure)


@pytest.mark.parametrize(
    "box",
    [
        (0, 0, 40, 60),  # higher than wide, as one digit
        (0, 0, 300, 8),  # a dash
    ],
)
def test_what_cannot_be_two_digits_is_not_cut(box: tuple[int, int, int, int]) -> None:
    x, y, width, height = box
    mask = np.zeros((100, 340), np.uint8)
    cv2.rectangle(mask, (20 + x, 20 + y), (20 + x + width, 20 + y + height), 255, 4)
    level = InkLevel(mask, mask, 1.0, 0.0, mask)
    piece, glyph = the_piece(level)
    assert propose_cuts(piece, 0, glyph) == []


def test_seams_follow_the_white_between_slanted_strokes() -> None:
    """Two strokes that lean over each other and hang together by a thread: no upright cut would do."""
    mask = np.zeros((80, 120), np.uint8)
    for x in (20, 50):
        cv2.line(mask, (x, 70), (x + 45, 10), 255, 6)
    cv2.line(mask, (42, 40), (72, 40), 255, 2)
    seams = find_seams(mask[8:74, 15:100], 6.0)
    assert seams is not None
    assert min(seams.crossed[1:-1]) < 1
    ink = mask[8:74, 15:100] > 0
    crossing = [int(sum(ink[row, min(x, 84)] for row, x in enumerate(path))) for path in seams.paths[1:-1]]
    assert min(crossing) <= 8
