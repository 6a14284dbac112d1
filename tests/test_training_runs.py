"""What a training run finds in its folder is kept; what it says of it when it is interrupted is true."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from digitrec.console import Console
from digitrec.errors import OutputError, UsageError
from digitrec.interrupts import Interrupted
from digitrec.training import actions, compare, plain, release, string_release
from digitrec.training.commands import main, make_parser, run_of
from digitrec.training.parsing import ROOT
from digitrec.training.plain import PlainRun, train_plain
from digitrec.training.runs import Run, check_recipe
from tests.lab_data import printed_digits, write_mnist


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("precious")


@pytest.mark.parametrize(
    ("architecture", "name", "goes_on"),
    [
        ("lenet5", "checkpoint.keras", True),
        ("lenet5", "log.jsonl", True),
        ("lenet5", "lenet5.keras", False),
        ("svc", "svc.tflite", False),
        ("shipped", "stage-2/checkpoint.keras", True),
        ("shipped", "crops.npz", True),
        ("shipped", "digits.keras", False),
        ("quick", "quick.tflite", False),
        ("strings", "strings/pieces.npz", True),
        ("strings", "strings.keras", False),
    ],
)
def test_what_a_run_left_is_lost_by_force_alone(
    architecture: str, name: str, goes_on: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path, name)
    command = ["train", "--architecture", architecture, "--out", str(tmp_path)]
    assert main(command) == 6
    (said,) = capsys.readouterr().err.strip().splitlines()
    assert name in said and "--force" in said and ("--resume" in said) == goes_on
    assert (tmp_path / name).read_text() == "precious"
    run = Run(architecture, tmp_path)
    if goes_on:
        run.check(resume=True, force=True)
    else:
        with pytest.raises(OutputError):
            run.check(resume=True, force=False)
    run.begin(resume=True)
    run.check(resume=False, force=True)
    assert (tmp_path / name).read_text() == "precious"
    run.begin(resume=False)
    assert (tmp_path / name).exists() != goes_on  # a model stays until there is a new one


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("lenet5", 4, "holds no mnist.npz"),
        ("shipped", 4, "holds no mnist.npz"),
        ("shipped --start gone.keras", 5, "gone.keras is not there"),
        ("shipped --start gone.keras --teacher gone.tflite", 5, "gone.tflite cannot be read"),
        ("quick --start gone.keras", 5, "gone.keras is not there"),
        ("strings", 4, "holds no mnist.npz"),
        ("strings --start gone.keras", 5, "gone.keras is not there"),
    ],
)
def test_force_removes_nothing_before_all_that_is_given_was_opened(
    arguments: str, code: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(actions, "import_keras", lambda: None)
    monkeypatch.setattr(release, "build_shipped", lambda: None)  # it takes seconds
    names = (
        "checkpoint.keras",
        "crops.npz",
        "stage-2/checkpoint.keras",
        "strings/pieces.npz",
        "strings/checkpoint.keras",
    )
    put(tmp_path / "out", *names)
    (tmp_path / "data").mkdir()
    command = ["train", "--force", "--out", str(tmp_path / "out"), "--data-dir", str(tmp_path / "data")]
    assert main([*command, "--architecture", *arguments.split()]) == code
    (said,) = capsys.readouterr().err.strip().splitlines()
    assert words in said
    assert all((tmp_path / "out" / name).read_text() == "precious" for name in names)


def test_a_run_begins_when_its_pictures_were_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And before it trains: what an earlier one left must not be taken for its own."""
    write_mnist(tmp_path, printed_digits(60, 1), printed_digits(10, 2))
    put(tmp_path / "out", "checkpoint.keras")
    seen = list[bool]()

    def train(*_: object) -> None:
        seen.append((tmp_path / "out" / "checkpoint.keras").exists())
        raise Interrupted(signal.SIGINT)

    monkeypatch.setattr(actions, "import_keras", lambda: None)
    monkeypatch.setattr(plain, "_train", train)
    command = ["train", "--architecture", "lenet5", "--data-dir", str(tmp_path), "--out", str(tmp_path / "out")]
    assert [main([*command, option]) for option in ("--resume", "--force")] == [130, 130]
    assert seen == [True, False]


