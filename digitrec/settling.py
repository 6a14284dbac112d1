"""What the digits' network is unsure of is settled by the strings' network: in its row first, then by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from digitrec.belief import CALM, SET_ROW, STRING, is_believed, is_row_believed, says_more
from digitrec.candidates import SURE, Candidate
from digitrec.fragments import fragments_of
from digitrec.glyphs import Glyph, Piece, draw_glyph, together, turned
from digitrec.ink import InkLevel
from digitrec.joins import SAME_PEN, Join
from digitrec.results import NOT_A_DIGIT
from digitrec.rowreading import Member, RowReading, read_row
from digitrec.rows import Rows
from digitrec.splitting import LEAST_WIDTH, may_be_several
from digitrec.string_views import read_carefully
from digitrec.strings import String, StringReader, string_picture

MAX_READ = 40
"""Rows of one frame that are read, and as many pieces by themselves."""

MAX_GATHERED = 16
"""More shapes that may be several digits are clutter, in which no fragments are looked for."""

MAX_JOINED = 12
"""Joins of one frame that their rows are asked of."""

NARROW, NARROW_STRING = 0.5, 0.9
"""What is at least so many times as wide as high may be two digits, a 1 and another; it is with this probability."""

WORTH = 0.6
"""A row with this probability is looked at again where it is not believed at once."""

LIKELY = 0.3
"""A join of which a row is asked is a digit with this probability."""

Key = tuple[int, ...]
"""The pieces of a shape; of its parts, a negative number more."""

Chosen = dict[Key, Candidate]


class Settler:
    """Settles the shapes of one level.

    Args:
        level: the ink.
        pieces: of it.
        tilt: of the lines of writing, radians.
        strings: the strings' network.
        judge: asks the digits' network.
        others: so many sure digits stand elsewhere in the frame.
    """

    def __init__(
        self,
        level: InkLevel,
        pieces: list[Piece],
        tilt: float,
        strings: StringReader,
        judge: Callable[[list[Glyph]], list[Candidate]],
        others: int = 0,
    ) -> None:
        self._level = level
        self._pieces = pieces
        self._tilt = tilt
        self._strings = strings
        self._judge = judge
        self._others = others

    def settle(
        self,
        chosen: Chosen,
        drawn: dict[Key, Glyph],
        joins: Sequence[tuple[Join, Candidate]],
        unsure: Sequence[int],
        faintest: float = 0.0,
    ) -> None:
        """Change ``chosen`` in place.

        Args:
            chosen: the shapes of the level.
            drawn: their ink, and that of the joins.
            joins: that were not chosen.
            unsure: pieces that are no digit by themselves.
            faintest: shapes whose ink has less depth are not asked about.
        """
        self._take_joined(chosen, drawn, joins)
        long = self._several(chosen, drawn, unsure)
        self._take_rows(chosen, drawn, faintest)
        shapes = len(chosen)
        self._take_strings(chosen, drawn, [key for key in long if key in chosen])
        if len(chosen) > shapes:  # what was read helps to read what stands beside it
            self._take_rows(chosen, drawn, faintest)

    def _take_joined(self, chosen: Chosen, drawn: dict[Key, Glyph], joins: Sequence[tuple[Join, Candidate]]) -> None:
        """A join that is unclear by itself is believed where its row reads the same digit."""
        likely = sorted((j for j in joins if j[1].confidence >= LIKELY), key=lambda j: -j[1].confidence)
        for join, candidate in likely[:MAX_JOINED]:
            parts = {(i,) for i in join.pieces if (i,) in drawn}
            if not parts <= chosen.keys():
                continue  # another join has one of them
            if any(chosen[key].digit != 1 and chosen[key].confidence >= SURE for key in parts):
                continue  # half a 1 is a 1, but no other digit is half of one
            trial = {key: c for key, c in chosen.items() if key not in parts} | {join.pieces: candidate}
            row = _Around(trial, self._tilt, self._others)
            found = self._read_around(row, len(trial) - 1, drawn)
            if found is not None and [found[0].string.digits[k] for k in found[1].places] == [candidate.digit]:
                for key in parts:
                    del chosen[key]
                chosen[join.pieces] = candidate

    def _take_rows(self, chosen: Chosen, drawn: dict[Key, Glyph], faintest: float) -> None:
        """What is unsure is read along with what stands beside it."""
        around = _Around(chosen, self._tilt, self._others)
        open_ = [n for n, c in enumerate(around.shapes) if c.confidence < SURE and c.contrast >= faintest]
        unsure = [n for n in open_ if around.is_worth(n)]
        for n in unsure[:MAX_READ]:
            found = self._read_around(around, n, drawn)
            if found is not None:
                self._replace(chosen, drawn, around.keys[n], *found, self._judged(found[1]))

    def _read_around(self, around: _Around, n: int, drawn: dict[Key, Glyph]) -> tuple[RowReading, Member] | None:
        """What shape ``n`` says in its row; None where that is not believed."""
        row = around.row(n)
        whole = self._draw_row([around.keys[m] for m in row], drawn)
        shapes, at = [drawn[around.keys[m]] for m in row], row.index(n)
        for carefully in (False, True):
            reading = read_row(whole, shapes, self._strings, self._tilt, WORTH, carefully)
            if reading is None:
                return None
            believed = is_row_believed(reading, [around.shapes[m] for m in row], at, around.calm)
            if believed and reading.string.confidence >= SET_ROW:
                return reading, reading.members[at]
        return None

    def _draw_row(self, row: Sequence[Key], drawn: dict[Key, Glyph]) -> Glyph:
        """Shapes and parts of shapes as one glyph."""
        if all(i >= 0 for key in row for i in key):
            return draw_glyph(self._level, self._pieces, tuple(i for key in row for i in key))
        return together([drawn[key] for key in row])

    def _take_strings(self, chosen: Chosen, drawn: dict[Key, Glyph], long: Sequence[Key]) -> None:
        """Read what may be several digits as strings; those that are likelier than the whole replace it."""
        read = [self._read_alone(drawn[key], chosen[key]) for key in long]
        found = [(key, r) for key, r in zip(long, read, strict=True) if r is not None and r.string.is_number]
        for key, reading in sorted(found, key=lambda f: -f[1].string.confidence):
            (member,) = reading.members
            halves = self._judged(member)
            others = [c for other, c in chosen.items() if other != key]
            if len(halves) == len(reading.string.digits) and is_believed(chosen[key], reading.string, halves, others):
                self._replace(chosen, drawn, key, reading, member, halves)

    def _several(self, chosen: Chosen, drawn: dict[Key, Glyph], unsure: Sequence[int]) -> list[Key]:
        """What may be several digits, with its fragments; in clutter only what is as wide as most pairs."""
        alone: list[Key] = [(i,) for i in unsure if (i,) in chosen]
        long = [key for key in alone if may_be_several(self._pieces[key[0]], NARROW)]
        sure = any(c.confidence >= SURE and c.digit != 1 for c in chosen.values())
        if (sure or self._others or len(chosen) <= CALM) and len(long) <= MAX_GATHERED:
            return [self._gather(chosen, drawn, key) for key in long]
        return [key for key in long if may_be_several(self._pieces[key[0]])][:MAX_READ]

    def _gather(self, chosen: Chosen, drawn: dict[Key, Glyph], key: Key) -> Key:
        """Take what may be several digits and fragments of these for one shape where they say more together."""
        if key not in chosen:
            return key  # a fragment of another one
        several = fragments_of(self._pieces, key[0], self._open(chosen))
        alone = self._string(drawn[key]) if several else None
        if alone is None or all(d == NOT_A_DIGIT for d in alone.digits):
            return key
        for indices in several:
            whole = draw_glyph(self._level, self._pieces, indices)
            if whole.contrast >= SAME_PEN * drawn[key].contrast and says_more(self._string(whole), alone):
                for i in indices:
                    chosen.pop((i,), None)
                (chosen[indices],), drawn[indices] = self._judge([whole]), whole
                return indices
        return key

    def _open(self, chosen: Chosen) -> list[int]:
        """Pieces that no digit is made of so far."""
        digits = [key for key, c in chosen.items() if len(key) > 1 or c.confidence >= SURE]
        taken = {i for key in digits for i in key}
        return [i for i in range(len(self._pieces)) if i not in taken]

    def _string(self, glyph: Glyph) -> String:
        return read_carefully(self._strings, string_picture(turned(glyph.ink, self._tilt)))

    def _read_alone(self, glyph: Glyph, whole: Candidate) -> RowReading | None:
        """A piece as a string that is likelier than it is a digit."""
        narrow = glyph.box.width < LEAST_WIDTH * glyph.box.height
        least = max(NARROW_STRING if narrow else STRING, whole.confidence)
        return read_row(glyph, [glyph], self._strings, self._tilt, least, carefully=True)

    def _judged(self, member: Member) -> list[Candidate]:
        """The parts of a shape, or none where one of them has too little ink."""
        parts = [p for p in member.parts if p is not None]
        return self._judge(parts) if len(parts) == len(member.parts) else []

    def _replace(
        self,
        chosen: Chosen,
        drawn: dict[Key, Glyph],
        key: Key,
        reading: RowReading,
        member: Member,
        halves: Sequence[Candidate],
    ) -> None:
        """Put the digits that a shape was read as in its place."""
        if not halves:
            return
        del chosen[key]
        rows = reading.string.probabilities
        parts = [replace(c, probabilities=rows[k]) for c, k in zip(halves, member.places, strict=True)]
        chosen |= {(*key, -1 - k): part for k, part in enumerate(parts)}
        drawn |= {(*key, -1 - k): part for k, part in enumerate(member.parts) if part is not None}


class _Around:
    """The shapes of a level, and what stands beside each."""

    def __init__(self, chosen: Chosen, tilt: float, others: int) -> None:
        self.keys = list(chosen)
        self.shapes = list(chosen.values())
        self.calm = len(self.shapes) <= CALM and not others
        self._near = Rows([c.box for c in self.shapes], tilt)
        self._rows: dict[int, tuple[int, ...]] = {}

    def row(self, n: int) -> tuple[int, ...]:
        """Shape ``n`` and those beside it, from left to right."""
        if n not in self._rows:
            self._rows[n] = self._near.around(n)
        return self._rows[n]

    def is_worth(self, n: int) -> bool:
        """Whether something sure stands beside shape ``n``, or hardly anything else in the frame."""
        return self.calm or any(self.shapes[m].confidence >= SURE for m in self.row(n))
