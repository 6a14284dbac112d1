"""The scene renderer: truth that fits the ink, the same picture from the same seed, every kind of paper."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitrec.results import Box
from digitrec.training import sample
from digitrec.training.scenes import (
    CameraSpec,
    ClutterSpec,
    GlyphBank,
    InkSpec,
    LayoutSpec,
    PaperSpec,
    SceneSpec,
    random_spec,
    render,
)
from digitrec.training.scenes.clips import ClipSpec, MotionSpec, shoot
from digitrec.training.scenes.ink import Pose, ink_glyph, skeleton
from digitrec.training.scenes.layout import arrange
from digitrec.training.scenes.variety import strip_spec


def _ring() -> np.ndarray:
    picture = np.zeros((28, 28), np.uint8)
    cv2.ellipse(picture, (14, 14), (6, 9), 0, 0, 360, 255, 2)
    return picture


def _bar() -> np.ndarray:
    picture = np.zeros((28, 28), np.uint8)
    cv2.line(picture, (14, 5), (14, 23), 255, 2)
    return picture


def _bank() -> GlyphBank:
    """Drawn stand-ins: rings for even digits, bars for odd ones; crosses as clutter."""
    cross = np.zeros((64, 64), np.uint8)
    cv2.line(cross, (8, 8), (56, 56), 255, 4)
    cv2.line(cross, (56, 8), (8, 56), 255, 4)
    return GlyphBank([_bar() if d % 2 else _ring() for d in range(10)], list(range(10)), [cross])


CLEAN = CameraSpec(perspective=0, gradient=0, vignette=0, noise=0, defocus_px=0, jpeg=0, exposure=1)
PLAIN = SceneSpec(
    size=(640, 400),
    paper=PaperSpec(grain=0, color=(240, 240, 240)),
    ink=InkSpec(contrast=0.95, pressure=0),
    layout=LayoutSpec(height_px=50, lines=(("204", "86"),)),
    camera=CLEAN,
)


def _ink_box(image: np.ndarray, box: Box, reach: int = 6) -> Box:
    """The box of dark pixels around ``box``."""
    x0, y0 = box.x - reach, box.y - reach
    part = image[y0 : box.y + box.height + reach, x0 : box.x + box.width + reach].min(axis=2) < 150
    x, y, w, h = cv2.boundingRect(part.astype(np.uint8))
    return Box(x0 + x, y0 + y, w, h)


def test_boxes_are_tight_around_the_ink() -> None:
    scene = render(PLAIN, _bank(), np.random.default_rng(1))
    assert [d.digit for d in scene.digits] == [2, 0, 4, 8, 6]
    for digit in scene.digits:
        assert np.abs(np.subtract(digit.box, _ink_box(scene.image, digit.box))).max() <= 2


def test_boxes_follow_tilt_and_perspective() -> None:
    layout = replace(PLAIN.layout, height_px=36, gap=0.9)  # else neighbours reach into each other's boxes
    spec = replace(PLAIN, layout=layout, camera=replace(CLEAN, tilt_deg=20, perspective=0.05))
    scene = render(spec, _bank(), np.random.default_rng(2))
    assert len(scene.digits) == 5
    for digit in scene.digits:
        assert np.abs(np.subtract(digit.box, _ink_box(scene.image, digit.box))).max() <= 3


def test_numbers_are_the_words_of_the_layout() -> None:
    scene = render(PLAIN, _bank(), np.random.default_rng(3))
    assert scene.texts == {0: "204", 1: "86"}
    assert [d.number for d in scene.digits] == [0, 0, 0, 1, 1]


def test_dots_stay_within_a_number_and_other_signs_end_it() -> None:
    spec = replace(PLAIN, layout=LayoutSpec(height_px=40, lines=(("2.480-6",),)))
    scene = render(spec, _bank(), np.random.default_rng(3))
    assert list(scene.texts.values()) == ["2480", "6"]
    assert len(scene.clutter) == 2


def test_touching_digits_touch_and_spaced_ones_do_not() -> None:
    def blobs(gap: float) -> int:
        layout = LayoutSpec(height_px=60, lines=(("8080",),), gap=gap, gap_jitter=0, rotate_deg=0, baseline_jitter=0)
        scene = render(replace(PLAIN, layout=layout), _bank(), np.random.default_rng(4))
        return cv2.connectedComponents((scene.image.min(axis=2) < 150).astype(np.uint8))[0] - 1

    assert blobs(0.3) == 4
    assert blobs(-0.04) == 1


def test_crossed_out_digits_are_clutter() -> None:
    spec = replace(PLAIN, clutter=ClutterSpec(crossings=1))
    scene = render(spec, _bank(), np.random.default_rng(5))
    assert len(scene.texts) == 1
    assert len(scene.digits) + len(scene.clutter) == 5


def test_clutter_keeps_clear_of_digits() -> None:
    spec = replace(PLAIN, clutter=ClutterSpec(glyphs=12, doodles=5, print_lines=4))
    for seed in range(4):
        scene = render(spec, _bank(), np.random.default_rng(seed))
        assert scene.clutter
        for digit in scene.digits:
            x, y = digit.box.center
            assert not any(c.x <= x < c.x + c.width and c.y <= y < c.y + c.height for c in scene.clutter)


def test_same_seed_same_picture_and_another_seed_another() -> None:
    def picture(seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        return render(random_spec(rng, (320, 240)), _bank(), rng).image

    assert np.array_equal(picture(7), picture(7))
    assert not np.array_equal(picture(7), picture(8))


def test_random_scenes_are_sound() -> None:
    kinds = set()
    for seed in range(60):
        rng = np.random.default_rng(seed)
        spec = random_spec(rng, (400, 300))
        scene = render(spec, _bank(), rng)
        kinds.add(spec.paper.kind)
        assert scene.image.shape == (300, 400, 3)
        assert scene.image.dtype == np.uint8
        for digit in scene.digits:
            x, y, w, h = digit.box
            assert x >= 0 and y >= 0 and x + w <= 400 and y + h <= 300 and h >= 3
        for number, text in scene.texts.items():
            assert text == "".join(str(d.digit) for d in scene.digits if d.number == number)
    assert len(kinds) >= 6


def test_strips_hold_one_number() -> None:
    shown = [render(strip_spec(rng), _bank(), rng) for rng in map(np.random.default_rng, range(20))]
    assert all(len(scene.texts) <= 1 for scene in shown)
    assert sum(bool(scene.texts) for scene in shown) > 10


@pytest.mark.parametrize("stroke", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("height", [14.0, 60.0, 400.0])
def test_ink_has_the_wanted_height_and_stroke(stroke: float, height: float) -> None:
    spec = InkSpec(stroke=stroke, pressure=0, contrast=1)
    inked = ink_glyph(_bar(), Pose(height, stroke=stroke), spec, np.random.default_rng(0))
    low, high = inked.hull.min(0), inked.hull.max(0)
    assert high[1] - low[1] == pytest.approx(height, rel=0.25, abs=3)
    wanted = max(1.0, stroke * height)
    assert high[0] - low[0] == pytest.approx(wanted, rel=0.4, abs=1.6)


def test_thick_ink_keeps_the_eye_of_a_ring() -> None:
    inked = ink_glyph(_ring(), Pose(80, stroke=0.3), InkSpec(stroke=0.3, pressure=0), np.random.default_rng(0))
    background = cv2.connectedComponents((inked.cover < 0.3).astype(np.uint8), connectivity=4)[0] - 1
    assert background == 2


def test_empty_glyph_gives_no_ink() -> None:
    inked = ink_glyph(np.zeros((28, 28), np.uint8), Pose(40), InkSpec(), np.random.default_rng(0))
    assert inked.cover.max() < 0.2


def test_skeleton_of_a_bar_is_a_line() -> None:
    mask = np.zeros((30, 30), np.uint8)
    mask[5:25, 12:17] = 1
    line = skeleton(mask)
    assert line.sum() <= 22
    assert line[8:22].sum(axis=1).tolist() == [1] * 14


def test_a_digit_too_tall_for_the_page_is_made_to_fit() -> None:
    words = arrange(LayoutSpec(height_px=900, lines=(("5",),)), (0, 0, 500, 300), False, np.random.default_rng(0))
    assert [w.text for w in words] == ["5"]
    assert words[0].height_px <= 300


def test_messy_desk_has_no_digit() -> None:
    scene = render(replace(PLAIN, messy=True), _bank(), np.random.default_rng(0))
    assert scene.digits == () and scene.texts == {}
    assert scene.image.std() > 10


class TestClips:
    CLIP = ClipSpec(replace(PLAIN, size=(320, 200), layout=replace(PLAIN.layout, height_px=30)), frames=12)

    def test_digits_keep_their_identity_and_move_little(self) -> None:
        frames = list(shoot(self.CLIP, _bank(), np.random.default_rng(0)))
        assert len(frames) == 12
        first = {d.id: d for d in frames[0].digits}
        moved = 0.0
        for scene in frames:
            assert {d.id: d.digit for d in scene.digits} == {d.id: d.digit for d in first.values()}
            moved = max(moved, *(abs(d.box.x - first[d.id].box.x) for d in scene.digits))
        assert 0 < moved < 30

    def test_another_page_has_other_identities(self) -> None:
        clip = replace(self.CLIP, next_page=(6, replace(self.CLIP.scene.layout, lines=(("97",),))))
        frames = list(shoot(clip, _bank(), np.random.default_rng(0)))
        assert sorted(frames[5].texts.values()) == ["204", "86"]
        assert list(frames[6].texts.values()) == ["97"]
        assert not {d.id for d in frames[5].digits} & {d.id for d in frames[6].digits}

    def test_what_a_hand_touches_is_ignored(self) -> None:
        clip = replace(self.CLIP, frames=16, hand=(2, 13))
        frames = list(shoot(clip, _bank(), np.random.default_rng(3)))
        assert len(frames[0].digits) == len(frames[15].digits) == 5
        assert any(scene.ignored for scene in frames)
        assert all(len(scene.digits) + len(scene.ignored) == 5 for scene in frames)

    def test_coming_nearer_makes_the_digit_larger_until_it_fills_the_frame(self) -> None:
        layout = LayoutSpec(height_px=180, lines=(("8",),), rotate_deg=0)
        still = MotionSpec(0, 0, 0, 0)
        clip = ClipSpec(replace(PLAIN, size=(320, 200), layout=layout), frames=6, zoom_from=0.3, motion=still)
        heights = [scene.digits[0].box.height for scene in shoot(clip, _bank(), np.random.default_rng(0))]
        assert heights == sorted(heights)
        assert heights[0] < 70 and heights[-1] > 150

    def test_exposure_jumps_and_recovers(self) -> None:
        clip = replace(self.CLIP, frames=24, jumps=((6, 0.4),))
        light = [scene.image.mean() for scene in shoot(clip, _bank(), np.random.default_rng(0))]
        assert light[6] < 0.6 * light[5]
        assert light[23] > 0.9 * light[0]


SAMPLES = Path(__file__).resolve().parent.parent / "samples"


def test_samples_are_small_and_their_truth_lies_on_ink() -> None:
    truth = json.loads((SAMPLES / "truth.json").read_text())
    assert set(truth) == {*sample.pictures(), "demo.mp4"}
    assert (SAMPLES / "demo.mp4").stat().st_size < 3_000_000
    for name in sample.pictures():
        path = SAMPLES / name
        assert path.stat().st_size < 200_000
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE).astype(float)
        assert list(image.shape[::-1]) == truth[name]["size"]
        assert sum(len(number["text"]) for number in truth[name]["numbers"]) == len(truth[name]["digits"])
        for x, y, w, h, _ in truth[name]["digits"]:
            assert np.abs(image[y : y + h, x : x + w] - np.median(image[y : y + h, x : x + w])).max() > 25


def test_demo_clip_opens_at_its_size_and_length() -> None:
    truth = json.loads((SAMPLES / "truth.json").read_text())["demo.mp4"]
    capture = cv2.VideoCapture(str(SAMPLES / "demo.mp4"))
    frames = 0
    while capture.grab():
        frames += 1
    capture.release()
    assert frames == sample.FPS * sample.SECONDS and truth["fps"] == sample.FPS
    assert [n["text"] for n in truth["numbers"]] == ["2026", "5550142", "317"]


def test_making_samples_writes_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bank = _bank()
    monkeypatch.setattr(sample, "SECONDS", 1)
    monkeypatch.setattr(sample, "load_mnist", lambda _: (None, _Pictures(np.stack(bank.digits), np.arange(10))))
    written = sample.main(None, tmp_path / "made", seed=3)
    assert sorted(path.name for path in written) == sorted(path.name for path in (tmp_path / "made").iterdir())
    truth = json.loads((tmp_path / "made" / "truth.json").read_text())
    assert [n["text"] for n in truth["plain.jpg"]["numbers"]] == ["2026", "731", "0176", "5550142"]


class _Pictures:
    def __init__(self, x: np.ndarray, y: np.ndarray) -> None:
        self.x, self.y = x, y