def test_compare_goes_on_with_a_run_that_was_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(compare, "train_plain", lambda run, console: asked.append(run.resume))
    put(tmp_path, "lenet5/checkpoint.keras")
    job = compare.Comparison((), (), tmp_path, None)
    for name in ("lenet5", "classic"):
        compare._model_of(name, job, Console())
    assert asked == [True, False]


def test_compare_leaves_an_unfinished_run_of_other_options_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(run: PlainRun, console: Console) -> None:
        check_recipe(run.out, {"seed": run.seed})

    monkeypatch.setattr(compare, "train_plain", train)
    put(tmp_path, "lenet5/checkpoint.keras")
    (tmp_path / "lenet5" / "recipe.json").write_text('{"seed": 5}')
    with pytest.raises(UsageError) as caught:
        compare._model_of("lenet5", compare.Comparison((), (), tmp_path, None, seed=1), Console())
    command = f"train --architecture lenet5 --out {tmp_path / 'lenet5'} --resume"
    assert "unfinished run with other options than compare's" in caught.value.message
    assert command in caught.value.message and "leave out" not in caught.value.message
    compare._model_of("lenet5", compare.Comparison((), (), tmp_path, None, seed=5), Console())


@pytest.mark.parametrize("act", ["train_release", "train_quick"])
def test_the_trainers_themselves_tell_what_cannot_be_written(act: str, tmp_path: Path) -> None:
    put(tmp_path, "file")
    with pytest.raises(OutputError, match="cannot be written"):
        getattr(release, act)(release.Release(None, tmp_path / "file", release.FROM_NOTHING))
    with pytest.raises(OutputError, match="cannot be written"):
        train_plain(PlainRun("lenet5", tmp_path / "file", None), Console())


def test_no_training_has_its_place_among_the_shipped_models() -> None:
    for name in ("shipped", "quick", "strings", "classic"):
        options = make_parser().parse_args(["train", "--architecture", name])
        assert run_of(options) == Run(name, Path("runs") / name)


@pytest.mark.parametrize(
    ("name", "left", "words"),
    [
        ("lenet5", (), "nothing is kept"),
        ("lenet5", ("log.jsonl",), "nothing is kept"),
        ("svc", ("checkpoint.keras",), "nothing is kept"),
        ("lenet5", ("checkpoint.keras",), "with --resume goes on from the last epoch"),
        ("shipped", ("crops.npz",), "no epoch is done; the same command with --resume takes crops.npz"),
        ("shipped", ("crops.npz", "stage-2/checkpoint.keras"), "goes on from the last epoch"),
        ("strings", ("strings/checkpoint.keras",), "goes on from the last epoch"),
    ],
)
def test_an_interrupted_run_says_what_is_kept(
    name: str,
    left: tuple[str, ...],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object) -> None:
        put(tmp_path, *left)
        raise Interrupted(signal.SIGINT)

    monkeypatch.setattr(actions, "run_train", interrupted)
    assert main(["train", "--architecture", name, "--out", str(tmp_path)]) == 130
    (said,) = capsys.readouterr().err.strip().splitlines()
    assert words in said and ("--resume" in said) == (words != "nothing is kept")


