"""Models that crash or hang LiteRT are found out in a process of their own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from digitrec import trial
from digitrec.errors import ModelError
from digitrec.recognizer import DEFAULT_MODEL
from tests.damage import without_weights

WHOLE = DEFAULT_MODEL.read_bytes()


def test_a_whole_model_passes() -> None:
    trial.try_model(WHOLE, (1, 64), "model")


@pytest.mark.parametrize("damage", [without_weights, lambda data: data[: len(data) // 2], lambda _: b""])
def test_what_crashes_or_fails_is_told_in_one_line(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ModelError, match=r"^m is damaged or no digit model: LiteRT (crashed|failed) when") as caught:
        trial.try_model(damage(WHOLE), (1,), "m")
    assert caught.value.exit_code == 5


@pytest.mark.skipif(os.name != "posix", reason="a script stands in for Python")
def test_a_crash_is_told_from_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whether damage crashes LiteRT or makes it fail depends on its build: here the process ends as in a crash."""
    crashing = tmp_path / "python"
    crashing.write_text("#!/bin/sh\nkill -SEGV $$\n")
    crashing.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(crashing))
    with pytest.raises(ModelError, match=r"^m is damaged or no digit model: LiteRT crashed when it ran it\."):
        trial.try_model(WHOLE, (1,), "m")


def test_a_model_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_PATIENCE_S", 0.01)  # no process starts in that time
    with pytest.raises(ModelError, match=r"LiteRT gave no answer within 0.01 s"):
        trial.try_model(WHOLE, (1,), "m")


def test_python_inside_another_program_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "")
    trial.try_model(b"", (1,), "m")
