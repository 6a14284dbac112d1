"""The tracker on a real clip, on anything at all, and how steadiness is counted."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.steadiness import Steadiness, measure
from benchmarks.table_clips import iter_table_clip
from benchmarks.video import main
from digitrec.recognizer import Recognizer
from digitrec.results import Box, Digit, Frame, Number, Reading, Reject
from digitrec.tracker import Tracker
from digitrec.training.scenes import Scene, TrueDigit
from tests.moving import PICTURE, SIZE, frame, smooth
from tests.shared import shared_file


def test_a_robot_that_passes_over_the_digits_leaves_them_their_identities() -> None:
    data_dir = shared_file("videos/robot_parcours_1_rebuilt.avi").parent.parent
    recognizer = Recognizer()
    scenes = list(iter_table_clip("table_rebuilt", data_dir))
    alone = [recognizer.read(scene.image) for scene in scenes]
    tracked = [r for _, r in smooth((frame(i, fps=2.0), r) for i, r in enumerate(alone))]
    before = measure([(s, r, r) for s, r in zip(scenes, alone, strict=True)])
    after = measure(list(zip(scenes, alone, tracked, strict=True)))
    assert after.digit_frames > 200
    assert after.flips == 0
    assert after.switches <= 2
    assert after.flashes == 0
    assert after.f1.f1 >= before.f1.f1
    assert after.right_share >= before.right_share - 0.01


boxes = st.builds(Box, st.integers(-50, 1300), st.integers(-50, 750), st.integers(1, 400), st.integers(1, 400))
chances = st.lists(st.floats(0, 1), min_size=11, max_size=11).map(lambda v: tuple(x / max(1e-9, sum(v)) for x in v))
crops = st.none() | st.integers(0, 5).map(lambda s: np.random.default_rng(s).integers(0, 256, (28, 28), np.uint8))
digits = st.builds(Digit, boxes, st.integers(0, 9), st.floats(0, 1), st.none(), st.just(()) | chances, crops)
rejects = st.builds(Reject, boxes, st.just("not a digit"), st.just(()) | chances, crops)
readings = st.builds(
    Reading,
    st.lists(digits, max_size=6).map(tuple),
    st.just(()),
    st.sampled_from([SIZE, (640, 480)]),
    st.lists(rejects, max_size=4).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(readings, st.floats(-1, 3)), min_size=2, max_size=12))
def test_whatever_comes_what_goes_out_is_whole(clip: list[tuple[Reading, float]]) -> None:
    times = np.cumsum([step for _, step in clip])
    frames = [Frame(PICTURE, i, float(t), "clip") for i, t in enumerate(times)]
    tracker = Tracker()
    live = [tracker.update(r, f) for (r, _), f in zip(clip, frames, strict=True)]
    file = [r for _, r in smooth(zip(frames, [r for r, _ in clip], strict=True))]
    assert len(file) == len(clip)
    for out, (given_reading, _) in zip(live + file, clip + clip, strict=True):
        assert out.size == given_reading.size
        names = [d.id for d in out.digits]
        assert None not in names
        assert len(set(names)) == len(names)
        assert len({n.id for n in out.numbers}) == len(out.numbers)
        assert [d for n in out.numbers for d in n.digits if d.id in names] == list(out.digits)
        for number in out.numbers:
            assert number.text == "".join(str(d.digit) for d in number.digits)
            assert number.confidence == math.prod(d.confidence for d in number.digits)
            assert number.box == Box.around([d.box for d in number.digits])
        for digit in out.digits:
            assert 0 <= digit.confidence <= 1
            assert digit.box.width >= 1
            assert digit.box.height >= 1


def _scene(*digits: TrueDigit, texts: dict[int, str] | None = None) -> Scene:
    return Scene(PICTURE, digits, texts or {}, ())


def _judged(truth: list[Scene], alone: list[list[Digit]], shown: list[list[Digit]]) -> Steadiness:
    def made(digits: list[Digit]) -> Reading:
        return Reading(tuple(digits), (), SIZE)

    return measure([(s, made(a), made(b)) for s, a, b in zip(truth, alone, shown, strict=True)])


def test_flips_switches_delays_and_flashes_are_counted() -> None:
    box, other = Box(100, 100, 40, 60), Box(500, 100, 40, 60)
    truth = [_scene(TrueDigit(box, 4, 0, 7))] * 6
    alone = [[Digit(box, 4, 0.9)]] * 6
    shown = [
        [],
        [Digit(box, 9, 0.9, 1)],
        [Digit(box, 4, 0.9, 1)],
        [Digit(box, 4, 0.9, 1), Digit(other, 3, 0.9, 5)],
        [Digit(box, 4, 0.9, 2)],
        [Digit(box, 4, 0.9, 2)],
    ]
    found = _judged(truth, alone, shown)
    assert (found.digit_frames, found.flips, found.switches, found.flashes) == (5, 1, 1, 1)
    assert found.flips_per_1000 == 200
    assert found.delays == [2]
    assert (found.f1.hits, found.f1.predicted, found.f1.true) == (4, 6, 6)


def test_the_benchmark_names_its_clips_where_one_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "plain,nowhere"]) == 2
    said = capsys.readouterr().err
    assert "'nowhere'" in said
    assert "table_rebuilt" in said


def test_numbers_count_once_they_have_been_seen_for_five_frames() -> None:
    box = Box(100, 100, 40, 60)
    scene = _scene(TrueDigit(box, 4, 3, 7), texts={3: "4"})
    right, wrong = Number(box, "4", 0.9, (), 1), Number(box, "9", 0.9, (), 1)
    shown = [Reading((), (n,), SIZE) for n in [wrong] * 5 + [right] * 3 + [wrong]]
    found = measure([(scene, r, r) for r in shown])
    assert (found.numbers, found.right) == (4, 3)
    assert found.right_share == 0.75


def test_numbers_that_outlive_their_page_are_counted() -> None:
    box = Box(100, 100, 40, 60)
    pages = [_scene(TrueDigit(box, 4, n, n), texts={n: "4"}) for n in (0, 1000)]
    shown = Reading((), (Number(box, "4", 0.9, (), 1),), SIZE)
    found = measure([(page, shown, shown) for page in pages for _ in range(8)])
    assert found.inherited == 1
