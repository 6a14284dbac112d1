"""Thumbnails: small pictures that still show where things are."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from digitrec.sources import SourceOptions, open_source
from digitrec.thumbnail import SIDE_PX, thumbnail

SAMPLE = Path(__file__).parent.parent / "samples" / "demo.mp4"
SIZES = [(1, 1), (3, 200), (160, 120), (320, 240), (639, 480), (640, 480), (641, 361), (1279, 719), (1280, 720),
         (1282, 722), (1920, 1080), (3840, 2160), (2160, 3840), (5000, 4), (4, 5000)]  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("colours", [(), (3,)])
def test_a_thumbnail_shows_things_where_they_are(size: tuple[int, int], colours: tuple[int, ...]) -> None:
    width, height = size
    place = width * 2 // 3, height // 3
    image = np.full((height, width, *colours), 220, np.uint8)
    cv2.circle(image, place, max(width, height) // 20, (20, 20, 20), -1)
    small = thumbnail(image)
    assert small.dtype == np.uint8
    assert small.ndim == 2
    assert small.shape[1] == width if width < 2 * SIDE_PX else SIDE_PX <= small.shape[1] < 2 * SIDE_PX
    if min(size) < 100:
        return
    assert abs(small.shape[0] / small.shape[1] - height / width) < 0.01
    rows, columns = np.nonzero(small < 120)
    assert abs((columns.mean() + 0.5) / small.shape[1] - (place[0] + 0.5) / width) < 0.003
    assert abs((rows.mean() + 0.5) / small.shape[0] - (place[1] + 0.5) / height) < 0.003


def test_frames_of_a_file_come_with_their_thumbnails() -> None:
    with open_source((str(SAMPLE),), SourceOptions(end_s=0.2)) as source:
        frames = list(source)
    assert len(frames) > 2
    for frame in frames:
        assert frame.thumbnail is not None
        np.testing.assert_array_equal(frame.thumbnail, thumbnail(frame.image))
