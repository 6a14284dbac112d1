"""Models that crash or hang LiteRT are found out in a process of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from digitrec import trial
from digitrec.errors import ModelError
from digitrec.recognizer import DEFAULT_MODEL
from tests.damage import with_output_before_the_last_layers, without_weights

WHOLE = DEFAULT_MODEL.read_bytes()


def test_a_whole_model_passes() -> None:
    trial.try_model(WHOLE, (1, 64), "model")


@pytest.mark.parametrize("damage", [without_weights, lambda data: data[: len(data) // 2], lambda _: b""])
def test_what_crashes_or_fails_is_told_in_one_line(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ModelError, match=r"^m is damaged or no digit model: LiteRT (crashed|failed) when") as caught:
        trial.try_model(damage(WHOLE), (1,), "m")
    assert caught.value.exit_code == 5


def test_the_damage_of_these_tests_does_crash_litert() -> None:
    """Which of it does so depends on LiteRT's version; the others raise an error, or run it."""

    def told(damage: Callable[[bytes], bytes]) -> str:
        try:
            trial.try_model(damage(WHOLE), (1,), "m")
        except ModelError as error:
            return error.message
        return ""

    assert any("LiteRT crashed" in told(damage) for damage in (without_weights, with_output_before_the_last_layers))


def test_a_model_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_PATIENCE_S", 0.01)  # no process starts in that time
    with pytest.raises(ModelError, match=r"LiteRT gave no answer within 0.01 s"):
        trial.try_model(WHOLE, (1,), "m")


def test_python_inside_another_program_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "")
    trial.try_model(b"", (1,), "m")
