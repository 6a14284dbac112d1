"""How the accuracy benchmark counts: matches, F1, edit distance, calibration, splits, the table, error sheets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks import accuracy, clips, moving
from benchmarks.crops import measure_mnist, measure_strangers
from benchmarks.datasets import is_letter_photo, load_amounts, load_photos, stranger_glyphs
from benchmarks.matching import Labelled, Score, calibration_error, edit_distance, match, same_place, score
from benchmarks.report import Outcome, Row, table
from benchmarks.sheets import Mistake, region, write_sheet
from digitrec.errors import OutputError, SourceError
from digitrec.results import Box, Digit, Image, Number, Reading

REPOSITORY = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("DIGITREC_SHARED", REPOSITORY.parent / "shared")) / "data"
needs_data = pytest.mark.skipif(not (DATA / "mnist.npz").is_file(), reason=f"no data sets in {DATA}")


def _at(x: int, digit: int, confidence: float = 1.0) -> Labelled:
    return Labelled(Box(x, 0, 20, 30), digit, confidence)


class Stub:
    """Answers what it is told to, whatever the picture."""

    min_confidence = 0.5

    def __init__(self, boxes: tuple[tuple[Box, int], ...] = (), answer: int = 1) -> None:
        self.boxes, self.answer = boxes, answer

    def read(self, image: Image) -> Reading:
        digits = tuple(Digit(box, digit, 0.9) for box, digit in self.boxes)
        return Reading(digits, (), (image.shape[1], image.shape[0]))

    def classify(self, crops: Image) -> np.ndarray:
        p = np.full((len(crops), 11), 0.01, np.float32)
        p[:, self.answer] = 0.9
        return p


def test_hit_needs_place_and_digit() -> None:
    result = match([_at(0, 1), _at(50, 2), _at(100, 3)], [_at(2, 1), _at(50, 7), _at(300, 5)])
    assert [(t.digit, p.digit) for t, p in result.hits] == [(1, 1)]
    assert [(t.digit, p.digit) for t, p in result.confused] == [(2, 7)]
    assert [t.digit for t in result.missed] == [3]
    assert [p.digit for p in result.invented] == [5]
    assert score(result) == Score(hits=1, predicted=3, true=3)


def test_each_truth_is_hit_once() -> None:
    result = match([_at(0, 1)], [_at(0, 1), _at(1, 1)])
    assert len(result.hits) == 1 and len(result.invented) == 1


def test_agreeing_digit_goes_before_a_nearer_one() -> None:
    result = match([_at(0, 1)], [_at(0, 4), _at(3, 1)])
    assert result.hits[0][1].digit == 1


def test_centres_must_lie_in_each_other() -> None:
    whole_word, digit = Box(0, 0, 100, 30), Box(0, 0, 20, 30)
    assert not same_place(whole_word, digit)
    assert same_place(Box(0, 0, 20, 30), Box(11, 0, 20, 30))  # 11 px off, half of 20 grown by 15 % is 11.5
    assert not same_place(Box(0, 0, 20, 30), Box(12, 0, 20, 30))


def test_predictions_on_ignored_places_count_neither_way() -> None:
    result = match([], [_at(0, 1)], ignored=[Box(0, 0, 20, 30)])
    assert score(result) == Score()


def test_f1_of_counts() -> None:
    assert Score(8, 10, 10).f1 == pytest.approx(0.8)
    assert Score().f1 == 1
    assert Score(0, 3, 0).f1 == 0
    assert (Score(1, 2, 3) + Score(1, 1, 1)) == Score(2, 3, 4)


@pytest.mark.parametrize(
    ("a", "b", "steps"), [("", "", 0), ("123", "", 3), ("123", "123", 0), ("1234", "134", 1), ("12", "21", 2)]
)
def test_edit_distance(a: str, b: str, steps: int) -> None:
    assert edit_distance(a, b) == edit_distance(b, a) == steps


def test_calibration_error() -> None:
    sure = np.full(100, 0.9)
    assert calibration_error(sure, np.arange(100) < 90) == pytest.approx(0, abs=1e-9)
    assert calibration_error(sure, np.arange(100) < 50) == pytest.approx(0.4)
    assert calibration_error(np.zeros(0), np.zeros(0, bool)) == 0


def test_table_says_what_is_missed() -> None:
    text = table([Row("a", 0.991, 10, 0.99), Row("b", 0.05, 20, 0.03, at_least=False), Row("c", 3, 5, None, unit="")])
    a, b, c = text.splitlines()[2:]
    assert "99.10 %" in a and a.endswith("reached")
    assert "at most 3.00 %" in b and b.endswith("MISSED")
    assert "3.00" in c and "%" not in c


def test_sheet_holds_all_mistakes(tmp_path: Path) -> None:
    grey, color = np.full((28, 28), 99, np.uint8), np.full((40, 90, 3), 99, np.uint8)
    mistakes = [Mistake(p, "1", "7", 0.5, "x") for p in (grey, color, np.zeros((0, 0), np.uint8))] * 5
    write_sheet(tmp_path / "new" / "errors.png", mistakes)
    sheet = cv2.imread(str(tmp_path / "new" / "errors.png"))
    assert sheet.shape[1] == 10 * sheet.shape[0] // 2 * 132 // 178


def test_sheet_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        write_sheet(tmp_path / "file" / "errors.png", [Mistake(np.zeros((5, 5), np.uint8), "1", "7", 0.5, "x")])


def test_region_stays_inside_the_picture() -> None:
    assert region(np.zeros((50, 60, 3), np.uint8), Box(-5, -5, 10, 10)).size > 0
    assert region(np.zeros((50, 60, 3), np.uint8), Box(70, 70, 10, 10)).size >= 0


def test_missing_data_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SourceError, match=r"truth\.json is not there"):
        load_photos(tmp_path)
    run = [sys.executable, "-m", "benchmarks.accuracy", "--only", "photos", "--data-dir", str(tmp_path)]
    done = subprocess.run(run, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    assert done.returncode == 4
    assert "Traceback" not in done.stderr and "truth.json is not there" in done.stderr


def test_unknown_measure_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert accuracy.main(["--only", "nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err


def test_exact_numbers_need_text_and_place() -> None:
    spec = clips.clip_specs()["plain"].scene
    assert spec.size == (1280, 720)
    digits = (clips.TrueDigit(Box(10, 10, 20, 30), 4, 0, 0), clips.TrueDigit(Box(35, 10, 20, 30), 2, 0, 1))
    scene = clips.Scene(np.zeros((99, 99, 3), np.uint8), digits, {0: "42"}, ())
    there, elsewhere = Box(9, 9, 47, 32), Box(60, 60, 20, 20)

    def count(*numbers: Number) -> tuple[int, int]:
        return moving.exact_numbers(scene, Reading((), numbers, (99, 99)))

    assert count(Number(there, "42", 0.9)) == (1, 1)
    assert count(Number(there, "43", 0.9)) == (0, 1)
    assert count(Number(elsewhere, "42", 0.9)) == (0, 1)


def test_covered_place_is_told_from_a_brighter_one() -> None:
    rng = np.random.default_rng(0)
    usual = rng.integers(60, 120, (60, 60, 3)).astype(np.uint8)
    box = Box(20, 20, 12, 16)
    assert moving.uncovered((usual * 1.5 + 20).astype(np.uint8), usual, box)
    covered = usual.copy()
    covered[10:50, 10:50] = rng.integers(0, 255, (40, 40, 3))
    assert not moving.uncovered(covered, usual, box)


@needs_data
def test_photo_truth_and_halves() -> None:
    photos = load_photos(DATA)
    boxed = [p for p in photos if p.truth]
    assert len(photos) == 142 and len(boxed) == 95
    tuning, held = (sum(len(p.truth or ()) for p in boxed if p.tuning == half) for half in (True, False))
    assert abs(tuning - held) < 10
    letters = [p for p in photos if is_letter_photo(p)]
    assert letters and not {"O", "I", "S"} & {"".join(p.lines) for p in letters}


@needs_data
def test_amounts_are_split_and_ordered() -> None:
    held, rest = load_amounts(DATA), load_amounts(DATA, held_back=False)
    assert 0.15 < len(held) / (len(held) + len(rest)) < 0.25
    assert not {a.name for a in held} & {a.name for a in rest}
    for amount in held[:20]:
        centres = [d.box.center[0] for d in amount.truth]
        assert centres == sorted(centres) and len(amount.text) == len(centres)


@needs_data
def test_crop_measures_count_what_is_answered() -> None:
    outcome = measure_mnist(Stub(answer=1), DATA)
    assert outcome.rows[0].value == pytest.approx(0.1135)  # ones in MNIST's test part
    assert outcome.rows[1].value == 1  # all above the threshold
    assert measure_strangers(Stub(answer=10), DATA).rows[-1].value == 0
    assert measure_strangers(Stub(answer=3), DATA).rows[-1].value == 1


@needs_data
def test_photos_are_measured_through_the_public_api() -> None:
    truth = {p.name: p for p in load_photos(DATA)}["000.jpg"].truth
    assert truth is not None
    outcome = accuracy.measure(Stub(tuple((t.box, t.digit) for t in truth)), DATA, ["photos"])
    by_name = {row.what: row for row in outcome.rows}
    assert 0 < by_name["photos, tuning half: recall"].value < 1
    assert by_name["photos of letters, answered"].value == 1
    assert outcome.mistakes["photos_tuning_half"]


@needs_data
def test_clip_comes_from_the_cache_as_it_was_rendered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = clips.clip_specs()["huge_marker"].__class__(clips.clip_specs()["squared"].scene, frames=3)
    monkeypatch.setattr(clips, "clip_specs", lambda: {"squared": short})
    monkeypatch.setattr(clips.tempfile, "gettempdir", lambda: str(tmp_path))
    first, again = (list(clips.iter_clip("squared", DATA)) for _ in range(2))
    fresh = list(clips.render_clip("squared", DATA))
    assert len(first) == len(again) == len(fresh) == 3
    for a, b, c in zip(first, again, fresh, strict=True):
        assert a.digits == b.digits == c.digits and a.texts == b.texts == c.texts
        assert np.array_equal(a.image, b.image)
        assert np.abs(a.image.astype(int) - c.image).mean() < 3


@needs_data
def test_held_back_glyphs_are_no_training_glyphs() -> None:
    held, trained = (stranger_glyphs(DATA, held_back=part) for part in (True, False))
    seen = {glyph.tobytes() for glyph in trained}
    assert held and sum(glyph.tobytes() in seen for glyph in held) < 0.01 * len(held)


def test_outcome_calibration_arrays() -> None:
    outcome = Outcome(confidence=[0.5, 1.0], right=[False, True])
    confidence, right = outcome.calibration()
    assert confidence.tolist() == [0.5, 1.0] and right.tolist() == [False, True]
