"""The one normalisation: MNIST's geometry, whatever the size of the ink."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from digitrec.normalise import centre_by_mass, normalise, shrink, tight_box
from tests.shared import shared_file


def drawn(height: int, margin: int = 0) -> np.ndarray:
    """A 7-like stroke of the given height."""
    ink = np.zeros((height, height), np.uint8)
    thickness = max(1, height // 10)
    inset = thickness
    cv2.line(ink, (inset, inset), (height - inset - 1, inset), 255, thickness)
    cv2.line(ink, (height - inset - 1, inset), (height // 3, height - inset - 1), 255, thickness)
    return np.pad(ink, margin)


@pytest.mark.parametrize("height", [24, 60, 200, 900])
def test_larger_side_is_20_px_and_mass_is_in_the_middle(height: int) -> None:
    out = normalise(drawn(height))
    box = tight_box(out)
    assert box is not None
    assert 19 <= max(box[2:]) <= 20
    moments = cv2.moments(out)
    assert abs(moments["m10"] / moments["m00"] - 14) <= 0.8
    assert abs(moments["m01"] / moments["m00"] - 14) <= 0.8


def test_aspect_is_kept() -> None:
    ink = np.zeros((100, 100), np.uint8)
    ink[10:90, 40:60] = 255  # four times higher than wide
    box = tight_box(normalise(ink))
    assert box is not None
    assert box[2:] == (5, 20)


def test_margin_and_place_do_not_matter() -> None:
    assert np.array_equal(normalise(drawn(80)), normalise(drawn(80, margin=37)))


def test_size_hardly_matters() -> None:
    small, large = normalise(drawn(80)).astype(int), normalise(drawn(640)).astype(int)
    # The centre of mass is rounded to a pixel, so the two may lie one apart.
    shifts = [np.roll(large, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    assert min(np.abs(small - s).mean() for s in shifts) < 6


def test_no_ink_gives_black() -> None:
    assert not normalise(np.zeros((50, 70), np.uint8)).any()


def test_mnist_comes_out_as_it_went_in() -> None:
    with np.load(shared_file("mnist.npz")) as file:
        pictures = file["x_train"][:500]
    out = np.stack([normalise(p) for p in pictures])
    # Half a level of rounding in the centre of mass can move a picture by one pixel.
    assert np.abs(out.astype(int) - pictures).mean() < 2


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60))))
def test_any_ink_gives_28x28(ink: np.ndarray) -> None:
    out = normalise(ink)
    assert out.shape == (28, 28)
    assert out.dtype == np.uint8


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 28), st.integers(1, 28))))
def test_centring_moves_ink_and_loses_none(small: np.ndarray) -> None:
    assert centre_by_mass(small).sum(dtype=int) == small.sum(dtype=int)


@pytest.mark.parametrize("shape", [(700, 1000), (703, 1011), (1400, 66), (90, 1900), (321, 640)])
def test_what_is_shrunk_much_looks_as_if_shrunk_at_once(shape: tuple[int, int]) -> None:
    ink = np.zeros(shape, np.uint8)
    cv2.ellipse(ink, (shape[1] // 2, shape[0] // 2), (shape[1] // 3, shape[0] // 3), 20, 0, 300, 255, 12)
    largest = 20 / max(shape)
    size = max(1, round(shape[1] * largest)), max(1, round(shape[0] * largest))
    at_once = cv2.resize(ink, size, interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(shrink(ink, 20).astype(int) - at_once).max() <= 16
