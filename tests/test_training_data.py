"""Data sets that are damaged or of another kind end in one line that names the file, before any work."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from digitrec.console import Console
from digitrec.errors import SourceError, UsageError
from digitrec.training.commands import main
from digitrec.training.data import extra_digits, letter_pictures, load_mnist, load_training_sets, symbol_pictures
from digitrec.training.page_crops import training_bank
from digitrec.training.plain import split_mnist
from digitrec.training.strings import Strings
from digitrec.training.svc import SvcRecipe, train_svc
from tests.lab_data import printed_digits, write_mnist


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return write_mnist(tmp_path / "data", printed_digits(60, 1), printed_digits(20, 2))


def truncate(path: Path) -> None:
    np.savez(path, x=np.zeros((30, 16, 16), np.uint8), y=np.arange(30) % 10)
    path.write_bytes(path.read_bytes()[:900])


def test_a_set_that_is_cut_short_is_told_before_evaluation(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truncate(data_dir / "semeion.npz")
    assert main(["evaluate", "--data-dir", str(data_dir), "--out", str(tmp_path / "out")]) == 4
    (said,) = capsys.readouterr().err.strip().splitlines()
    assert "semeion.npz is damaged" in said
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("name", ["usps_train.npz", "optdigits_train.npz", "letters.npz", "symbols.npz"])
def test_a_training_set_that_is_cut_short_is_named(name: str, data_dir: Path) -> None:
    truncate(data_dir / name)
    with pytest.raises(SourceError, match=f"{name} is damaged"):
        [extra_digits(data_dir), letter_pictures(data_dir, False), symbol_pictures(data_dir, False)]
    with pytest.raises(SourceError, match=f"{name} is damaged"):
        write_mnist(data_dir, printed_digits(5010, 1), printed_digits(20, 2))
        training_bank(data_dir)


def test_pieces_that_are_cut_short_are_named(tmp_path: Path) -> None:
    truncate(tmp_path / "pieces.npz")
    with pytest.raises(SourceError, match=r"pieces\.npz is damaged"):
        Strings.load(tmp_path / "pieces.npz")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"x_train": np.zeros((60, 14, 14), np.uint8)},
            r"must be uint8 \(N, 28, 28\), not uint8 \(60, 14, 14\)",
        ),
        ({"x_train": np.zeros((60, 784), np.uint8)}, "x_train must be uint8"),
        ({"x_train": np.zeros((60, 28, 28), np.float32)}, "not float32"),
        ({"x_test": np.zeros((0, 28, 28), np.uint8)}, "x_test must be"),
        ({"y_train": np.zeros(59, np.int64)}, "y_train must have a label for each of 60"),
        ({"y_test": np.full(20, 10)}, "y_test must be whole numbers from 0 to 9"),
        ({"y_test": np.full(20, "seven")}, "y_test must be whole numbers"),
        ({"y_test": np.full(20, None)}, "is damaged"),
        ({"y_test": None}, "y_test"),
    ],
)
def test_another_mnist_is_told(change: dict[str, np.ndarray | None], words: str, data_dir: Path) -> None:
    path = data_dir / "mnist.npz"
    with np.load(path) as file:
        arrays = {**file, **change}
    np.savez(path, **{name: value for name, value in arrays.items() if value is not None})
    with pytest.raises(SourceError, match=words) as caught:
        load_mnist(data_dir)
    assert str(path) in caught.value.message and "\n" not in caught.value.message


def test_too_small_an_mnist_is_told(data_dir: Path) -> None:
    with pytest.raises(SourceError, match="more than 5000 pictures, not 60"):
        load_training_sets(data_dir)
    write_mnist(data_dir, printed_digits(5, 1), printed_digits(20, 2))
    with pytest.raises(SourceError, match="none can be held back"):
        split_mnist(data_dir)


def test_too_few_pictures_for_the_svc_are_a_matter_of_usage() -> None:
    with pytest.raises(UsageError, match="not every digit occurs"):
        train_svc(printed_digits(60, 1), printed_digits(20, 2), SvcRecipe(pictures=5), Console())
