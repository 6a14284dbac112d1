"""Labels of digits on the canvas: beside their own boxes, never over another's."""

from __future__ import annotations

import pytest

from digitrec.canvas.labels import Placed, Wanted, place_labels
from digitrec.canvas.layout import Rect

AREA = Rect(10, 60, 700, 600)
GAP = 4
SMALL, TAG = (24, 21), (14, 14)


def grid(rows: int, pitch: float, height: int = 54, wide: int = 36, across: int = 44) -> tuple[Rect, ...]:
    """Eight digits a row, ``pitch`` digit heights from row to row; boxes are 5 pixels larger all around."""
    step = round(pitch * (height - 10))
    return tuple(Rect(50 + across * x, 100 + step * y, wide, height) for y in range(rows) for x in range(8))


def placed(boxes: tuple[Rect, ...], forms: tuple[tuple[int, int], ...] = (SMALL, TAG)) -> tuple[Placed, ...]:
    return place_labels(boxes, tuple(Wanted(i, forms) for i in range(len(boxes))), AREA, GAP)


def covers(a: Rect, b: Rect) -> bool:
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom


@pytest.mark.parametrize("rows", [1, 3, 5])
@pytest.mark.parametrize(("pitch", "height"), [(1.2, 54), (1.45, 54), (1.45, 30), (2.5, 54)])
def test_no_label_covers_the_box_or_the_label_of_another_digit(rows: int, pitch: float, height: int) -> None:
    boxes = grid(rows, pitch, height)
    labels = placed(boxes)
    assert len({label.number for label in labels}) == len(labels) >= 8  # the first row has room above it
    for label in labels:
        assert not any(covers(label.rect, box) for i, box in enumerate(boxes) if i != label.number)
        assert not any(covers(label.rect, other.rect) for other in labels if other is not label)


def test_with_room_they_are_above_and_else_below() -> None:
    boxes = grid(1, 1)
    assert [(p.form, p.rect) for p in placed(boxes)] == [(0, Rect(b.x, b.y - 25, *SMALL)) for b in boxes]
    top = Rect(50, 62, 36, 54)
    assert placed((top,)) == (Placed(0, 0, Rect(50, 120, *SMALL)),)


def test_between_close_rows_they_are_tags_on_their_own_corners() -> None:
    boxes = grid(3, 1.45)
    middle = [p for p in placed(boxes) if 8 <= p.number < 16]
    assert [p.number for p in middle] == list(range(8, 16))
    assert all(p.form == 1 and covers(p.rect, boxes[p.number]) for p in middle)


def test_a_small_box_without_room_has_none() -> None:
    boxes = grid(3, 1.2, 24, 16, 20)
    assert not any(p.number == 12 for p in placed(boxes))


def test_a_box_around_others_is_not_in_their_way() -> None:
    table, digit = Rect(40, 70, 600, 500), Rect(200, 200, 36, 54)
    labels = place_labels((table, digit), (Wanted(1, (SMALL, TAG)),), AREA, GAP)
    assert labels == (Placed(1, 0, Rect(200, 175, *SMALL)),)
