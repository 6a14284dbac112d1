"""The tables that explain: preprocessing, and how they get into the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.how_it_works import PAGE, replace_table
from benchmarks.preprocessing import STEPS, accuracies, markdown
from digitrec.classifier import Classifier
from digitrec.errors import OutputError
from digitrec.recognizer import DEFAULT_MODEL, Recognizer
from digitrec.training.compare import time_batch
from digitrec.training.model import build_quick, build_shipped
from digitrec.training.network import blocks_of
from digitrec.training.stages import OTHERS, SHOWN, _look, hardest_ways
from tests.shared import shared_file
from tests.test_samples import SAMPLES


def test_centring_by_mass_reads_what_stretching_does_not() -> None:
    data_dir = shared_file("photos").parent
    count, found = accuracies([DEFAULT_MODEL], data_dir)
    shares = [values[0] for values in found.values()]
    assert count > 200 and shares[-1] > 0.95 > shares[0] + 0.1
    table = markdown([DEFAULT_MODEL], count, found).splitlines()
    assert len(table) == 2 + len(STEPS) and table[-1].endswith(f"| {shares[-1]:.1%} |")


def test_the_time_of_a_batch_is_not_that_of_looking_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    run: list[int] = []
    before = Classifier._run
    monkeypatch.setattr(Classifier, "_run", lambda self, crops, batch: run.append(batch) or before(self, crops, batch))
    assert time_batch(DEFAULT_MODEL) > 0
    assert run.count(16) >= 10


def test_every_way_gives_28x28_and_only_stretching_loses_the_aspect() -> None:
    ink = np.zeros((60, 12), np.uint8)
    ink[2:58, 3:9] = 255
    widths = {}
    for name, step in STEPS.items():
        crop = step(ink)
        assert crop.shape == (28, 28)
        widths[name] = int((crop > 96).any(axis=0).sum())
    first, *others = widths.values()
    assert first >= 14 and max(others) <= 4


def test_the_digits_that_are_shown_are_misread_in_other_ways() -> None:
    reader = Recognizer()
    shown = hardest_ways(reader, [_look(reader, SAMPLES / name) for name in OTHERS])
    assert len({ways.digit for ways in shown}) == SHOWN
    for ways in shown:
        answers = ways.answers.argmax(axis=1).tolist()
        assert answers[-1] == ways.digit != answers[0] and len(ways.crops) == len(STEPS)


@pytest.mark.parametrize("build", [build_shipped, build_quick])
def test_the_drawing_leaves_out_no_layer_that_learns(build: Callable[[], Any]) -> None:
    model = build()
    blocks = blocks_of(model)
    assert sum(block.weights for block in blocks) == model.count_params()
    assert [block.side for block in blocks][-3:] == [5, 1, 1]


def test_the_page_of_archives_says_what_the_table_says() -> None:
    table = (PAGE.parent.parent / "README.md").read_text(encoding="utf-8")
    (share,) = re.findall(r"whole strings right \| ([\d.]+ %) \|", table)
    assert share in (PAGE.parent / "archives.md").read_text(encoding="utf-8")


def test_tables_are_replaced_in_their_places_only() -> None:
    text = "a\n<!-- compare -->\nold\n<!-- /compare -->\nb\n"
    assert replace_table(text, "compare", "| new |\n") == "a\n<!-- compare -->\n| new |\n<!-- /compare -->\nb\n"
    with pytest.raises(OutputError, match="no place for the table other"):
        replace_table(text, "other", "")


def test_the_page_has_its_places_and_pictures() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in ("compare", "preprocessing", "finetuning"):
        assert replace_table(text, name, "x") != text
    for line in text.splitlines():
        if line.startswith("!["):
            picture = PAGE.parent / line.split("](")[1].rstrip(")")
            assert Path(picture).is_file(), picture
