"""The run-time model loader: what it accepts, what it refuses, and that a batch is as good as one by one."""

import hashlib
import pickle
import shutil
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitrec.classifier import DIGITS, MEMORY, PLAIN, QUICK, Classifier, open_classifier
from digitrec.errors import ModelError
from digitrec.modelfile import eight_bit_path, fastest_form
from digitrec.recognizer import DEFAULT_MODEL
from digitrec.strings import DEFAULT_STRINGS, StringReader, string_picture
from digitrec.training.modelfiles import note_sums
from digitrec.views import CLEAR, judge


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(DEFAULT_MODEL)


@pytest.mark.parametrize("count", [0, 1, 3, 17, 64, 65, 150])
def test_any_batch_gives_probabilities(classifier, count) -> None:
    crops = np.random.default_rng(count).integers(0, 255, (count, 28, 28), np.uint8)
    rows = classifier.classify(crops)
    assert rows.shape == (count, 11)
    assert np.isfinite(rows).all()
    np.testing.assert_allclose(rows.sum(1), 1, atol=1e-4)


def test_batch_and_order_do_not_matter(classifier) -> None:
    crops = np.random.default_rng(5).integers(0, 255, (40, 28, 28), np.uint8)
    together = classifier.classify(crops)
    classifier.forget()
    np.testing.assert_allclose(together[::-1], classifier.classify(crops[::-1]), atol=1e-5)
    classifier.forget()
    np.testing.assert_allclose(together[7:8], classifier.classify(crops[7:8]), atol=1e-5)


def test_crops_that_come_again_are_answered_from_memory(classifier, monkeypatch) -> None:
    asked: list[int] = []
    run = classifier._run
    monkeypatch.setattr(classifier, "_run", lambda crops, batch: asked.append(len(crops)) or run(crops, batch))
    rng = np.random.default_rng(6)
    first, second = (rng.integers(0, 255, (12, 28, 28), np.uint8) for _ in range(2))
    classifier.forget()
    rows = classifier.classify(first)
    mixed = classifier.classify(np.concatenate([second, first[::-1], second]))
    assert sum(asked) == 24
    np.testing.assert_array_equal(mixed[12:24], rows[::-1])
    np.testing.assert_array_equal(mixed[:12], mixed[24:])
    for _ in range(9):  # what is kept does not grow
        classifier.classify(rng.integers(0, 255, (200, 28, 28), np.uint8))
    assert len(classifier._known) <= MEMORY
    np.testing.assert_allclose(classifier.classify(first), rows, atol=1e-5)


@pytest.mark.parametrize(
    "crops", [np.zeros((2, 20, 20), np.uint8), np.zeros((2, 28, 28)), np.zeros((28, 28), np.uint8)]
)
def test_other_shapes_and_types_are_refused(classifier, crops) -> None:
    with pytest.raises(ValueError, match="uint8"):
        classifier.classify(crops)


def test_the_shipped_model_has_its_checksum() -> None:
    sums = (DEFAULT_MODEL.parent / "SHA256SUMS").read_text().splitlines()
    assert f"{hashlib.sha256(DEFAULT_MODEL.read_bytes()).hexdigest()}  {DEFAULT_MODEL.name}" in sums


def _flip_a_bit(folder: Path) -> Path:
    path = Path(shutil.copy(DEFAULT_MODEL, folder))
    shutil.copy(DEFAULT_MODEL.parent / "SHA256SUMS", folder)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    return path


def _pickle(folder: Path) -> Path:
    path = folder / "svc.pkl"
    path.write_bytes(pickle.dumps({"weights": 1}))
    return path


def _zip(folder: Path) -> Path:
    path = folder / "model.tflite"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
    return path


def _named(name: str, data: bytes):
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    return make


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda folder: folder / "none.tflite", "cannot be read"),
        (lambda folder: folder, "no .tflite"),
        (_flip_a_bit, "SHA-256"),
        (_pickle, "can run code"),
        (_zip, "TFL3"),
        (_named("old.h5", b"\x89HDF\r\n\x1a\n"), "can run code"),
        (_named("empty.tflite", b""), "TFL3"),
        (_named("short.tflite", b"\x1c\0\0\0TFL3" + b"\0" * 40), "damaged"),
    ],
    ids=["missing", "folder", "bit flipped", "pickle", "zip", "h5", "empty", "cut"],
)
def test_refused_in_one_line(tmp_path, make, says) -> None:
    with pytest.raises(ModelError, match=says) as caught:
        Classifier(make(tmp_path))
    assert "\n" not in caught.value.message
    assert caught.value.exit_code == 5


