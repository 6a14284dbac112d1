"""Light writing on a dark label of a sheet; a sheet before a dark board with chalk on it."""

from __future__ import annotations

import cv2
import numpy as np

from digitrec import Recognizer
from tests.test_reader import recognizer, texts

__all__ = ["recognizer"]

FONT = cv2.FONT_HERSHEY_SIMPLEX


def test_light_writing_on_a_dark_label(recognizer: Recognizer) -> None:
    picture = np.full((480, 900, 3), 235, np.uint8)
    cv2.putText(picture, "3576", (80, 130), FONT, 2.6, (60, 40, 40), 6, cv2.LINE_AA)
    cv2.rectangle(picture, (60, 240), (820, 420), (110, 50, 25), -1)
    cv2.putText(picture, "8247", (120, 360), FONT, 2.6, (240, 240, 240), 6, cv2.LINE_AA)
    assert texts(recognizer, picture) == ["3576", "8247"]


def test_a_sheet_before_a_board(recognizer: Recognizer) -> None:
    picture = np.full((600, 1000, 3), (52, 64, 50), np.uint8)
    for row, text in enumerate(("35762", "49285", "76493")):
        cv2.putText(picture, text, (60, 150 + 150 * row), FONT, 3, (225, 228, 225), 8, cv2.LINE_AA)
    cv2.rectangle(picture, (560, 200), (960, 420), (238, 240, 240), -1)
    cv2.putText(picture, "8247", (600, 340), FONT, 2.6, (60, 40, 40), 6, cv2.LINE_AA)
    assert sorted(texts(recognizer, picture)) == ["35762", "49285", "76493", "8247"]


def test_a_dark_desk_around_a_sheet_is_no_label(recognizer: Recognizer) -> None:
    picture = np.full((480, 900, 3), 45, np.uint8)
    cv2.rectangle(picture, (150, 60), (760, 400), (238, 240, 240), -1)
    cv2.putText(picture, "3576", (220, 250), FONT, 2.6, (60, 40, 40), 6, cv2.LINE_AA)
    assert texts(recognizer, picture) == ["3576"]


def test_the_label_of_a_long_thin_picture_is_read_down_to_its_edge(recognizer: Recognizer) -> None:
    """Its 224 rows are eight when labels are looked for."""
    picture = np.full((224, 8000, 3), 235, np.uint8)
    for left in (200, 900, 1600):
        cv2.putText(picture, "3576", (left, 142), FONT, 2.5, (60, 40, 40), 7, cv2.LINE_AA)
    cv2.rectangle(picture, (4000, 0), (7950, 224), (110, 50, 25), -1)
    cv2.putText(picture, 3 * "82479536428", (4060, 216), FONT, 6.1, (240, 240, 240), 18, cv2.LINE_AA)
    assert texts(recognizer, picture) == [*["3576"] * 3, 3 * "82479536428"]
