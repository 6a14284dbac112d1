"""Models that crash or hang LiteRT are found out in a process of their own."""

from __future__ import annotations

from collections.abc import Callable

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


def test_the_damage_of_these_tests_does_crash_litert() -> None:
    with pytest.raises(ModelError, match="LiteRT crashed"):
        trial.try_model(without_weights(WHOLE), (1,), "m")


def test_a_model_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_PATIENCE_S", 0.01)  # no process starts in that time
    with pytest.raises(ModelError, match=r"LiteRT gave no answer within 0.01 s"):
        trial.try_model(WHOLE, (1,), "m")


def test_python_inside_another_program_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "")
    trial.try_model(b"", (1,), "m")
