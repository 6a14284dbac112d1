"""Signs of outline fonts as non-digits: every font has them, and they look like crops of the camera."""

import numpy as np
from matplotlib import ft2font
from matplotlib.font_manager import FontProperties, findfont

from digitrec.results import NOT_A_DIGIT
from digitrec.training.signs import FONTS, draw_signs


def test_every_font_has_its_signs() -> None:
    for family, style, signs in FONTS:
        path = findfont(FontProperties(family=family, style=style), fallback_to_default=False)
        font = ft2font.FT2Font(path)
        assert [s for s in signs if font.get_char_index(ord(s)) == 0] == []
        assert not set(signs) & set("0123456789OolI|ZSB")


def test_signs_are_normalised_non_digits_and_differ() -> None:
    signs = draw_signs(200, np.random.default_rng(3))
    assert signs.x.shape == (200, 28, 28) and signs.x.dtype == np.uint8
    assert (signs.y == NOT_A_DIGIT).all()
    assert (signs.x.max(axis=(1, 2)) > 100).all()
    ink = signs.x > 64
    assert (ink.any(axis=1).sum(axis=1) <= 24).all() and (ink.any(axis=2).sum(axis=1) <= 24).all()
    assert len({x.tobytes() for x in signs.x}) == 200


def test_the_same_seed_draws_the_same_signs() -> None:
    first, again, other = (draw_signs(20, np.random.default_rng(seed)).x for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert draw_signs(0, np.random.default_rng(1)).x.shape == (0, 28, 28)
