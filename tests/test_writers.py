"""Semeion's writers, told apart by their places in the file."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.writers import WRITERS, Writer, blocks, load_writers
from tests.shared import shared_file


def test_blocks_are_rows_of_twenty_and_long_ones_come_as_two() -> None:
    lengths = [[20] * 10, [19] + [20] * 9, [41] + [40] * 9]
    labels = np.concatenate([np.full(n, digit) for block in lengths for digit, n in enumerate(block)])
    found = blocks(labels)
    assert [len(block) for block in found] == [10] * 4
    assert [len(block[0]) for block in found] == [20, 19, 41, 41]  # in rows of another length no place tells a writer
    for block in found:
        for digit, row in enumerate(block):
            assert (labels[list(row)] == digit).all()
    assert not set(found[2][1]) & set(found[3][1])
    assert len(found[3][1]) == WRITERS


def test_the_second_time_is_by_the_same_hand() -> None:
    """Broad pens stay broad: a writer's mean stroke is nearer to his own the second time than to the others'."""
    writers = load_writers(shared_file("semeion.npz").parent)
    assert len(writers) == 80
    assert all(len(set(w.first.y.tolist())) == len(w.first) >= 7 for w in writers)
    first, second = (np.array([_stroke(w, second) for w in writers]) for second in (False, True))
    own = np.abs(first - second).mean()
    others = np.abs(first[:, None] - second[None]).mean()
    assert own < 0.8 * others


def _stroke(writer: Writer, second: bool) -> float:
    """Mean distance of ink from paper, pixels."""
    crops = (writer.second if second else writer.first).x
    inside = [cv2.distanceTransform((crop > 96).astype(np.uint8), cv2.DIST_L2, 3) for crop in crops]
    return float(np.mean([d[d > 0].mean() for d in inside]))
