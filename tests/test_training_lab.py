"""Every command of the model lab, on data so small that training takes seconds."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from digitrec.classifier import Classifier
from digitrec.console import Console
from digitrec.interrupts import Interrupted
from digitrec.modelfile import fastest_form, read_sums
from digitrec.strings import StringReader, string_picture
from digitrec.training.commands import main, make_parser
from digitrec.training.data import Samples
from digitrec.training.modelfiles import note_sums
from tests.lab_data import printed_digits, write_mnist

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mnist(tmp_path_factory.mktemp("data"), printed_digits(720, 1), printed_digits(200, 2))


@pytest.fixture(scope="module")
def lenet(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained LeNet-5: its folder."""
    out = tmp_path_factory.mktemp("runs") / "lenet5"
    assert main([*train(data_dir, out), "--epochs", "4"]) == 0
    return out


def train(data_dir: Path, out: Path, architecture: str = "lenet5") -> list[str]:
    return ["train", "--architecture", architecture, "--data-dir", str(data_dir), "--out", str(out)]


def weights(path: Path) -> list[np.ndarray]:
    from digitrec.training.modelfiles import load_keras

    return load_keras(path).get_weights()


def epochs(out: Path) -> list[int]:
    return [json.loads(line)["epoch"] for line in (out / "log.jsonl").read_text().splitlines()]


