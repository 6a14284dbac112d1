"""``python -m benchmarks.tuning``: what choices are made on, so that nothing is chosen on what is measured.

Pages in the manner of the benchmark's clips, other numbers on each, written by the writers of MNIST's validation part
with letters that training knows; a tenth of the trained cheques; the photographs' tuning half; desks without writing.
"""

from __future__ import annotations

import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.accuracy import make_parser, report
from benchmarks.clips import cache_folder, clip_specs, kept_scenes
from benchmarks.crops import Reader
from benchmarks.datasets import load_amounts, load_photos, stranger_glyphs
from benchmarks.matching import Labelled, Score, edit_distance, match, score
from benchmarks.moving import exact_numbers
from benchmarks.pictures import mistakes_of, predictions
from benchmarks.report import Outcome, Row
from digitrec.training.data import MNIST_VALIDATION, is_validation, load_mnist
from digitrec.training.scenes import ClutterSpec, GlyphBank, LayoutSpec, Scene, SceneSpec, render

PAGES = 16
"""Of each situation."""

SMALL_PX = (14, 20, 30)
"""Heights of the digits of three situations more: small writing."""

STREWN, STREWN_DEG = (("0",), ("0",), ("0",), ("0",), ("00",), ("000",)), (0, 12, -18, 24, -30)
"""Numbers strewn about, so that no line tells the sheet's tilt; two situations more with letters among them."""


def tuning_pages(name: str, data_dir: Path) -> Iterator[Scene]:
    """Single pages in the manner of clip ``name``, from the cache where an earlier run has made them.

    Raises:
        SourceError: the data sets that they are made of are missing.
    """
    return kept_scenes(cache_folder(data_dir) / f"tuning-{PAGES}-{name}", lambda: _render(name, data_dir))


def situations() -> dict[str, SceneSpec]:
    """Name -> scene."""
    scenes = {name: clip.scene for name, clip in clip_specs().items()}
    plain = scenes["plain"]
    small = {f"small_{px}": replace(plain, layout=replace(plain.layout, height_px=px)) for px in SMALL_PX}
    strewn = replace(plain, layout=replace(plain.layout, lines=STREWN, scatter=True))
    turned = {f"strewn_{deg}": replace(strewn, camera=replace(strewn.camera, tilt_deg=deg)) for deg in STREWN_DEG}
    among = replace(strewn, clutter=ClutterSpec(glyphs=5))
    turned |= {f"strewn_among_{deg}": replace(among, camera=replace(among.camera, tilt_deg=deg)) for deg in (0, 28)}
    return scenes | small | turned


def _render(name: str, data_dir: Path) -> Iterator[Scene]:
    mnist = load_mnist(data_dir)[0].take(slice(-MNIST_VALIDATION, None))
    bank = GlyphBank(list(mnist.x), mnist.y.tolist(), stranger_glyphs(data_dir, held_back=False))
    spec = situations()[name]
    for index in range(PAGES):
        rng = np.random.default_rng([zlib.crc32(name.encode()), 17, index])
        layout = replace(spec.layout, lines=_other_numbers(spec.layout, rng)) if not spec.messy else LayoutSpec()
        yield render(replace(spec, layout=layout), bank, rng)


def _other_numbers(layout: LayoutSpec, rng: np.random.Generator) -> tuple[tuple[str, ...], ...]:
    """Numbers as long as those of ``layout``, of random digits."""
    return tuple(
        tuple("".join(str(d) for d in rng.integers(0, 10, len(word))) for word in line) for line in layout.lines
    )


def measure_pages(reader: Reader, data_dir: Path, names: Sequence[str]) -> Outcome:
    """F1, numbers right and time of each situation."""
    outcome, total = Outcome(), Score()
    exact = numbers = 0
    for name in names:
        part, right, shown, mistakes = Score(), 0, 0, []
        scenes = list(tuning_pages(name, data_dir))
        start = time.perf_counter()
        readings = [reader.read(scene.image) for scene in scenes]
        took_s = time.perf_counter() - start
        for index, (scene, reading) in enumerate(zip(scenes, readings, strict=True)):
            matches = match([Labelled(d.box, d.digit) for d in scene.digits], predictions(reading), scene.ignored)
            part += score(matches)
            good, count = exact_numbers(scene, reading)
            right, shown = right + good, shown + count
            mistakes += mistakes_of(scene.image, matches, f"{name} {index}")
        ms = 1000 * took_s / len(scenes)
        if part.true:
            outcome.rows.extend([Row(f"{name}: F1", part.f1, part.true), Row("  numbers right", right / shown, shown)])
        else:
            outcome.rows.append(Row(f"{name}: digits answered", part.predicted, 0, unit=""))
        outcome.rows.append(Row("  ms a page", ms, len(scenes), unit=""))
        outcome.mistakes[f"tuning_{name}"] = mistakes
        total, exact, numbers = total + part, exact + right, numbers + shown
    outcome.rows.extend(
        [Row("pages, all: F1", total.f1, total.true), Row("  numbers right", exact / max(1, numbers), numbers)]
    )
    return outcome


def measure_amounts(reader: Reader, data_dir: Path) -> Outcome:
    """Whole strings right, and edit distance over digits, of every tenth cheque of the trained part."""
    outcome = Outcome()
    amounts = load_amounts(data_dir, held_back=False)
    whole = errors = digits = 0
    chosen = [amount for amount, held in zip(amounts, is_validation(len(amounts)), strict=True) if held]
    for amount in chosen:
        found = sorted(predictions(reader.read(amount.image)), key=lambda d: d.box.center[0])
        text = "".join(str(d.digit) for d in found)
        whole, errors = whole + (text == amount.text), errors + edit_distance(text, amount.text)
        digits += len(amount.text)
    outcome.rows.extend([Row("cheques: whole strings", whole / len(chosen), len(chosen))])
    outcome.rows.extend([Row("  digit errors", errors / digits, digits)])
    return outcome


def measure_photos(reader: Reader, data_dir: Path) -> Outcome:
    """F1 of the photographs' tuning half."""
    outcome, total, mistakes = Outcome(), Score(), []
    for photo in load_photos(data_dir):
        if photo.tuning and photo.truth is not None:
            matches = match(photo.truth, predictions(reader.read(photo.image)))
            total += score(matches)
            mistakes += mistakes_of(photo.image, matches, photo.name)
    outcome.rows.append(Row("photographs, tuning half: F1", total.f1, total.true))
    outcome.mistakes["tuning_photographs"] = mistakes
    return outcome


def measure(reader: Reader, data_dir: Path, names: Sequence[str]) -> Outcome:
    """Pages of the named situations; of all of them, cheques and photographs too."""
    outcome = measure_pages(reader, data_dir, names)
    if set(names) == set(situations()):
        for part in (measure_amounts(reader, data_dir), measure_photos(reader, data_dir)):
            outcome.rows.extend(part.rows)
            outcome.mistakes.update(part.mistakes)
    return outcome


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit status."""
    names = list(situations())
    return report(make_parser("tuning", __doc__, names, "runs/tuning").parse_args(argv), names, measure)


if __name__ == "__main__":
    sys.exit(main())
