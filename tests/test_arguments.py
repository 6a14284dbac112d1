"""What the Python API is given: what is no picture or no setting is refused in one line, not read as nothing."""

from __future__ import annotations

import numpy as np
import pytest

from digitrec import DigitrecError, Recognizer
from digitrec.classifier import open_classifier
from digitrec.errors import ModelError
from digitrec.recognizer import DEFAULT_MODEL
from digitrec.results import Image
from tests.test_samples import SAMPLES


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer()


@pytest.fixture(scope="module")
def cheque() -> Image:
    import cv2

    return np.asarray(cv2.imread(str(SAMPLES / "cheque.jpg")), np.uint8)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (None, "is None: was the file read"),
        ([[0, 1], [1, 0]], "NumPy array, not list"),
        (np.full((60, 80, 3), 0.9), "must be uint8, 0-255, not float64"),
        (np.full((60, 80, 3), 60_000, np.uint16), "not uint16"),
        (np.zeros((60, 80), bool), "not bool"),
        (np.zeros((60, 80), np.int64), "not int64"),
        (np.zeros((1, 60, 80, 3), np.uint8), "(1, 60, 80, 3)"),
        (np.zeros((3, 60, 80), np.uint8), "(3, 60, 80)"),
        (np.zeros((60, 80, 1), np.uint8), "(60, 80, 1)"),
        (np.zeros((60, 80, 2), np.uint8), "(60, 80, 2)"),
        (np.zeros(60, np.uint8), "(60,)"),
        (np.zeros((0, 0), np.uint8), "is empty"),
        (np.zeros((0, 10, 3), np.uint8), "is empty"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_line(recognizer: Recognizer, image: Image, words: str) -> None:
    for ask in (recognizer.read, recognizer.explain):
        with pytest.raises(ValueError, match="the picture") as caught:
            ask(image)
        assert words in str(caught.value) and "\n" not in str(caught.value)


def test_a_picture_with_transparency_is_read_as_it_looks(recognizer: Recognizer, cheque: Image) -> None:
    wanted = [n.text for n in recognizer.read(cheque).numbers]
    ink = 255 - cheque.min(axis=2)
    unused, opaque = (np.dstack([cheque, np.full(cheque.shape[:2], alpha, np.uint8)]) for alpha in (0, 255))
    on_nothing = np.dstack([np.zeros_like(cheque), ink])  # black, and nothing around it
    assert wanted
    for picture in (unused, opaque, on_nothing):
        assert [n.text for n in recognizer.read(picture).numbers] == wanted
    assert recognizer.explain(on_nothing).reading == recognizer.read(on_nothing)


@pytest.mark.parametrize("value", [float("nan"), 2, -1, "0.5", True])
def test_a_limit_that_is_no_probability_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1, not"):
        Recognizer(min_confidence=value)


@pytest.mark.parametrize("value", [-1, 0, 1.5, "2", True])
def test_threads_that_are_none_are_refused(value: int) -> None:
    with pytest.raises(ValueError, match="from 1 up or None, not"):
        Recognizer(threads=value)


def test_settings_of_numpy_are_taken() -> None:
    assert Recognizer(min_confidence=np.float32(0.5), threads=np.int64(1)).min_confidence == 0.5
    assert Recognizer(min_confidence=1).min_confidence == 1


@pytest.mark.parametrize("name", ["", "a\0b.tflite"])
def test_a_name_that_is_none_is_a_model_error(name: str) -> None:
    with pytest.raises(DigitrecError, match="names no model file") as caught:
        Recognizer(name)
    assert caught.value.exit_code == ModelError.exit_code and "\0" not in caught.value.message


def test_a_model_of_another_kind_is_called_by_the_name_that_was_given() -> None:
    with pytest.raises(ModelError, match=r"strings\.tflite is not a digit model"):
        open_classifier(DEFAULT_MODEL.with_name("strings.tflite"))
