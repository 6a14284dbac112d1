"""``tests/oldest.txt``, by which the suite is run on the oldest versions, is the lower end of the stated ranges."""

from __future__ import annotations

import re

from tests.camtools import ROOT


def named(path: str, between: str) -> dict[str, tuple[int, ...]]:
    """Package -> the version behind ``between``, without zeros at its end."""
    found = {}
    for line in (ROOT / path).read_text().splitlines():
        match = re.match(rf"([\w-]+)(?:\[(\w+)\])?{between}([\d.]+)", line)
        if match:
            version = [int(part) for part in match[3].split(".")]
            while version[-1] == 0:
                version.pop()
            found |= {name: tuple(version) for name in (match[1], match[2]) if name}
    return found


def test_the_oldest_versions_are_those_of_the_ranges() -> None:
    ranges = named("requirements.txt", ">=") | named("requirements-dev.txt", ">=")
    pinned = named("tests/oldest.txt", "==")
    assert len(ranges) > 15
    assert {name: version[: len(ranges[name])] for name, version in pinned.items()} == ranges


def test_every_range_has_an_upper_end() -> None:
    for path in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / path).read_text().splitlines():
            assert line.startswith("-r ") or re.search(r">=[\d.]+,<[\d.]+$", line), line
