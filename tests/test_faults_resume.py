"""``--resume`` on a file that only looks like one of ours: refused in one line, and left as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from digitrec.errors import OutputError
from digitrec.outputs import resume
from digitrec.outputs.resume import ContinuedFile
from digitrec.outputs.text import json_line
from tests.camtools import frame_of, reading_of

OURS = json_line(frame_of(0, 0.0, "a.png"), reading_of("72")).encode() + b"\n"
ODD = {
    "no number": OURS.replace(b'"time_s": 0.0', b'"time_s": 0.-0'),
    "a number of 5000 digits": OURS.replace(b'"frame": 0', b'"frame": ' + b"9" * 5000),
    "no JSON": OURS.replace(b'"a.png"', b'"\\x.png"'),
    "no UTF-8": OURS.replace(b'"a.png"', b'"\xff.png"'),
    "a control character": OURS.replace(b'"a.png"', b'"\x01.png"'),
    "another key": OURS.replace(b'"frame"', b'"Frame"'),
}


@pytest.mark.parametrize("name", ODD)
def test_a_line_that_only_looks_like_ours(name: str, tmp_path: Path) -> None:
    path = tmp_path / "o.jsonl"
    path.write_bytes(OURS + ODD[name])
    assert ODD[name] != OURS
    with pytest.raises(OutputError, match="line 2 is no reading"):
        ContinuedFile(path)
    assert path.read_bytes() == OURS + ODD[name]


def test_a_line_too_long_to_be_ours_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resume, "_MOST_LINE_BYTES", 1000)
    path = tmp_path / "o.jsonl"
    broken_off = b'{"source": "' + b"a" * 2000
    path.write_bytes(OURS + broken_off)
    with pytest.raises(OutputError, match="line 2 is no reading"):
        ContinuedFile(path)
    assert path.read_bytes() == OURS + broken_off