def test_a_run_goes_on_with_its_own_options_only(tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text('{"epochs": 3, "pictures": 200}')
    check_recipe(tmp_path, {"epochs": 9, "pictures": 200})
    with pytest.raises(UsageError, match="other options"):
        check_recipe(tmp_path, {"epochs": 3, "pictures": 300})
    (tmp_path / "recipe.json").write_text('{"epochs": 3')
    with pytest.raises(UsageError, match="other options"):
        check_recipe(tmp_path, {"epochs": 3, "pictures": 200})


@pytest.mark.parametrize("architecture", ["shipped", "quick", "strings"])
def test_a_run_goes_on_with_its_own_models_and_scenes_only(
    architecture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"

    def train(job: object, begin: Callable[[], None]) -> None:
        begin()
        put(out, "crops.npz", "strings/pieces.npz")

    monkeypatch.setattr(actions, "import_keras", lambda: None)
    monkeypatch.setattr(release, "train_release", train)
    monkeypatch.setattr(release, "train_quick", train)
    monkeypatch.setattr(string_release, "release_strings", train)
    models = [tmp_path / name for name in ("a.keras", "b.keras", "moved.keras")]
    for model, text in zip(models, ("a", "b", "a"), strict=True):
        model.write_text(text)
    a, b, moved = (["--start", str(model)] for model in models)
    taught = ["--teacher", str(models[0])] if architecture == "shipped" else []
    command = ["train", "--architecture", architecture, "--out", str(out)]
    assert main([*command, *a, *taught]) == 0
    assert main([*command, *moved, *taught, "--resume"]) == 0
    others = {"--start": [*b, *taught], "--scenes": [*a, *taught, "--scenes", "7"]}
    if taught:
        others["--teacher"] = [*a, "--teacher", str(models[1])]
        others["--start and --teacher"] = [*b]
    capsys.readouterr()
    for option, arguments in others.items():
        assert main([*command, *arguments, "--resume"]) == 2
        (said,) = capsys.readouterr().err.strip().splitlines()
        assert f"holds a run with another {option}. Give the same ones, or leave out --resume." in said
    assert main([*command, *b, "--force"]) == 0
    assert main([*command, *b, "--resume"]) == 0
    (out / f"{architecture}-given.json").unlink()  # as earlier versions left it
    assert main([*command, *a, *taught, "--resume"]) == 0


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("evaluate", "metrics.json"),
        ("evaluate", "difficulty.png"),
        ("evaluate", "errors-mnist.png"),
        ("compare", "compare.md"),
        ("compare", "compare.json"),
    ],
)
def test_earlier_results_are_lost_by_force_alone(
    command: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path, name)
    monkeypatch.setattr(actions, "import_keras", lambda: None)
    monkeypatch.setattr(compare, "measure_all", lambda *_: ([], []))
    arguments = [command, "--out", str(tmp_path), "--data-dir", str(tmp_path)]
    assert main(arguments) == 6
    (said,) = capsys.readouterr().err.strip().splitlines()
    assert name in said and "--force" in said
    assert (tmp_path / name).read_text() == "precious"
    assert main([*arguments, "--force"]) == (0 if command == "compare" else 4)  # no MNIST there: what is, stays
    assert ((tmp_path / name).read_text() == "precious") == (command == "evaluate")


@pytest.mark.parametrize("command", ["quantise", "train", "export", "evaluate", "plots", "sample"])
def test_help_says_a_default_once_and_not_where_the_project_lies(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "(default:" in said and str(ROOT) not in said and ") (default:" not in said


@pytest.mark.parametrize("architecture", ["lenet5", "shipped", "strings"])
def test_an_output_that_cannot_be_written_is_told_before_the_work(
    architecture: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path, "file")
    places = [tmp_path / "file", tmp_path / "file" / "x"] + ([Path("/proc/x")] if os.name == "posix" else [])
    for place in places:
        assert main(["train", "--architecture", architecture, "--out", str(place)]) == 6
        (said,) = capsys.readouterr().err.strip().splitlines()
        assert str(place) in said


@pytest.mark.parametrize("command", ["evaluate", "compare", "plots", "finetune --extra x", "export"])
def test_other_outputs_are_told_before_the_work_too(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path, "file")
    out = tmp_path / "file" if command in {"evaluate", "compare", "plots"} else tmp_path / "file" / "x.tflite"
    assert main([*command.split(), "--out", str(out), "--data-dir", str(tmp_path)]) == 6
    (said,) = capsys.readouterr().err.strip().splitlines()
    assert f"{tmp_path / 'file'} cannot be written" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lenet5", "--start", "x.keras"], "--start is for"),
        (["svc", "--scenes", "5"], "--scenes is for"),
        (["classic", "--scenes", "0"], "--scenes is for"),
        (["svc", "--epochs", "3"], "--epochs is for"),
        (["quick", "--pictures", "3"], "--pictures is for"),
    ],
)
def test_an_option_without_effect_is_refused(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "--out", str(tmp_path / "new"), "--architecture", *arguments]) == 2
    assert words in capsys.readouterr().err and not (tmp_path / "new").exists()
