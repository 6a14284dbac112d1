"""Learning a person's own hand: the folder of crops, and what is gained and lost."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.hands import CONTINENTAL, Hand
from digitrec.classifier import Classifier
from digitrec.errors import SourceError
from digitrec.training.commands import main
from digitrec.training.extras import load_extras
from tests.lab_data import printed_digits, write_crops, write_mnist
from tests.shared import shared_file

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "models" / "digits.keras"


@pytest.mark.parametrize("head", ["file,label,predicted,confidence,source", "file,digit,confidence"])
def test_both_tables_are_read(head: str, tmp_path: Path) -> None:
    digits = printed_digits(10, 1)
    found = load_extras(write_crops(tmp_path, digits, head)).samples
    np.testing.assert_array_equal(found.x, digits.x)
    np.testing.assert_array_equal(found.y, digits.y)


def test_what_the_tools_write_is_read(tmp_path: Path) -> None:
    """A crop saved by ``cam.py --save-crops`` and one collected by the canvas."""
    from digitrec.canvas.collect import Collection
    from digitrec.canvas.marks import Kind, Mark
    from digitrec.outputs.crops import Crops
    from digitrec.results import Box, Digit, Frame, Reading

    crop = printed_digits(8, 1).x[7]
    digit = Digit(Box(5, 5, 20, 30), 1, 0.7, crop=crop)
    with Crops(tmp_path / "cam") as crops:
        crops.write(Frame(np.zeros((50, 50, 3), np.uint8), 0, 0.0, "a.png"), Reading((digit,), (), (50, 50)))
    saved = load_extras(tmp_path / "cam").samples
    assert saved.y.tolist() == [1]
    np.testing.assert_array_equal(saved.x[0], crop)
    mark = Mark(digit.box, Kind.READ, 1, 1, 0.7, crop=crop)
    Collection(tmp_path / "hand").add(mark, 7, "canvas")
    assert load_extras(tmp_path / "hand").samples.y.tolist() == [7]


def test_a_table_from_a_spreadsheet_is_read(tmp_path: Path) -> None:
    write_crops(tmp_path, printed_digits(3, 1))
    table = tmp_path / "labels.csv"
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes().replace(b",", b";").replace(b"\n", b"\r\n"))
    assert load_extras(tmp_path).samples.y.tolist() == [0, 1, 2]


def test_later_rows_correct_earlier_ones_and_deleted_crops_are_counted(tmp_path: Path) -> None:
    write_crops(tmp_path, printed_digits(3, 1))
    with (tmp_path / "labels.csv").open("a") as file:
        file.write("digit-00001.png,10,1,0.5,canvas\n")
    (tmp_path / "digit-00002.png").unlink()
    found = load_extras(tmp_path)
    assert found.samples.y.tolist() == [10, 2] and found.missing == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda folder: (folder / "labels.csv").unlink(), "cannot be read"),
        (lambda folder: (folder / "labels.csv").write_text("a,b\n1,2\n"), "lacks the columns"),
        (lambda folder: (folder / "labels.csv").write_text("file,label\n"), "holds no crops"),
        (lambda folder: (folder / "labels.csv").write_bytes(b"\xff\xfe\x00file"), "not UTF-8"),
        (lambda folder: (folder / "labels.csv").write_text("file,label\ndigit-00001.png,seven\n"), "line 2: 'seven'"),
        (lambda folder: (folder / "digit-00001.png").write_bytes(b"GIF"), "no crop of 28x28 pixels (no picture)"),
        (lambda folder: cv2.imwrite(str(folder / "digit-00001.png"), np.zeros((30, 20), np.uint8)), "(20x30)"),
    ],
)
def test_spoilt_folders_are_told(change: object, words: str, tmp_path: Path) -> None:
    write_crops(tmp_path, printed_digits(1, 1))
    change(tmp_path)  # type: ignore[operator]
    with pytest.raises(SourceError, match=r".*") as caught:
        load_extras(tmp_path)
    assert words in caught.value.message and "\n" not in caught.value.message


def test_existing_files_and_the_model_itself_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_crops(tmp_path / "hand", printed_digits(1, 1))
    command = ["finetune", "--extra", str(tmp_path / "hand")]
    assert main([*command, "--out", str(MODEL.with_suffix(".tflite")), "--force"]) == 2
    (tmp_path / "mine.tflite").write_text("precious")
    assert main([*command, "--out", str(tmp_path / "mine.tflite")]) == 6
    assert (tmp_path / "mine.tflite").read_text() == "precious"
    assert main([*command, "--out", str(tmp_path / "mine.h5")]) == 2
    assert "--force" in capsys.readouterr().err


def test_a_new_hand_is_learnt_and_nothing_forgotten(tmp_path: Path) -> None:
    """Twenty crops of a hand whose 3 nobody would know; other pictures of that hand, and MNIST's tests, are judged."""
    with np.load(shared_file("mnist.npz")) as file:
        x, y, x_test, y_test = (file[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    from digitrec.training.data import Samples

    data = write_mnist(tmp_path / "data", Samples(x[:24000], y[:24000]), Samples(x_test[:50], y_test[:50]))
    zigzag = (((0.95, 0.0), (0.1, 0.0), (0.6, 0.5), (0.1, 1.0), (0.95, 1.0)),)
    hand = Hand(CONTINENTAL | {3: zigzag})
    write_crops(tmp_path / "hand", hand.samples(2, 1))
    out = tmp_path / "mine.tflite"
    command = ["finetune", "--extra", str(tmp_path / "hand"), "--data-dir", str(data), "--out", str(out)]
    assert main([*command, "--steps", "100"]) == 0
    others = hand.samples(30, 99)

    def right(model: Path, pictures: np.ndarray, labels: np.ndarray) -> float:
        return float((Classifier(model).classify(pictures)[:, :10].argmax(1) == labels).mean())

    before, after = (right(model, others.x, others.y) for model in (MODEL.with_suffix(".tflite"), out))
    assert before < 0.95 and after > 0.97
    cost = right(MODEL.with_suffix(".tflite"), x_test, y_test) - right(out, x_test, y_test)
    assert cost < 0.002
    assert out.with_suffix(".keras").is_file()