def rings() -> np.ndarray:
    """From a 0 to a C."""
    crops = np.zeros((60, 28, 28), np.uint8)
    for gap, crop in enumerate(crops):
        cv2.ellipse(crop, (14, 14), (6, 9), 0, 2 * gap, 360 - 2 * gap, 255, 2, cv2.LINE_AA)
    return crops


def test_what_is_plain_is_left_to_the_quick_network(classifier: Classifier) -> None:
    crops = rings()
    quick, slow = (Classifier(fastest_form(DEFAULT_MODEL.with_name(name))) for name in (QUICK, DIGITS))
    both, first, second = (c.classify(crops) for c in (open_classifier(DEFAULT_MODEL), quick, slow))
    plain = first.max(axis=1) >= PLAIN
    assert 0 < plain.sum() < len(crops)
    np.testing.assert_allclose(both[plain], first[plain], atol=1e-5)
    np.testing.assert_allclose(both[~plain], second[~plain], atol=1e-5)
    assert (first[plain].argmax(axis=1) == classifier.classify(crops)[plain].argmax(axis=1)).all()


@pytest.mark.parametrize("name", ["digits", "quick", "strings"])
def test_eight_bits_are_taken_where_they_belong_to_the_model(name: str, tmp_path: Path) -> None:
    model = DEFAULT_MODEL.with_name(f"{name}.tflite")
    form = eight_bit_path(model)
    assert fastest_form(model) == form
    for file in (model, form):
        shutil.copy(file, tmp_path)
    mine = tmp_path / model.name
    assert fastest_form(mine) == mine  # nothing says that it was made of this one
    note_sums(tmp_path, [model.name])
    assert eight_bit_path(mine).exists() is False  # made of another
    shutil.copy(form, tmp_path)
    note_sums(tmp_path, [form.name])
    assert fastest_form(mine) == eight_bit_path(mine)
    mine.write_bytes(DEFAULT_MODEL.with_name(QUICK).read_bytes()[:-1])
    with pytest.raises(ModelError, match="SHA-256"):
        fastest_form(mine)


def test_eight_bits_answer_alike(classifier: Classifier) -> None:
    fast = Classifier(fastest_form(DEFAULT_MODEL))
    crops = rings()
    difference = np.abs(fast.classify(crops) - classifier.classify(crops)).max(axis=1)
    assert np.median(difference) < 0.01 and difference.max() < 0.25
    read, slowly = StringReader(), StringReader(DEFAULT_STRINGS)
    picture = string_picture(np.hstack([crops[0], crops[5]]))
    assert read.read(picture).digits == slowly.read(picture).digits == (0, 0)


def test_a_model_of_its_own_answers_alone(classifier: Classifier, tmp_path: Path) -> None:
    for name in (DEFAULT_MODEL.name, QUICK):
        shutil.copy(DEFAULT_MODEL.with_name(name), tmp_path)
    mine = shutil.copy(DEFAULT_MODEL, tmp_path / "mine.tflite")
    np.testing.assert_array_equal(open_classifier(mine).classify(rings()), classifier.classify(rings()))
    (tmp_path / QUICK).unlink()
    alone = open_classifier(tmp_path / DEFAULT_MODEL.name)
    np.testing.assert_array_equal(alone.classify(rings()), classifier.classify(rings()))


def test_a_damaged_quick_network_is_refused(tmp_path: Path) -> None:
    shutil.copy(DEFAULT_MODEL, tmp_path)
    (tmp_path / QUICK).write_bytes(b"\x1c\0\0\0TFL3" + b"\0" * 40)
    with pytest.raises(ModelError, match=QUICK):
        open_classifier(tmp_path / DEFAULT_MODEL.name)


def test_unsure_crops_are_looked_at_again_and_sure_ones_are_not(classifier: Classifier) -> None:
    crops = rings()
    once = classifier.classify(crops)
    seen = judge(classifier, crops)
    unsure = once.max(axis=1) < CLEAR
    assert 0 < unsure.sum() < len(crops)
    np.testing.assert_array_equal(seen[~unsure], once[~unsure])
    assert (np.abs(seen[unsure] - once[unsure]).max(axis=1) > 1e-4).all()
    np.testing.assert_allclose(seen.sum(axis=1), 1, atol=1e-3)
    np.testing.assert_array_equal(classifier.classify(crops), once)  # what is remembered is not changed
    assert judge(classifier, crops[:0]).shape == (0, 11)
