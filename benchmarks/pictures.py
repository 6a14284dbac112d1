"""Whole pictures: photographs, cheque amounts, and rendered sheets of letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.crops import Reader
from benchmarks.datasets import Photo, is_letter_photo, load_amounts, load_photos, stranger_glyphs
from benchmarks.matching import Labelled, Matches, Score, edit_distance, match, score
from benchmarks.report import Outcome, Row
from benchmarks.sheets import Mistake, region
from digitrec.results import Box, Image, Reading
from digitrec.training.scenes import ClutterSpec, GlyphBank, LayoutSpec, SceneSpec, render


def predictions(reading: Reading) -> list[Labelled]:
    """The digits of a reading."""
    return [Labelled(d.box, d.digit, d.confidence) for d in reading.digits]


def mistakes_of(image: Image, matches: Matches, source: str) -> list[Mistake]:
    """The errors of one picture, cut out of it."""
    found = [
        Mistake(region(image, p.box), str(t.digit), str(p.digit), p.confidence, source) for t, p in matches.confused
    ]
    found += [Mistake(region(image, t.box), str(t.digit), "-", 0.0, source) for t in matches.missed]
    found += [Mistake(region(image, p.box), "none", str(p.digit), p.confidence, source) for p in matches.invented]
    return found


def note_confidence(outcome: Outcome, matches: Matches) -> None:
    """Add each prediction's confidence and whether it was right."""
    hits = [p for _, p in matches.hits]
    wrong = [p for _, p in matches.confused] + list(matches.invented)
    outcome.confidence.extend(p.confidence for p in (*hits, *wrong))
    outcome.right.extend([True] * len(hits) + [False] * len(wrong))


def measure_photos(reader: Reader, data_dir: Path) -> Outcome:
    """Photographs with boxes: F1 of both halves; photographs of single letters: the share answered."""
    photos = load_photos(data_dir)
    outcome = Outcome()
    halves: tuple[tuple[str, Callable[[Photo], bool]], ...] = (
        ("tuning half", lambda photo: photo.tuning),
        ("held-out half", lambda photo: not photo.tuning),
    )
    total, lenient = Score(), Score()
    for name, belongs in halves:
        part, mistakes = Score(), []
        for photo in photos:
            if belongs(photo) and photo.truth is not None:
                found = predictions(reader.read(photo.image))
                matches = match(photo.truth, found)
                part += score(matches)
                lenient += score(match(photo.truth, found, photo.unlabelled))
                mistakes += mistakes_of(photo.image, matches, photo.name)
                note_confidence(outcome, matches)
        outcome.rows.extend(f1_rows(f"photos, {name}", part, 0.97))
        outcome.mistakes["photos_" + name.replace(" ", "_").replace("-", "_")] = mistakes
        total += part
    outcome.rows.extend(f1_rows("photos, all", total, 0.97))
    outcome.rows.append(Row("photos, all but digits that the truth leaves out: F1", lenient.f1, lenient.true))
    _letter_photos(reader, photos, outcome)
    return outcome


def _letter_photos(reader: Reader, photos: list[Photo], outcome: Outcome) -> None:
    letters = [photo for photo in photos if is_letter_photo(photo)]
    answered, mistakes = 0, []
    for photo in letters:
        digits = reader.read(photo.image).digits
        answered += bool(digits)
        mistakes += [
            Mistake(region(photo.image, d.box), photo.lines[0], str(d.digit), d.confidence, photo.name) for d in digits
        ]
    if letters:
        goal = 0.1
        outcome.rows.append(
            Row("photos of letters, answered", answered / len(letters), len(letters), goal, at_least=False)
        )
    outcome.mistakes["photos_of_letters"] = mistakes


def f1_rows(name: str, counts: Score, goal: float | None) -> list[Row]:
    """F1, precision and recall."""
    return [
        Row(f"{name}: F1", counts.f1, counts.true, goal),
        Row(f"{name}: precision", counts.precision, counts.predicted),
        Row(f"{name}: recall", counts.recall, counts.true),
    ]


def measure_amounts(reader: Reader, data_dir: Path) -> Outcome:
    """ORAND-CAR-A's held-back fifth: whole strings right, and edit distance over digits."""
    amounts = load_amounts(data_dir)
    outcome, mistakes = Outcome(), []
    whole = errors = digits = 0
    counts = Score()
    for amount in amounts:
        found = predictions(reader.read(amount.image))
        text = "".join(str(d.digit) for d in sorted(found, key=lambda d: d.box.center[0]))
        whole += text == amount.text
        errors += edit_distance(text, amount.text)
        digits += len(amount.text)
        matches = match(amount.truth, found)
        counts += score(matches)
        note_confidence(outcome, matches)
        if text != amount.text:
            doubt = 1 - min((d.confidence for d in found), default=1.0)
            mistakes.append(Mistake(amount.image, amount.text, text or "-", 1 - doubt, amount.name[:12]))
    outcome.rows.extend(
        (
            Row("cheque amounts, whole strings", whole / max(1, len(amounts)), len(amounts), 0.8),
            Row("cheque amounts, digit errors", errors / max(1, digits), digits, 0.07, at_least=False),
            *f1_rows("cheque amounts", counts, None),
        )
    )
    outcome.mistakes["cheque_amounts"] = mistakes
    return outcome


def measure_letter_sheets(reader: Reader, data_dir: Path, sheets: int = 40) -> Outcome:
    """Held-back letters and symbols written on rendered sheets: the share that comes out as a digit."""
    outcome, mistakes = Outcome(), []
    bank = GlyphBank((), (), stranger_glyphs(data_dir, held_back=True))
    shown = answered = 0
    for seed in range(sheets):
        rng = np.random.default_rng([seed, 11])
        layout = LayoutSpec(height_px=float(rng.uniform(30, 110)), max_digits=0)
        scene = render(SceneSpec(layout=layout, clutter=ClutterSpec(glyphs=14)), bank, rng)
        found = reader.read(scene.image).digits
        shown += len(scene.clutter)
        answered += sum(_touches(d.box, scene.clutter) for d in found)
        mistakes += [Mistake(region(scene.image, d.box), "none", str(d.digit), d.confidence, f"{seed}") for d in found]
    if shown:
        row = Row("held-back letters on rendered sheets, answered", answered / shown, shown, 0.03, at_least=False)
        outcome.rows.append(row)
    outcome.mistakes["letter_sheets"] = mistakes
    return outcome


def _touches(box: Box, others: Sequence[Box]) -> bool:
    x, y = box.center
    return any(o.x <= x <= o.x + o.width and o.y <= y <= o.y + o.height for o in others)