def test_help_shows_defaults_and_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from digitrec.training.commands import main\n"
        "for name in ('train', 'compare', 'evaluate', 'plots', 'finetune', 'export', 'verify', 'sample'):\n"
        "    try:\n"
        "        main([name, '--help'])\n"
        "    except SystemExit as end:\n"
        "        assert end.code == 0, name\n"
        "heavy = {'tensorflow', 'keras', 'cv2', 'numpy', 'matplotlib', 'sklearn'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "(default: runs/compare)" in done.stdout
    assert done.stdout.count("--seed N") >= 8 and "None)" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "required: COMMAND"),
        (["train", "--epochs", "0"], "'0' is not a number"),
        (["train", "--architecture", "huge"], "invalid choice: 'huge'"),
        (["compare", "--only", "classic,huge"], "'huge' is none of"),
        (["train", "--data-dir", "/no/such/folder"], "is no folder"),
        (["train", "--pictures", "5"], "--pictures is for"),
        (["train", "--teacher", "models/digits.tflite"], "--teacher is for shipped with --start"),
        (["train", "--architecture", "lenet5", "--teacher", "models/digits.tflite"], "--teacher is for shipped"),
        (["finetune"], "--extra"),
    ],
)
def test_wrong_usage_is_one_line(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1 and words in said[0]


def test_every_command_has_an_action() -> None:
    from digitrec.training import actions

    for line in make_parser().format_help().splitlines():
        if line.startswith("    ") and not line.startswith("     "):
            assert hasattr(actions, f"run_{line.split()[0]}"), line


def test_a_folder_without_mnist_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(train(tmp_path, tmp_path / "out")) == 4
    assert "holds no mnist.npz" in capsys.readouterr().err


def test_train_gives_a_model_that_runs(lenet: Path, data_dir: Path) -> None:
    test = printed_digits(200, 2)
    probabilities = Classifier(lenet / "lenet5.tflite").classify(test.x)
    assert probabilities.shape == (200, 11) and not probabilities[:, 10].any()
    right = float((probabilities.argmax(1) == test.y).mean())
    assert right > 0.9
    metrics = json.loads((lenet / "metrics.json").read_text())
    assert metrics["mnist_test"] == pytest.approx(right) and metrics["keras_litert_difference"] < 1e-4
    assert epochs(lenet) == [1, 2, 3, 4]


def interrupt_after_an_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+C when the first epoch is told."""
    say = Console.say

    def interrupt(console: Console, line: str) -> None:
        say(console, line)
        if line.startswith("epoch 1 "):
            raise Interrupted(signal.SIGINT)

    monkeypatch.setattr(Console, "say", interrupt)


def test_strings_train_and_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted when the first epoch is told, and gone on with."""
    data_dir = write_mnist(tmp_path, printed_digits(5200, 1), printed_digits(10, 2))
    command = [*train(data_dir, tmp_path / "out", "strings"), "--pictures", "160", "--scenes", "1"]
    interrupt_after_an_epoch(monkeypatch)
    assert main([*command, "--epochs", "2"]) == 130
    assert not (tmp_path / "out" / "strings.keras").exists()
    assert main([*command, "--epochs", "2", "--resume"]) == 0
    rows = [json.loads(line) for line in (tmp_path / "out" / "strings-log.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == [1, 2]
    assert rows[0]["loss"] > rows[1]["loss"] > 0  # it went on from what it had learnt
    string = StringReader(tmp_path / "out" / "strings.tflite").read(string_picture(printed_digits(1, 3).x[0]))
    assert 0 <= string.probability <= 1


def test_same_seed_same_weights_also_when_resumed(lenet: Path, data_dir: Path, tmp_path: Path) -> None:
    again = train(data_dir, tmp_path)
    assert main([*again, "--epochs", "2"]) == 0
    assert main([*again, "--epochs", "4", "--resume"]) == 0
    assert epochs(tmp_path) == [1, 2, 3, 4]
    for ours, theirs in zip(weights(tmp_path / "lenet5.keras"), weights(lenet / "lenet5.keras"), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("other", [("--seed", "5"), ("--pictures", "300")])
def test_resume_refuses_another_recipe(
    other: tuple[str, str], lenet: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*train(data_dir, lenet), *other, "--resume"]) == 2
    assert "other options" in capsys.readouterr().err
    assert epochs(lenet) == [1, 2, 3, 4]


def test_ctrl_c_keeps_the_checkpoint(data_dir: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "digitrec.training", *train(data_dir, tmp_path), "--epochs", "5000"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("epoch 2 "):
            break
    process.send_signal(signal.SIGINT)
    said = process.stderr.read()
    assert process.wait() == 130
    assert "Traceback" not in said and "--resume" in said.splitlines()[-1]
    done = len(epochs(tmp_path))
    assert done >= 2
    assert main([*train(data_dir, tmp_path), "--resume", "--epochs", str(done + 1)]) == 0
    assert epochs(tmp_path)[-2:] == [done, done + 1]


def test_classic_trains_and_resumes_with_dropout(data_dir: Path, tmp_path: Path) -> None:
    whole = [*train(data_dir, tmp_path / "whole", "classic"), "--pictures", "200"]
    assert main([*whole, "--epochs", "2"]) == 0
    parts = [*train(data_dir, tmp_path, "classic"), "--pictures", "200"]
    assert main([*parts, "--epochs", "1"]) == 0
    assert main([*parts, "--epochs", "2", "--resume"]) == 0
    for ours, theirs in zip(
        weights(tmp_path / "classic.keras"), weights(tmp_path / "whole/classic.keras"), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
    assert weights(tmp_path / "classic.keras")[0].shape == (3, 3, 1, 32)
    assert (tmp_path / "classic.tflite").stat().st_size > 4_000_000


def test_svc_is_exported_as_it_decides(data_dir: Path, tmp_path: Path) -> None:
    from sklearn import svm

    from digitrec.training.svc import SvcRecipe, small_pictures

    assert main(train(data_dir, tmp_path, "svc")) == 0
    assert not [path for path in tmp_path.iterdir() if path.suffix not in {".tflite", ".keras", ".json", ""}]
    learnt, test = printed_digits(720, 1).take(slice(0, 600)), printed_digits(200, 2)
    machine = svm.SVC(
        C=SvcRecipe.__dataclass_fields__["c"].default, gamma=SvcRecipe.__dataclass_fields__["gamma"].default
    )
    machine.fit(small_pictures(learnt.x), learnt.y)
    ours = Classifier(tmp_path / "svc.tflite").classify(test.x).argmax(1)
    assert (ours == machine.predict(small_pictures(test.x))).mean() > 0.97
    assert (ours == test.y).mean() > 0.9


def test_quantise_gives_what_the_programs_take(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("digits.keras", "digits.tflite"):
        shutil.copy(ROOT / "models" / name, tmp_path)
    assert main(["quantise", str(tmp_path / "digits.keras")]) == 0
    assert len(capsys.readouterr().err.splitlines()) == 1
    form = fastest_form(tmp_path / "digits.tflite")
    assert form.name == "digits-int8.tflite"
    assert form.stat().st_size < (tmp_path / "digits.tflite").stat().st_size / 3
    seen = printed_digits(200, 5).x
    fast, slow = (Classifier(path).classify(seen) for path in (form, tmp_path / "digits.tflite"))
    assert (fast.argmax(axis=1) == slow.argmax(axis=1)).mean() > 0.98
    assert fast.min() < 1e-4  # a probability of 8 bits would be no less than 1/256 or nothing


def test_quick_trains_by_itself_and_goes_with_its_teacher(tmp_path: Path) -> None:
    few = write_mnist(tmp_path / "data", printed_digits(5120, 3), printed_digits(50, 4))
    out = tmp_path / "models"
    teacher = shutil.copy(ROOT / "models" / "digits.keras", tmp_path)
    arguments = ["--data-dir", str(few), "--out", str(out), "--epochs", "1", "--scenes", "0", "--start", teacher]
    assert main(["train", "--architecture", "quick", *arguments]) == 0
    shutil.copy(ROOT / "models" / "digits.tflite", out)
    note_sums(out, ["quick.tflite"])
    assert (out / "quick.tflite").is_file()
    assert note_sums(out, ["digits.tflite"])[0] == "quick.tflite"  # another one than before: none
    assert not (out / "quick.tflite").exists()
    assert (out / "quick.keras").is_file()  # what was trained is never removed
    assert read_sums(out).keys() == {"digits.tflite", "quick.keras"}


def test_shipped_begins_from_nothing_and_keeps_what_it_learnt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few, out = write_mnist(tmp_path / "data", printed_digits(5120, 3), printed_digits(50, 4)), tmp_path / "models"
    interrupt_after_an_epoch(monkeypatch)
    assert main(["train", "--data-dir", str(few), "--out", str(out), "--epochs", "2", "--scenes", "0"]) == 130
    (log,) = out.rglob("log.jsonl")
    assert [json.loads(line)["epoch"] for line in log.read_text().splitlines()] == [1]
    assert (log.parent / "checkpoint.keras").is_file()
    assert not list(out.rglob("*.tflite"))


def test_shipped_learns_to_answer_as_its_teachers_do_in_the_mean(tmp_path: Path) -> None:
    """Nothing else is learnt: of labels that are all wrong, hardly anything is left in the answers.

    5,000 pictures are held back for validation, so a small set has a few more.
    """
    digits = printed_digits(5120, 3)
    wrong = Samples(digits.x, (digits.y + 1) % 10)
    few, out = write_mnist(tmp_path / "data", wrong, printed_digits(50, 4)), tmp_path / "models"
    start, taught = (shutil.copy(ROOT / "models" / name, tmp_path) for name in ("digits.keras", "digits.tflite"))
    arguments = ["--data-dir", str(few), "--out", str(out), "--epochs", "1", "--scenes", "0", "--start", start]
    assert main(["train", *arguments, "--teacher", taught, "--teacher", taught]) == 0
    seen = printed_digits(200, 5)
    answers = [Classifier(path).classify(seen.x).argmax(axis=1) for path in (out / "digits.tflite", Path(taught))]
    assert (answers[0] == answers[1]).mean() > 0.9
    assert main(["verify", str(out / "digits.keras")]) == 0
    assert main(["verify", str(out / "quick.keras")]) == 0
    assert {"digits.tflite", "digits.keras", "quick.tflite", "quick.keras"} <= read_sums(out).keys()


def test_export_and_verify(lenet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(lenet / "lenet5.keras"), "--out", str(tmp_path / "mine.tflite")]) == 0
    assert (tmp_path / "mine.tflite").read_bytes()[4:8] == b"TFL3"
    assert "mine.tflite" in (tmp_path / "SHA256SUMS").read_text()
    capsys.readouterr()
    assert main(["verify", str(lenet / "lenet5.keras"), "--tflite", str(tmp_path / "mine.tflite")]) == 0
    assert "largest difference" in capsys.readouterr().out


def test_export_replaces_a_model_by_force_alone(
    lenet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = ["quick.tflite", "quick-int8.tflite", "digits-int8.tflite"]
    for name in ("digits.tflite", "digits.keras", "quick.keras", *made):
        (tmp_path / name).write_text("precious")
    command = ["export", str(lenet / "lenet5.keras"), "--out", str(tmp_path / "digits.tflite")]
    assert main(command) == 6
    (said,) = capsys.readouterr().err.strip().splitlines()
    assert "--force" in said and all(name in said for name in made) and ".keras" not in said
    assert {path.read_text() for path in tmp_path.iterdir()} == {"precious"}
    assert main([*command, "--force"]) == 0
    said = capsys.readouterr().err.strip().splitlines()[0]
    assert said.startswith("removed ") and all(name in said for name in made)
    assert {path.name for path in tmp_path.iterdir()} == {"digits.tflite", "digits.keras", "quick.keras", "SHA256SUMS"}
    assert (tmp_path / "digits.tflite").read_bytes()[4:8] == b"TFL3"


def test_verify_finds_another_network(lenet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shipped = ROOT / "models" / "digits.tflite"
    assert main(["verify", str(lenet / "lenet5.keras"), "--tflite", str(shipped)]) == 5
    assert "differ by" in capsys.readouterr().err
    broken = tmp_path / "lenet5.keras"
    broken.write_bytes((lenet / "lenet5.keras").read_bytes()[:-40])
    (tmp_path / "SHA256SUMS").write_text((lenet / "SHA256SUMS").read_text())
    assert main(["verify", str(broken), "--tflite", str(lenet / "lenet5.tflite")]) == 5
    assert "SHA-256 differs" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["model.h5", "model.pkl", "model.keras", "missing.keras", "model.onnx"])
def test_unsafe_and_damaged_models_are_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / name
    if name != "missing.keras":
        path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(64))
    assert main(["export", str(path)]) == 5
    said = capsys.readouterr().err
    assert len(said.strip().splitlines()) == 1 and name in said
    if path.suffix not in {".keras"}:
        assert "can run code" in said


def test_a_model_that_runs_code_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import keras

    inputs = keras.Input((28, 28, 1))
    x = keras.layers.Lambda(lambda t: t * 2)(inputs)
    keras.Model(inputs, keras.layers.Dense(10)(keras.layers.Flatten()(x))).save(tmp_path / "evil.keras")
    assert main(["export", str(tmp_path / "evil.keras")]) == 5
    assert "safe mode" in capsys.readouterr().err


def test_a_model_of_another_shape_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import keras

    inputs = keras.Input((32, 32, 3))
    outputs = keras.layers.Dense(4)(keras.layers.Flatten()(inputs))
    keras.Model(inputs, outputs).save(tmp_path / "cats.keras")
    assert main(["export", str(tmp_path / "cats.keras")]) == 5
    assert "(None, 32, 32, 3)" in capsys.readouterr().err


def test_evaluate_draws_and_counts(lenet: Path, data_dir: Path, tmp_path: Path) -> None:
    command = ["evaluate", "--model", str(lenet / "lenet5.tflite"), "--data-dir", str(data_dir), "--out", str(tmp_path)]
    assert main([*command, "--pictures", "10"]) == 0
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    trained = json.loads((lenet / "metrics.json").read_text())
    assert metrics["mnist"]["right"] == pytest.approx(trained["mnist_test"])
    easy = next(p for p in metrics["difficulty"]["size"] if p["value"] == 40)
    tiny = next(p for p in metrics["difficulty"]["size"] if p["value"] == 8)
    assert easy["right"] >= 0.6 > tiny["right"]
    assert (tmp_path / "errors-mnist.png").is_file()  # empty where all is right
    for name in ("confusion-mnist", "calibration-mnist", "difficulty"):
        assert (tmp_path / f"{name}.png").stat().st_size > 2000


def test_compare_prints_one_table(
    lenet: Path, data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["compare", "--only", "lenet5", "--runs", str(lenet.parent), "--out", str(tmp_path), "--quick"]
    assert main([*command, "--data-dir", str(data_dir)]) == 0
    table = capsys.readouterr().out.splitlines()
    row = dict(zip((c.strip() for c in table[0].split("|")), (c.strip() for c in table[2].split("|")), strict=True))
    trained = json.loads((lenet / "metrics.json").read_text())
    assert row["network"] == "lenet5" and row["parameters"] == "61,706"
    assert row["MNIST test"] == f"{trained['mnist_test']:.2%}" and row["photos F1"] == "-"
    assert (tmp_path / "compare.md").read_text().splitlines() == table


def test_plots(lenet: Path, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from digitrec.training.modelfiles import load_keras
    from digitrec.training.network import blocks_of

    monkeypatch.setattr("digitrec.training.plots._SHOWN", 120)
    monkeypatch.setattr("digitrec.training.plots._DIFFICULT", 10)
    command = ["plots", "--data-dir", str(data_dir), "--out", str(tmp_path), "--log", str(lenet / "log.jsonl")]
    assert main(command) == 0
    for name in ("samples", "architecture", "filters", "embedding", "training", "difficulty"):
        assert (tmp_path / f"{name}.png").stat().st_size > 2000
        assert (tmp_path / f"{name}.svg").read_text().startswith("<?xml")
    for name in ("stages-page", "stages-crop", "stages-touching", "ways"):
        assert (tmp_path / f"{name}.png").stat().st_size > 5000
    blocks = blocks_of(load_keras(lenet / "lenet5.keras"))
    assert sum(block.weights for block in blocks) == 61_706


def test_sample_passes_its_options_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
    calls = []
    monkeypatch.setattr("digitrec.training.sample.main", lambda *given: calls.append(given))
    assert main(["sample", "--data-dir", str(data_dir), "--out", str(tmp_path), "--seed", "7"]) == 0
    assert calls == [(data_dir, tmp_path, 7)]


def test_bar_tells_the_time_left() -> None:
    from digitrec.console import Console
    from digitrec.training.progress import Bar

    bar = Bar(Console(), "train", total=100, done=40)
    assert bar.line(0.0).endswith("...")
    bar.step(20)
    assert bar.line(30.0) == "train [##############..........]  60%  1:00 left"


@pytest.mark.skipif(os.name == "nt", reason="folders without write permission")
def test_an_output_that_cannot_be_written_is_told(
    lenet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["export", str(lenet / "lenet5.keras"), "--out", str(tmp_path / "file" / "x.tflite")]) == 6
    assert "cannot be written" in capsys.readouterr().err
