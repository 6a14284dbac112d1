"""Which digits make a number, over time: a gap that seems wide in one frame does not tear a number apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

Pair = tuple[int, int]

GAIN = 0.25
"""How much a frame counts: the belief that two digits are neighbours is a mean over about 1 / GAIN frames."""

JOIN, PART = 0.6, 0.4
"""Digits apart are joined when that belief exceeds the first, and parted when it falls below the second."""


class Chains:
    """Numbers as chains of track ids, with ids of their own that stay while most of their digits do."""

    def __init__(self) -> None:
        self._links: dict[Pair, float] = {}  # 0 .. 1, how sure it is that the second follows the first
        self._joined: set[Pair] = set()
        self._known: set[int] = set()
        self._number_of: dict[int, int] = {}
        self._sizes: dict[int, int] = {}
        self._next_id = 1

    def update(
        self, groups: Sequence[Sequence[int]], alive: Collection[int], frames: int = 1
    ) -> list[tuple[int, list[int]]]:
        """The next frame.

        Args:
            groups: how this frame alone would group its tracks, in reading order.
            alive: all tracks that may still come back.
            frames: so many frames it stands for.

        Returns:
            (number id, track ids from left to right) of each number, in no order.
        """
        present = [track for group in groups for track in group]
        self._weigh({pair for group in groups for pair in pairwise(group)}, set(present), 1 - (1 - GAIN) ** frames)
        chains = self._follow(present)
        names = self._name(chains)
        self._number_of = {t: n for t, n in self._number_of.items() if t in alive}
        for name, chain in zip(names, chains, strict=True):
            self._sizes[name] = len(chain)
            self._number_of.update(dict.fromkeys(chain, name))
        used = set(self._number_of.values())
        self._sizes = {name: size for name, size in self._sizes.items() if name in used}
        return list(zip(names, chains, strict=True))

    def _weigh(self, wanted: set[Pair], present: set[int], gain: float) -> None:
        """Move each belief a step; where a digit is new, or a neighbour has gone, at once."""
        gone = self._known - present
        fresh = present - self._known
        fresh |= {t for pair in self._joined if gone & set(pair) for t in pair}
        self._known = present
        links: dict[Pair, float] = {}
        for pair in wanted | set(self._links):
            if present.issuperset(pair):
                before, now = self._links.get(pair, 0.0), float(pair in wanted)
                links[pair] = now if fresh & set(pair) else before + gain * (now - before)
        self._links = {pair: level for pair, level in links.items() if level > 0.05}
        self._join(wanted)

    def _join(self, wanted: set[Pair]) -> None:
        """Choose the links that hold: each digit follows one at most, and is followed by one."""
        holding = {p for p, level in self._links.items() if level > JOIN or (p in self._joined and level > PART)}
        self._joined = set()
        firsts: set[int] = set()
        seconds: set[int] = set()
        for pair in sorted(holding, key=lambda p: (-self._links[p], p not in wanted, p)):
            if pair[0] not in firsts and pair[1] not in seconds:
                firsts.add(pair[0])
                seconds.add(pair[1])
                self._joined.add(pair)

    def _follow(self, present: Iterable[int]) -> list[list[int]]:
        following, followed = dict(self._joined), {b for _, b in self._joined}
        chains, placed = [], set()
        # Links of a few frames' memory may close a ring: then any of its digits comes first.
        for start in sorted(present, key=lambda t: t in followed):
            if start in placed:
                continue
            chain = [start]
            placed.add(start)
            while (after := following.get(chain[-1])) is not None and after not in placed:
                chain.append(after)
                placed.add(after)
            chains.append(chain)
        return chains

    def _name(self, chains: list[list[int]]) -> list[int]:
        """A chain keeps the name that at least half of a number's digits bring; others get new ones."""
        claims = []
        for index, chain in enumerate(chains):
            votes = Counter(self._number_of[t] for t in chain if t in self._number_of)
            claims += [(-count, index, name) for name, count in votes.items() if 2 * count >= self._sizes[name]]
        names: dict[int, int] = {}
        taken: set[int] = set()
        for _, index, name in sorted(claims):
            if index not in names and name not in taken:
                names[index] = name
                taken.add(name)
        for index in range(len(chains)):
            if index not in names:
                names[index] = self._next_id
                self._next_id += 1
        return [names[index] for index in range(len(chains))]
