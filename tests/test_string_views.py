"""Second looks at pieces of several digits: when they are taken, and what comes of them."""

import numpy as np
import pytest

from digitrec.string_views import LOOKS, read_carefully
from digitrec.strings import CLASSES, ROWS, STEP, StringPicture, StringReader

WIDTH = 80
ALL = 1 + len(LOOKS)


class Looks(StringReader):
    """A network that reads another string with another sureness at each look."""

    def __init__(self, *looks: tuple[str, float]) -> None:
        self.looks = looks
        self.seen: list[np.ndarray] = []

    def answer(self, pixels: np.ndarray) -> np.ndarray:
        text, sure = self.looks[len(self.seen)]
        self.seen.append(pixels)
        places = pixels.shape[1] // STEP
        rows = np.full((places, CLASSES), 1e-6, np.float32)
        rows[:, 0] = 1
        for k, digit in enumerate(text):
            at = (2 * k + 1) * places // (2 * len(text))
            rows[at] = (1 - sure) / (CLASSES - 1)
            rows[at, int(digit) + 1] = sure
        return rows / rows.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def picture() -> StringPicture:
    pixels = np.zeros((ROWS, WIDTH), np.uint8)
    pixels[10:22, 38:42] = 255
    return StringPicture(pixels, 0, 0, 1.0, 1.0)


@pytest.mark.parametrize("sure", [0.999, 0.0])
def test_what_is_plain_and_what_is_nothing_is_looked_at_once(picture, sure) -> None:
    network = Looks(("47" if sure > 0.5 else "", sure))
    assert read_carefully(network, picture).digits == ((4, 7) if sure > 0.5 else ())
    assert len(network.seen) == 1


def test_one_digit_that_is_likely_is_not_looked_at_again(picture) -> None:
    network = Looks(("5", 0.6))
    assert read_carefully(network, picture).digits == (5,)
    assert len(network.seen) == 1


def test_what_most_looks_read_is_taken_with_its_places_in_the_first_look(picture) -> None:
    network = Looks(("5", 0.3), *[("56", 0.9)] * (ALL - 1))
    found = read_carefully(network, picture)
    assert found.digits == (5, 6)
    assert found.columns == pytest.approx((WIDTH / 4, 3 * WIDTH / 4), abs=2.5)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, atol=1e-5)
    assert found.probabilities.argmax(axis=1).tolist() == [5, 6]
    assert 0.5 < found.probability < 0.9


def test_a_reading_that_the_other_looks_confirm_is_left_as_it_is(picture) -> None:
    once = StringReader.read(Looks(("38", 0.9)), picture)
    again = read_carefully(Looks(*[("38", 0.9)] * ALL), picture)
    assert (again.digits, again.columns, again.probability) == (once.digits, once.columns, once.probability)


def test_each_look_shows_the_whole_piece_about_its_middle_row(picture) -> None:
    network = Looks(*[("1", 0.3)] * ALL)
    read_carefully(network, picture)
    for pixels, (across, down, _) in zip(network.seen[1:], LOOKS, strict=True):
        assert pixels.shape == (ROWS, round(WIDTH * across))
        rows, columns = np.nonzero(pixels > 100)
        assert columns.mean() / across == pytest.approx(39.5, abs=1.5)
        assert rows.mean() == pytest.approx(15.5, abs=1)
        assert np.ptp(rows) + 1 == pytest.approx(12 * down, abs=1.5)
