"""The tracker on made-up readings: identities, labels, what appears and what does not."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest

from digitrec.numbers import group
from digitrec.results import Box, Digit, Frame, Hint, Reading, Reject
from digitrec.tracker import LookAheadTracker, Tracker
from tests.moving import (
    PICTURE,
    SIZE,
    Glyph,
    Track,
    as_file,
    frame,
    labels,
    live,
    look,
    moved,
    probabilities,
    reading,
    seen,
    smooth,
    texts,
    written,
)

both = pytest.mark.parametrize("track", [live, as_file])


def shake(i: int) -> tuple[float, float, float, float]:
    """How an unsteady hand holds the page in frame ``i``: shift, turn, zoom."""
    return 40 * math.sin(i / 3), 25 * math.cos(i / 4), 6 * math.sin(i / 5), 1 + 0.08 * math.sin(i / 6)


@both
@pytest.mark.parametrize("fps", [5.0, 30.0, 120.0])
def test_identities_stay_while_the_page_moves_and_tilts(track: Track, fps: float) -> None:
    page = written("2026 41") + written("0176", y=420, hand=50)
    frames = track([seen(moved(page, *shake(i)), i) for i in range(60)], fps)
    settled = {tuple(labels(f)) for f in frames[3:]}
    assert len(settled) == 1
    assert len({name for name, _ in settled.pop()}) == 10
    assert {tuple((n.id, n.text) for n in f.numbers) for f in frames[3:]} == {((1, "2026"), (2, "41"), (3, "0176"))}


@both
def test_equal_digits_side_by_side_do_not_swap(track: Track) -> None:
    page = [Glyph(1, 300 + 35 * i, 300, hand=9) for i in range(5)]  # all look the same
    frames = track([seen(moved(page, 14 * i, 0), i) for i in range(30)])
    for f in frames[3:]:
        assert [d.id for d in f.digits] == [1, 2, 3, 4, 5]


@both
def test_a_jerk_of_the_camera_keeps_identities(track: Track) -> None:
    page = written("7042 19") + written("365", y=420, hand=50)
    frames = track([seen(moved(page, 0 if i < 10 else 170, 0 if i < 10 else 70), i) for i in range(20)])
    assert labels(frames[8]) == labels(frames[10]) == labels(frames[18])


@both
def test_a_false_detection_of_a_single_frame_does_not_appear(track: Track) -> None:
    page = written("2026")
    stray = look(Glyph(8, 900, 600, hand=99), sure=0.99)
    readings = [seen(page, i) for i in range(20)]
    readings[9] = replace(readings[9], digits=(*readings[9].digits, stray))
    assert [texts(f) for f in track(readings)[3:]] == [["2026"]] * 17


def parted(i: int, *, apart: bool) -> Reading:
    """An 8, a 0 and a 5 that touch; where ``apart``, the right half of the 0 is read as a 2."""
    eight, zero, five = (look(Glyph(d, x, 300, hand=d), noise=i) for d, x in ((8, 300), (0, 370), (5, 440)))
    left, right = Box(345, 270, 26, 60), Box(371, 270, 26, 60)
    if not apart:
        return reading([eight, replace(zero, box=Box(345, 270, 52, 60)), five])
    two = replace(look(Glyph(2, 384, 300, hand=50), sure=0.99, noise=i), box=right)
    return reading([eight, replace(zero, box=left), two, five])


@both
def test_a_part_that_is_read_now_and_then_does_not_appear(track: Track) -> None:
    """Every other frame, even five times in a row."""
    flicker = {8, 9, 10, 11, 12, 14, 16, 20, 22, 23, 24, 27, 28}
    frames = track([parted(i, apart=i in flicker) for i in range(30)])
    assert {tuple(labels(f)) for f in frames[3:]} == {((1, 8), (2, 0), (3, 5))}


@both
def test_a_digit_that_swallows_its_neighbour_for_a_moment_stays_as_it_was(track: Track) -> None:
    """Two digits that touch are read as one, as wide as both, in a few of the frames."""

    nine, seven, four = Box(240, 300, 40, 60), Box(285, 300, 42, 60), Box(325, 300, 38, 60)
    wide = Box(seven.x, seven.y, four.x + four.width - seven.x, seven.height)

    def page(*found: tuple[int, Box]) -> Reading:
        return reading([Digit(box, digit, 0.99, None, probabilities(digit, 0.99)) for digit, box in found])

    apart, as_one = page((9, nine), (7, seven), (4, four)), page((9, nine), (7, wide))
    frames = track([as_one if i in {12, 13, 17} else apart for i in range(24)])
    settled = frames[4:]
    assert {tuple(d.digit for d in f.digits) for f in settled} == {(9, 7, 4)}
    assert len({tuple(d.id for d in f.digits) for f in settled}) == 1
    assert {f.digits[1].box.width for f in settled} == {42}


@both
def test_a_slanted_neighbour_whose_box_is_shared_stays_while_another_digit_swallows_it(track: Track) -> None:
    """A slanted 1 leans over the box of the 4 before it, and is read as part of the 8 in each third frame."""
    four, one, eight = Box(688, 117, 31, 56), Box(698, 105, 58, 68), Box(735, 110, 50, 63)
    wide = Box(721, 105, 64, 68)

    def page(*found: tuple[int, Box]) -> Reading:
        return reading([Digit(box, digit, 0.99, None, probabilities(digit, 0.99)) for digit, box in found])

    apart, as_one = page((4, four), (1, one), (8, eight)), page((4, four), (8, wide))
    frames = track([as_one if i > 9 and i % 3 == 0 else apart for i in range(30)])
    assert {tuple(labels(f)) for f in frames[4:]} == {((1, 4), (2, 1), (3, 8))}


@both
def test_a_part_that_stays_appears(track: Track) -> None:
    frames = track([parted(i, apart=i >= 10) for i in range(30)])
    assert [d.digit for d in frames[9].digits] == [8, 0, 5]
    assert all([d.digit for d in f.digits] == [8, 0, 2, 5] for f in frames[18:])


def test_live_a_digit_appears_within_three_frames() -> None:
    page = written("2026")
    frames = live([reading([])] * 4 + [seen(page, i) for i in range(6)])
    assert [texts(f) for f in frames[:5]] == [[]] * 5
    assert texts(frames[6]) == ["2026"]


def test_in_a_file_a_digit_appears_from_its_first_frame() -> None:
    page = written("2026")
    frames = as_file([reading([])] * 4 + [seen(page, i) for i in range(6)])
    assert [texts(f) for f in frames] == [[]] * 4 + [["2026"]] * 6


@both
def test_what_is_gone_is_not_shown_for_long(track: Track) -> None:
    frames = track([seen(written("2026"), i) for i in range(15)] + [reading([])] * 10)
    assert all(f.digits == () for f in frames[17:])
    assert all(f.numbers == () for f in frames[17:])


def test_in_a_file_nothing_is_shown_after_it_has_gone() -> None:
    frames = as_file([seen(written("2026"), i) for i in range(15)] + [reading([])] * 10)
    assert [len(f.digits) for f in frames] == [4] * 15 + [0] * 10


@both
@pytest.mark.parametrize("fps", [10.0, 30.0])
def test_a_digit_covered_for_half_a_second_keeps_its_identity_and_its_number(track: Track, fps: float) -> None:
    page = written("2026")
    covered = range(20, 20 + round(fps / 2))
    readings = [seen(moved(page if i not in covered else page[:2], 3 * i, 0), i) for i in range(50)]
    frames = track(readings, fps)
    assert {n.id for f in frames[2:] for n in f.numbers} == {1}
    assert {n.text for f in frames[2:] for n in f.numbers} == {"2026"}
    assert labels(frames[45]) == labels(frames[15])
    middle = frames[covered[len(covered) // 2 + 1]]
    assert len(middle.digits) == 2  # what cannot be seen has no box ...
    assert len(middle.numbers[0].digits) == 4  # ... but the number knows it is there


@both
def test_a_digit_missed_in_a_frame_is_shown_in_it(track: Track) -> None:
    page = written("2026")
    readings = [seen(page if i != 15 else page[:1] + page[2:], i) for i in range(30)]
    assert all(texts(f) == ["2026"] and len(f.digits) == 4 for f in track(readings)[3:])


@both
def test_a_glyph_that_is_not_answered_for_a_while_is_still_the_digit(track: Track) -> None:
    page = written("2926")
    weak = [look(page[1], sure=0.55, digit=9, noise=i) for i in range(40)]
    readings = []
    for i in range(40):
        unsure = 15 <= i < 21
        digits = [look(g, noise=i) for g in (page[:1] + page[2:] if unsure else page)]
        readings.append(reading(digits, [weak[i]] if unsure else []))
    frames = track(readings)
    assert all(len(f.digits) == 4 and not f.rejects for f in frames[3:])


@both
def test_misreadings_of_a_few_frames_do_not_change_the_label(track: Track) -> None:
    page = written("4711")
    readings = [
        reading([look(g, noise=i, digit=9 if g.digit == 4 and i % 7 == 6 else None, sure=0.9) for g in page])
        for i in range(60)
    ]
    assert [texts(f) for f in track(readings)[3:]] == [["4711"]] * 57


@both
def test_a_digit_that_is_unclear_half_of_the_time_does_not_dance(track: Track) -> None:
    page = written("4711")
    readings = [
        reading([look(g, noise=i, digit=9 if g.digit == 4 and i % 2 else None, sure=0.8) for g in page])
        for i in range(60)
    ]
    assert len({texts(f)[0] for f in track(readings)[3:]}) == 1


@both
def test_a_digit_that_is_written_over_changes_its_label_and_keeps_its_identity(track: Track) -> None:
    page = written("1066")
    readings = [
        reading([look(g, noise=i, digit=4 if g.digit == 1 and i >= 20 else None) for g in page]) for i in range(60)
    ]
    frames = track(readings)
    assert texts(frames[18]) == ["1066"]
    assert texts(frames[-1]) == ["4066"]
    assert [d.id for d in frames[18].digits] == [d.id for d in frames[-1].digits]


@both
def test_confidence_is_the_mean_of_log_probabilities(track: Track) -> None:
    glyph = Glyph(5, 300, 300)
    unsure = [
        replace(look(glyph, noise=i), probabilities=probabilities(5, p, 3)) for i, p in enumerate([0.9, 0.6] * 20)
    ]
    frames = track([reading([d]) for d in unsure])
    shown = frames[-1].digits[0]
    assert 0.65 < shown.confidence < 0.85
    assert sum(shown.probabilities) == pytest.approx(1)
    assert shown.probabilities[5] == shown.confidence
    assert frames[-1].numbers[0].confidence == pytest.approx(shown.confidence)


@both
def test_what_is_sure_in_every_frame_is_sure(track: Track) -> None:
    frames = track([reading([look(g, sure=0.999, noise=i) for g in written("2026")]) for i in range(20)])
    assert all(d.confidence > 0.98 for d in frames[-1].digits)
    assert frames[-1].numbers[0].confidence > 0.93


@both
@pytest.mark.parametrize("other", ["5813", "2026", "2031"])
def test_another_page_in_the_same_place_is_another_number(track: Track, other: str) -> None:
    readings = [seen(written("2026"), i) for i in range(20)] + [seen(written(other, hand=300), i) for i in range(15)]
    frames = track(readings)
    assert [(n.id, n.text) for n in frames[19].numbers] == [(1, "2026")]
    for f in frames[24:]:
        assert texts(f) == [other]
        assert f.numbers[0].id != 1
    assert {t for f in frames[3:] for t in texts(f)} <= {"2026", other}


@both
def test_another_single_digit_in_the_same_place_is_another_number(track: Track) -> None:
    readings = [seen([Glyph(3, 300, 300, hand=1)], i) for i in range(20)]
    readings += [seen([Glyph(8, 304, 302, hand=2)], i) for i in range(15)]
    frames = track(readings)
    assert texts(frames[18]) == ["3"]
    assert texts(frames[24]) == ["8"]
    assert frames[18].numbers[0].id != frames[24].numbers[0].id


@both
def test_a_page_that_comes_back_soon_is_known_again(track: Track) -> None:
    page = written("2026")
    readings = [seen(page, i) for i in range(20)] + [reading([])] * 40 + [seen(page, i) for i in range(20)]
    frames = track(readings)
    assert labels(frames[15]) == labels(frames[-1])
    assert frames[15].numbers[0].id == frames[-1].numbers[0].id


@both
def test_a_gap_on_the_border_does_not_tear_the_number_again_and_again(track: Track) -> None:
    page = written("2026") + written("55", x=430, hand=80)  # so far apart that a few pixels decide
    start = next(gap for gap in range(0, 200) if len(texts(live([seen(_apart(page, gap))] * 3)[-1])) == 2)
    frames = track([seen(_apart(page, start + (1 if i % 2 else -1)), i) for i in range(60)])
    changes = sum(texts(a) != texts(b) for a, b in pairwise(frames[5:]))
    assert changes <= 1
    frames = track([seen(_apart(page, start - 40 + 2 * i), i) for i in range(60)])
    assert (texts(frames[5]), texts(frames[-1])) == (["202655"], ["2026", "55"])


def _apart(page: list[Glyph], gap: float) -> list[Glyph]:
    return page[:4] + [replace(g, x=g.x + gap) for g in page[4:]]


@both
def test_a_number_keeps_its_id_while_digits_are_added(track: Track) -> None:
    page = written("20261")
    frames = track([seen(page[: 2 + i // 12], i) for i in range(48)])
    assert texts(frames[6]) == ["20"]
    assert texts(frames[-1]) == ["20261"]
    assert {n.id for f in frames[3:] for n in f.numbers} == {1}


@both
def test_a_part_of_a_blurred_digit_does_not_show_beside_it(track: Track) -> None:
    page = written("2026")
    part = Glyph(7, page[0].x + 6, page[0].y + 8, height=30, hand=70)
    readings = [seen(page if i % 6 or i < 6 else [part, *page[1:]], i) for i in range(60)]
    assert {texts(f)[0] for f in track(readings)[3:]} == {"2026"}


@both
def test_a_line_of_the_paper_that_clings_to_a_digit_does_not_move_it(track: Track) -> None:
    page = written("2026")
    readings = [seen(page, i) for i in range(40)]
    for i in range(12, 40, 3):
        digit = readings[i].digits[1]
        large = replace(digit, box=Box(digit.box.x, digit.box.y, digit.box.width + 50, digit.box.height + 60))
        readings[i] = replace(readings[i], digits=(readings[i].digits[0], large, *readings[i].digits[2:]))
    frames = track(readings)
    assert {d.box for f in frames[3:] for d in f.digits if d.id == 2} == {readings[0].digits[1].box}


@both
@pytest.mark.parametrize("fps", [2.0, 30.0])
def test_a_frame_in_which_all_goes_wrong_does_not_cost_identities(track: Track, fps: float) -> None:
    page = written("7042 19")
    strays = [look(Glyph(1, 700 + 20 * i, 500, height=20, hand=60 + i)) for i in range(3)]
    strange = [look(replace(g, hand=g.hand + 500), sure=0.3) for g in page]
    readings = [seen(page, i) for i in range(8)]
    readings[4] = reading(strays, strange)
    frames = track(readings, fps)
    assert labels(frames[2]) == labels(frames[7])
    assert [n.id for n in frames[2].numbers] == [n.id for n in frames[7].numbers]


@pytest.mark.parametrize("times", [[0.0] * 30, [5.0 - i / 10 for i in range(30)], [i * 1e-9 for i in range(30)]])
def test_clocks_that_stand_still_or_run_backwards_are_borne(times: list[float]) -> None:
    tracker, page = Tracker(), written("2026")
    frames = [tracker.update(seen(moved(page, 3 * i, 0), i), Frame(PICTURE, i, t, "clip")) for i, t in enumerate(times)]
    assert {tuple(labels(f)) for f in frames[2:]} == {((1, 2), (2, 0), (3, 2), (4, 6))}


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_times_that_are_no_numbers_are_borne(bad: float) -> None:
    tracker, page = Tracker(), written("2026")
    times = [0.0, 0.1, bad, 0.3, 0.4]
    frames = [tracker.update(seen(page, i), Frame(PICTURE, i, t, "clip")) for i, t in enumerate(times)]
    assert texts(frames[-1]) == ["2026"]


def test_a_camera_that_changes_the_size_of_its_pictures_keeps_identities() -> None:
    page = written("2026")
    small = [replace(g, x=g.x / 2, y=g.y / 2, height=g.height / 2) for g in page]
    half = (SIZE[0] // 2, SIZE[1] // 2)
    readings = [seen(page, i) for i in range(10)] + [replace(seen(small, i), size=half) for i in range(10)]
    frames = live(readings)
    assert labels(frames[9]) == labels(frames[10]) == labels(frames[-1])


@both
def test_two_hundred_digits_and_none(track: Track) -> None:
    page = [Glyph((3 * i) % 10, 40 + 62 * (i % 20), 50 + 68 * (i // 20), height=36, hand=i) for i in range(200)]
    frames = track([seen(moved(page, 2 * i, -i), i) for i in range(8)] + [reading([])] * 8)
    assert len({d.id for d in frames[4].digits}) == 200
    assert frames[-1].digits == ()


@both
def test_digits_without_crops_and_probabilities(track: Track) -> None:
    digits = [Digit(Box(100 + 50 * i, 100, 40, 60), i, 0.9) for i in range(4)]
    moving = [
        reading([replace(d, box=d.box._replace(x=d.box.x + 4 * i)) for d in digits]) for i in range(20)
    ]  # fmt: skip
    frames = track(moving)
    assert {tuple(labels(f)) for f in frames[3:]} == {((1, 0), (2, 1), (3, 2), (4, 3))}


@both
def test_the_hint_stays_where_nothing_is_read(track: Track) -> None:
    nothing = replace(reading([]), hint=Hint.TOO_DARK, hint_detail="mean brightness 9 of 255")
    frames = track([nothing] * 5 + [seen(written("5"), i) for i in range(6)])
    assert (frames[2].hint, frames[2].hint_detail) == (Hint.TOO_DARK, "mean brightness 9 of 255")
    assert frames[-1].hint is None


def test_a_file_gives_each_frame_once_and_in_order() -> None:
    frames = [frame(i) for i in range(17)]
    out = list(smooth((f, seen(written("31"), f.index)) for f in frames))
    assert [f for f, _ in out] == frames
    tracker = LookAheadTracker(frames=2)
    counts = [len(tracker.push(f, seen(written("31"), f.index))) for f in frames[:5]]
    assert counts == [0, 0, 1, 1, 1]
    assert [f.index for f, _ in tracker.flush()] == [3, 4]
    assert tracker.flush() == []


def test_without_a_look_ahead_a_file_is_as_a_live_source() -> None:
    readings = [seen(written("31"), i) for i in range(8)]
    tracker = LookAheadTracker(frames=0)
    out = [tracker.push(frame(i), r) for i, r in enumerate(readings)]
    assert [len(settled) for settled in out] == [1] * 8
    assert [labels(settled[0][1]) for settled in out] == [labels(f) for f in live(readings)]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_files_of_few_frames(count: int) -> None:
    frames = as_file([seen(written("31"), i) for i in range(count)])
    assert [len(f.digits) for f in frames] == [2] * count
    assert all(d.id is not None for f in frames for d in f.digits)


def test_noise_does_not_pile_up() -> None:
    tracker = Tracker()
    for i in range(150):
        strays = [Glyph((i + j) % 10, 37 * ((i * 31 + j * 7) % 33), 20 * ((i * 17 + j * 5) % 35)) for j in range(30)]
        shown: Reading = tracker.update(seen(strays, i), frame(i))
    assert len(shown.digits) <= 60
    assert len(tracker._book.tracks) <= 600


@both
@pytest.mark.parametrize("first", [-1, 1])
def test_a_gap_at_the_limit_does_not_part_a_number_in_every_other_look(track: Track, first: int) -> None:
    """Slow swings, as of a page that turns to and fro: each side lasts longer than the belief in neighbours does."""

    def page(i: int) -> list[Glyph]:
        aside = 1.5 * first * (1 if i // 12 % 2 == 0 else -1)
        return written("2026", gap=8) + [replace(g, x=g.x + aside) for g in written("4135", x=414, gap=8)]

    alone = {tuple(n.text for n in numbers) for numbers in (group(seen(page(i)).digits)[1] for i in range(60))}
    assert alone == {("20264135",), ("2026", "4135")}  # else this test tests nothing
    frames = track([seen(page(i), i) for i in range(60)])
    assert {tuple(texts(f)) for f in frames[3:]} == {("2026", "4135") if first > 0 else ("20264135",)}


@both
@pytest.mark.parametrize(("first", "later"), [(0.9, 1.2), (1.1, 0.8)])
def test_a_gap_that_was_seen_wrongly_at_first_is_seen_rightly_soon(track: Track, first: float, later: float) -> None:
    def page(i: int) -> list[Glyph]:
        gap_px = 30 * (first if i == 0 else later)
        return written("2026", gap=8) + written("4135", x=384 + gap_px, gap=8)

    frames = track([seen(page(i), i) for i in range(24)])
    assert {tuple(texts(f)) for f in frames[10:]} == {("2026", "4135") if later > 1 else ("20264135",)}


@both
def test_a_pen_that_lay_between_parts_a_number_no_longer_than_it_lies_there(track: Track) -> None:
    page = written("24") + written("05", x=330)
    pen = Reject(Box(280, 260, 20, 80), "not a digit", probabilities(10, 0.99))
    lies = [5 <= i < 13 for i in range(40)]
    frames = track([replace(seen(page, i), rejects=(pen,) if lies[i] else ()) for i in range(40)])
    assert texts(frames[3]) == ["2405"]
    assert {tuple(texts(f)) for f in frames[24:]} == {("2405",)}


@both
def test_a_part_of_a_number_that_is_taken_away_is_a_number_at_once(track: Track) -> None:
    moving = [
        written("2026") + [replace(g, x=g.x + 8 * max(0, i - 9)) for g in written("41", x=408)] for i in range(24)
    ]
    frames = track([seen(page, i) for i, page in enumerate(moving)])
    assert texts(frames[8]) == ["202641"]
    assert all(texts(f) == ["2026", "41"] for f in frames[18:])


@both
def test_a_slash_parts_what_is_tracked(track: Track) -> None:
    digits, stroke = written("24"), Glyph(1, 304, 300, height=80)
    month = written("05", x=356)
    crossed = Reject(look(stroke).box, "a slash between numbers", probabilities(1, 0.99), stroke.crop(), is_sign=True)
    frames = track([replace(seen(moved([*digits, *month], 0, 0), i), rejects=(crossed,)) for i in range(12)])
    assert {tuple(texts(f)) for f in frames[3:]} == {("24", "05")}
